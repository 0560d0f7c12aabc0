"""The attributes of a content type: its fields and its relations."""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Column, String, Table, Text

from schema.editing import DescribedEnum
from schema.entities.fields import ENUMERATION, Format
from schema.entities.relations import Inheritance


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """What fields and relations have in common."""

    name: str
    """In snake case, as in Python and SQL."""
    doc: str | None
    inheritance: Inheritance | None = None
    renamed_from: str | None = None
    """The name that it had before, if autogenerate is to rename it."""

    @property
    def graphql_name(self) -> str:
        """In camel case, as in GraphQL and in documents."""
        return camel_case(self.name)

    @property
    def needs_value(self) -> bool:
        """Whether a document has to have a value for it; a default is a value."""
        return False


@dataclass(frozen=True, kw_only=True)
class ScalarField(Attribute):
    """A field that SQL reads: a stored one, or the derived `status` or `former_slugs`."""

    format: Format
    required: bool
    column: Column[Any]
    """The column in the working copy; for a derived field, a column of no table."""
    minimum: int | None = None
    """The smallest number that is allowed; None if there is no minimum."""

    @property
    def needs_value(self) -> bool:
        """Whether a document has to have a value for it; a default is a value."""
        return self.required and self.column.server_default is None

    @property
    def enumeration(self) -> type[enum.Enum]:
        """The Python enumeration of a declared field whose format is ENUM."""
        found: type[enum.Enum] = self.column.info[ENUMERATION]
        return found

    @property
    def names(self) -> Collection[str] | None:
        """The names that a field whose format is ENUM can have.

        None means any name: the field of an older table, which may have names that are no longer
        declared.
        """
        return self.enumeration.__members__ if ENUMERATION in self.column.info else None


class Status(DescribedEnum):
    """How the working copy of an item compares with what is published of it, in one locale."""

    DRAFT = "DRAFT", "The item is not published."
    PUBLISHED = "PUBLISHED", "The current version of the item is published."
    CHANGED = "CHANGED", "An older version of the item is published."
    SCHEDULED = "SCHEDULED", "A release is going to publish the item, whatever is published now."


STATUS = "status"
"""The name of a field that is derived instead of stored; parts do not have it."""


def status() -> ScalarField:
    column: Column[Any] = Column(STATUS, String(), nullable=False, info={ENUMERATION: Status})
    return ScalarField(
        name=STATUS,
        doc="The publication status in the requested locale. At the stage `LIVE`, always "
        "`PUBLISHED`.",
        format=Format.ENUM,
        required=True,
        column=column,
    )


FORMER_SLUGS = "former_slugs"
"""The name of another derived field; parts do not have it either."""


def former_slugs() -> ScalarField:
    column: Column[Any] = Column(FORMER_SLUGS, ARRAY(Text), nullable=False)
    return ScalarField(
        name=FORMER_SLUGS,
        doc="Slugs under which the item was published before, and which still find it.",
        format=Format.LIST,
        required=True,
        column=column,
    )


@dataclass(frozen=True, kw_only=True)
class Computed(Attribute):
    """A field that Python computes from other fields of the item, in a locale."""

    needs: tuple[str, ...]
    """The names of the fields that it is computed from."""
    compute: Callable[..., Any]
    """Called with the locale and the values of these fields; see `schema.computed`."""
    returns: Any
    """The Python type of the result."""


class Reading(enum.Enum):
    """What a row was read as; the values are the names of the fields, in snake case."""

    ITEM_ID = "item_id"
    LOCALE = "locale"
    STAGE = "stage"


@dataclass(frozen=True, kw_only=True)
class ReadAs(Attribute):
    """A field that says what the item was read as."""

    reading: Reading


def read_as() -> tuple[ReadAs, ...]:
    """The fields that say what an item, or a part, was read as."""
    docs = {
        Reading.ITEM_ID: "The id that is the same in every locale and at both stages.",
        Reading.LOCALE: "The locale that it was read in. Missing texts come from its fallbacks.",
        Reading.STAGE: "The stage that it was read at.",
    }
    return tuple(ReadAs(name=each.value, doc=doc, reading=each) for each, doc in docs.items())


@dataclass(frozen=True, kw_only=True)
class Statuses(Attribute):
    """The publication status of the item, in each locale."""


@dataclass(frozen=True, kw_only=True)
class Provenance(Attribute):
    """The locales that the texts of an item, or of a part, come from."""


@dataclass(frozen=True, kw_only=True)
class Translations(Attribute):
    """The item in each locale."""


@dataclass(frozen=True, kw_only=True)
class Scheduled(Attribute):
    """What is scheduled for the item."""


@dataclass(frozen=True, kw_only=True)
class History(Attribute):
    """The revisions of the item."""


LookedUp = Provenance | Statuses | Translations | Scheduled | History
"""The attributes that are looked up for an item: neither values of it nor relations."""


@dataclass(frozen=True, kw_only=True)
class Relation(Attribute):
    """A link from an item to other items; `target` is the name of their content type."""

    target: str
    reverse: str | None = None
    """The name of the reverse relation on the target; None if there is none."""


@dataclass(frozen=True, kw_only=True)
class Reference(Relation):
    """A reference to one other item, stored as a foreign key."""

    required: bool

    @property
    def column(self) -> str:
        """The column that holds the other item's id."""
        return f"{self.name}_id"

    @property
    def needs_value(self) -> bool:
        """Whether a document has to have a value for it."""
        return self.required


@dataclass(frozen=True, kw_only=True)
class Owner(Reference):
    """The reference from a part to its owner."""

    required: bool = True

    @property
    def column(self) -> str:
        """The column that holds the owner's id."""
        return "owner_id"


@dataclass(frozen=True, kw_only=True)
class References(Relation):
    """An ordered list of other items, through a link table."""

    draft: Table
    live: Table


@dataclass(frozen=True, kw_only=True)
class Parts(Relation):
    """An ordered list of parts."""


@dataclass(frozen=True, kw_only=True)
class InheritedList(Relation):
    """A list that is always inherited: the item has no list of its own."""

    inheritance: Inheritance


@dataclass(frozen=True, kw_only=True)
class Reverse(Relation):
    """The reverse of the relation `through`: the items that refer to this one."""

    through: Reference | References


def column_of(attribute: Attribute) -> str:
    """The name of the column of a stored field or reference."""
    return attribute.column if isinstance(attribute, Reference) else attribute.name


@cache
def camel_case(name: str) -> str:
    """`salary_ranges` as `salaryRanges`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
