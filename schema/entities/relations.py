"""Relations between items: references, lists of references, parts, and inheritance.

Each helper is the right side of a declaration. The target, and whether it is optional, are read
from the annotation `Mapped[...]`.

    location: Mapped[Location] = reference(reverse="guides")
    skills: Mapped[list["Skill"]] = references(inherit="role")
    salary_ranges: Mapped[list[SalaryRange]] = parts()
    about_role: Mapped[RichText | None] = inherit("role.about")
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint

DEFERRED: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
"""Options of a key that is checked when the transaction ends, so writes may come in any order."""


ASCENDING = "ascending"
"""The key in a constraint's `info` that holds the names of the two columns it compares."""


def ascending(low: str, high: str) -> CheckConstraint:
    """A constraint for `__table_args__`: the column `low` is at most `high`, or one is null."""
    return CheckConstraint(f"{low} <= {high}", name=f"{low}_{high}", info={ASCENDING: (low, high)})


MINIMUM = "minimum"
"""The key in a constraint's `info` that holds the name of a column, and its minimum."""


def at_least(name: str, minimum: int) -> CheckConstraint:
    """A constraint for `__table_args__`: the column `name` is at least `minimum`, or null."""
    constraint = f"{name}_at_least_{minimum}"
    return CheckConstraint(f"{name} >= {minimum}", name=constraint, info={MINIMUM: (name, minimum)})


@dataclass(frozen=True)
class Inheritance:
    """The field that a value is inherited from."""

    via: str
    """The reference to the item that has this field."""
    field: str
    """The field or list of that item."""


@dataclass(frozen=True)
class ReferenceMarker:
    """A reference to one other item, stored in the column `<name>_id`."""

    reverse: str | None
    doc: str | None
    renamed_from: str | None = None


@dataclass(frozen=True)
class ReferencesMarker:
    """An ordered list of references, stored in a link table."""

    inherit: str | None
    reverse: str | None
    doc: str | None
    renamed_from: str | None = None


@dataclass(frozen=True)
class PartsMarker:
    """An ordered list of parts, which are deleted with their owner."""

    doc: str | None
    renamed_from: str | None = None


@dataclass(frozen=True)
class Inherit:
    """An inherited field. It may have a value of its own; an inherited list may not."""

    source: str
    doc: str | None
    renamed_from: str | None = None


RelationMarker = ReferenceMarker | ReferencesMarker | PartsMarker


def reference(
    *, reverse: str | None = None, doc: str | None = None, renamed_from: str | None = None
) -> Any:
    """Declare a reference to one other item.

    `reverse` is the name of a connection on the target, of all items that refer to it. `doc` is the
    description in the GraphQL schema and in the JSON Schema of documents. `renamed_from` is the
    name that the reference had before, as in `schema.entities.fields.field`.
    """
    return ReferenceMarker(reverse, doc, renamed_from)


def references(
    *,
    inherit: str | None = None,
    reverse: str | None = None,
    doc: str | None = None,
    renamed_from: str | None = None,
) -> Any:
    """Declare an ordered list of references to other items.

    With `inherit`, an item whose list is empty has the list of the item that a reference leads to:
    "location" names the reference, "role.tools" also the list, if that has another name. `reverse`
    is the name of a connection on the target, of all items whose list includes it, inherited lists
    too. `doc` is the description, as in `reference`; it need not mention the inheritance.
    `renamed_from` is as in `reference`.
    """
    return ReferencesMarker(inherit, reverse, doc, renamed_from)


def parts(*, doc: str | None = None, renamed_from: str | None = None) -> Any:
    """Declare an ordered list of parts; `doc` and `renamed_from` are as in `reference`."""
    return PartsMarker(doc, renamed_from)


def inherit(source: str, *, doc: str | None = None, renamed_from: str | None = None) -> Any:
    """Declare a field that is inherited by items that have no value of their own.

    The source is a reference: "location" for the field of the same name of the item that it leads
    to, "role.about" for another one. `doc` is the description, as in `reference`; it need not
    mention the inheritance of a value. `renamed_from` is as in `reference`.
    """
    return Inherit(source, doc, renamed_from)


def inheritance(source: str, name: str) -> Inheritance:
    """Parse the source "role" or "role.about" of the field `name`."""
    via, _, field = source.partition(".")
    return Inheritance(via, field or name)


_NOT_A_TARGET = {"Mapped", "list", "List", "Optional", "Union", "None", "ForwardRef"}


def target_of(annotation: object) -> tuple[str, bool]:
    """The name of the class in an annotation, and whether the annotation is optional.

    It is read as text, because the class may not exist yet: `Mapped["Location | None"]`.
    """
    words = [word.rpartition(".")[2] for word in re.findall(r"[A-Za-z_][\w.]*", str(annotation))]
    targets = [word for word in words if word not in _NOT_A_TARGET]
    if len(targets) != 1:
        raise TypeError(f"{annotation} has to name one content type, as in Mapped[Location]")
    return targets[0], "None" in words or "Optional" in words
