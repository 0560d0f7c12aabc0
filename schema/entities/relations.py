"""How one thing is related to others: three kinds of relation, and inheritance.

Each helper stands on the right of a declaration and says nothing that the annotation says
already: the target, and whether it may be absent, are read from `Mapped[...]`.

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
"""Foreign and unique keys are checked at the end of a transaction: the order of writes is free."""


ASCENDING = "ascending"
"""The key of a constraint's `info` under which the two columns stand that it compares."""


def ascending(low: str, high: str) -> CheckConstraint:
    """Require the value of one column to be at most that of the other, where both are there."""
    return CheckConstraint(f"{low} <= {high}", name=f"{low}_{high}", info={ASCENDING: (low, high)})


MINIMUM = "minimum"
"""The key of a constraint's `info` under which a column stands, and what it has to be at least."""


def at_least(name: str, minimum: int) -> CheckConstraint:
    """Require the value of a column, where it is there, to be so much at least."""
    constraint = f"{name}_at_least_{minimum}"
    return CheckConstraint(f"{name} >= {minimum}", name=constraint, info={MINIMUM: (name, minimum)})


@dataclass(frozen=True)
class Inheritance:
    """Where a value comes from when there is none of its own."""

    via: str
    """The to-one relation that leads to the lender."""
    field: str
    """The lender's field or list."""


@dataclass(frozen=True)
class ReferenceMarker:
    """A relation to one other item, kept as `<name>_id`."""

    reverse: str | None
    doc: str | None


@dataclass(frozen=True)
class ReferencesMarker:
    """An ordered list of other items, kept in a link table."""

    inherit: str | None
    reverse: str | None
    doc: str | None


@dataclass(frozen=True)
class PartsMarker:
    """Ordered children that live and die with their owner."""

    doc: str | None


@dataclass(frozen=True)
class Inherit:
    """A field that another item lends; it may have a value of its own, a list of parts may not."""

    source: str
    doc: str | None


RelationMarker = ReferenceMarker | ReferencesMarker | PartsMarker


def reference(*, reverse: str | None = None, doc: str | None = None) -> Any:
    """Relate to one other item; `reverse` names the way back, a connection on the target."""
    return ReferenceMarker(reverse, doc)


def references(
    *, inherit: str | None = None, reverse: str | None = None, doc: str | None = None
) -> Any:
    """Relate to an ordered list of other items.

    With `inherit`, an empty list is answered with that of the named to-one relation: "location",
    or "role.tools" where its name there is another. `reverse` names the way back, a connection on
    the target to all that have it on their list, be it inherited.
    """
    return ReferencesMarker(inherit, reverse, doc)


def parts(*, doc: str | None = None) -> Any:
    """Own an ordered list of parts."""
    return PartsMarker(doc)


def inherit(source: str, *, doc: str | None = None) -> Any:
    """Take the value of a to-one relation ("location", "role.about") where there is none here."""
    return Inherit(source, doc)


def inheritance(source: str, name: str) -> Inheritance:
    """Read "role" or "role.about", written at the field `name`."""
    via, _, field = source.partition(".")
    return Inheritance(via, field or name)


_NOT_A_TARGET = {"Mapped", "list", "List", "Optional", "Union", "None", "ForwardRef"}


def target_of(annotation: object) -> tuple[str, bool]:
    """The class that an annotation names, and whether it may be absent.

    Read as text, because the class may not be there yet: `Mapped["Location | None"]`.
    """
    words = [word.rpartition(".")[2] for word in re.findall(r"[A-Za-z_][\w.]*", str(annotation))]
    targets = [word for word in words if word not in _NOT_A_TARGET]
    if len(targets) != 1:
        raise TypeError(f"{annotation} has to name one content type, as in Mapped[Location]")
    return targets[0], "None" in words or "Optional" in words
