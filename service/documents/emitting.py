"""Documents as YAML: the same bytes for the same content, and comments left where they are."""

from ruamel.yaml.error import YAMLError

from service.documents import rendering
from service.documents.document import Document
from service.documents.matching import same
from service.documents.parsing import value_of
from service.documents.rewriting import Keys, rewritten
from service.documents.syntax import parsed


def as_yaml(document: Document) -> str:
    """A document as the text of a file."""
    return rendering.block(document)


def renewed(text: str, document: Document, keys: Keys | None = None) -> str:
    """The text of a file, with what is different in the document put in.

    Whatever is in the text, what is returned says the document when it is read. `keys` are the
    fields that tell the maps in a list apart, by the name of the list.
    """
    if _says(text, document):
        return text
    whole = text if text.endswith("\n") else f"{text}\n"
    tree, old = parsed(whole), value_of(whole)
    for apart in (False, True):
        try:
            found = rewritten(tree, old, document, keys or {}, apart=apart)
        except (ValueError, RecursionError):
            # Keys that are no texts, lines that end oddly, a value that holds itself.
            break
        if _says(found, document):
            return found
    return as_yaml(document)


def _says(text: str, document: Document) -> bool:
    try:
        return same(value_of(text), document)
    except (YAMLError, ValueError, LookupError, TypeError, RecursionError):
        return False
