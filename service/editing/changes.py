"""The difference between two documents, and how to apply it to a third.

The unit is a value that people edit on its own: a field, or the text of a field in one locale. A
list is one value, and so are all parts of an item together.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schema.model import HEADER
from service.documents.document import Document
from service.documents.problems import Path


class Change(NamedTuple):
    """A value that differs between two documents; None where a document does not have it."""

    path: Path
    before: Any
    after: Any


def changes(before: Document, after: Document) -> list[Change]:
    """The changes that turn `before` into `after`, in the order of the keys of `after`.

    Values that only `before` has come last.
    """
    old, new = values(before), values(after)
    paths = dict.fromkeys([*new, *old])
    found = (Change(path, old.get(path), new.get(path)) for path in paths)
    return [each for each in found if each.before != each.after]


def values(document: Document) -> dict[Path, Any]:
    """Every value that is edited on its own, by its path; without the keys of the header.

    The path is `(field,)`, or `(field, locale)` for a localized text.
    """
    found: dict[Path, Any] = {}
    for key, value in document.items():
        if isinstance(value, Mapping):
            found |= {(key, str(locale)): text for locale, text in value.items()}
        elif key not in HEADER:
            found[(key,)] = value
    return found


def merged(document: Document, given: Document) -> dict[str, Any]:
    """A document with the given values set in it. It is a new document.

    None removes a value, or a text in one locale; a localized field keeps the locales that are not
    given. An empty list removes the list, because documents leave empty lists out.
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
    """A document with changes applied to it that were found between two other documents."""
    return merged(document, as_given(made))


def as_given(made: Iterable[Change]) -> dict[str, Any]:
    """Changes as a document to be merged: None removes a value, and [] a list."""
    given: dict[str, Any] = {}
    for (key, *locale), before, after in made:
        if locale:
            given.setdefault(str(key), {})[str(locale[0])] = after
        else:
            given[str(key)] = [] if after is None and isinstance(before, list) else after
    return given


def common(one: Iterable[Change], other: Iterable[Change]) -> list[Path]:
    """The paths that both sides change, to different values."""
    after = {each.path: each.after for each in other}
    missing = object()
    found = ((each.path, after.get(each.path, missing), each.after) for each in one)
    return [path for path, theirs, ours in found if theirs is not missing and theirs != ours]
