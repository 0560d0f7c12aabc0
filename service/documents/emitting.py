"""Documents as YAML: the same bytes for the same content; comments keep their places."""

from ruamel.yaml.error import YAMLError

from service.documents import rendering
from service.documents.document import Document
from service.documents.matching import same
from service.documents.parsing import value_of
from service.documents.rewriting import Keys, rewritten
from service.documents.syntax import parsed


def as_yaml(document: Document) -> str:
    """A document as the text of a new file."""
    return rendering.block(document)


def renewed(text: str, document: Document, keys: Keys | None = None) -> str:
    """The text of a file with a new document in it; what has not changed stays as it is written.

    Whatever the text was, the result reads as the document. `keys` has the fields that identify the
    maps in a list, by the name of the list.
    """
    if _says(text, document):
        return text
    whole = text if text.endswith("\n") else f"{text}\n"
    tree, old = parsed(whole), value_of(whole)
    for apart in (False, True):
        try:
            found = rewritten(tree, old, document, keys or {}, apart=apart)
        except (ValueError, RecursionError):
            # The file has keys that are not text, odd line ends, or a value that contains itself.
            break
        if _says(found, document):
            return found
    return as_yaml(document)


def _says(text: str, document: Document) -> bool:
    try:
        return same(value_of(text), document)
    except (YAMLError, ValueError, LookupError, TypeError, RecursionError):
        return False
