"""What is different between two documents, and how changes to one are made to another.

The unit is what people edit by itself: a field, or a text in one locale. A list is one value, and
so are an item's parts.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schema.model import HEADER
from service.documents.document import Document
from service.documents.problems import Path


class Change(NamedTuple):
    """A value that is different; what is not there is None."""

    path: Path
    before: Any
    after: Any


def changes(before: Document, after: Document) -> list[Change]:
    """What has to be changed to make of one document the other, in the order of its keys."""
    old, new = values(before), values(after)
    paths = dict.fromkeys([*new, *old])
    found = (Change(path, old.get(path), new.get(path)) for path in paths)
    return [each for each in found if each.before != each.after]


def values(document: Document) -> dict[Path, Any]:
    """Every value that is edited by itself, by where it stands."""
    found: dict[Path, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            found |= {(key, str(locale)): text for locale, text in value.items()}
        elif key not in HEADER:
            found[(key,)] = value
    return found


def merged(document: Document, given: Document) -> dict[str, Any]:
    """A document with what is given put in: null takes a value away, in a map of locales too.

    An empty list is nothing, as in the documents of what is there.
    """
    made = dict(document)
    for key, value in given.items():
        if isinstance(value, Mapping):
            before = made.get(key)
            both = {**before, **value} if isinstance(before, Mapping) else value
            made[key] = {locale: text for locale, text in both.items() if text is not None} or None
        else:
            made[key] = value
    return {key: value for key, value in made.items() if value not in (None, [])}


def applied(document: Document, made: Iterable[Change]) -> dict[str, Any]:
    """A document with changes made to it that were found between two others."""
    given: dict[str, Any] = {}
    for (key, *locale), _, after in made:
        if locale:
            given.setdefault(str(key), {})[locale[0]] = after
        else:
            given[str(key)] = after
    return merged(document, given)


def common(one: Iterable[Change], other: Iterable[Change]) -> list[Path]:
    """What both change, and not to the same."""
    after = {each.path: each.after for each in other}
    missing = object()
    found = ((each.path, after.get(each.path, missing), each.after) for each in one)
    return [path for path, theirs, ours in found if theirs is not missing and theirs != ours]
