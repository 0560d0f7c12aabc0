"""What comments in the database say of the working copy, and no type or key there does.

The comment of a column names its format, if other formats have the same type, and what its field
inherits: `URL, inherits location.website`. That of a link table says the same of its list, and that
of an item's table names the lists that are only ever inherited. An older revision runs when all
this may no longer be declared; see `schema.reflection`.

The comment of a table of parts is the name of their list.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from schema.entities.fields import Format
from schema.entities.relations import Inheritance

_INHERITS = re.compile(r"(\w*) ?inherits (\w+)\.(\w+)")

Comments = Mapping[tuple[str, str | None], str]
"""The comments of the working copy by table and column, or by table and None."""


def is_named(format_: Format | None) -> bool:
    """Whether values of a format are stored as any text is, so that its name is needed."""
    match format_:
        case Format.SLUG | Format.URL | Format.COUNTRY_CODE | Format.CURRENCY_CODE:
            return True
    return False


class Described(NamedTuple):
    """What the comment of a column or of a link table says."""

    format: Format | None
    """One that `is_named`; None for any other one."""
    inheritance: Inheritance | None


def comment_on(format_: Format | None, source: Inheritance | None) -> str | None:
    """The comment of a column, or of a link table."""
    said = [format_.label] if format_ and is_named(format_) else []
    return ", ".join([*said, *([_inherits(source)] if source else [])]) or None


def described(comment: str | None) -> Described:
    """What a comment says."""
    label = (comment or "").partition(", ")[0]
    format_ = next((each for each in Format if is_named(each) and each.label == label), None)
    return Described(format_, next((each for _, each in _sources(comment)), None))


def comment_on_lists(lists: Iterable[tuple[str, Inheritance]]) -> str | None:
    """The comment of the table of items that inherit lists, and have none of their own."""
    return ", ".join(f"{name} {_inherits(source)}" for name, source in lists) or None


def described_lists(comment: str | None) -> dict[str, Inheritance]:
    """What is inherited, by the names of lists."""
    return {name: source for name, source in _sources(comment) if name}


def with_names(comment: str, change: Callable[[str, Inheritance], tuple[str, Inheritance]]) -> str:
    """A comment with other names of lists, and of what is inherited."""
    said = []
    for each in comment.split(", "):
        if found := _INHERITS.fullmatch(each):
            name, source = change(found[1], Inheritance(found[2], found[3]))
            said.append(f"{name} {_inherits(source)}".lstrip())
        else:
            said.append(each)
    return ", ".join(said)


def are_kept(comments: Comments) -> bool:
    """Whether a database has the comments: of every slug it says that it is one."""
    return any(column == "slug" and said == _SLUG for (_, column), said in comments.items())


_SLUG = comment_on(Format.SLUG, None)


def _inherits(source: Inheritance) -> str:
    return f"inherits {source.via}.{source.field}"


def _sources(comment: str | None) -> Iterator[tuple[str, Inheritance]]:
    for each in (comment or "").split(", "):
        if found := _INHERITS.fullmatch(each):
            yield found[1], Inheritance(found[2], found[3])
