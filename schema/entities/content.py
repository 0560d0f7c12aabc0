"""The base classes of all content, and what follows from a declaration at once: its tables.

A declaration makes tables in two schemas of the database. `draft` holds the working copy, with
localized fields as JSON and relations as foreign keys. `live` holds the published copy in the
shape in which it is delivered; see `schema.entities.live_tables`.

The relationships made here are for reading and never load by themselves: content is written as
documents, in one way only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import MappedAnnotationError

from schema.entities.comments import comment_on, comment_on_lists
from schema.entities.fields import (
    COLUMN_TYPES,
    RENAMED_FROM,
    USABLE,
    LocalizedSlug,
    Slug,
    format_of,
    known_format,
    store_as_text,
)
from schema.entities.live_tables import live_link_table, live_table
from schema.entities.relations import (
    DEFERRED,
    Inherit,
    PartsMarker,
    ReferenceMarker,
    ReferencesMarker,
    RelationMarker,
    inheritance,
    target_of,
)

DRAFT = "draft"
LIVE = "live"

INHERITANCE = "inheritance"
"""The key of a column's `info` under which its `Inheritance` stands."""

ID_DOC = (
    "A globally unique id. It names what was read: the item, its locale and its stage, so it is a "
    "key for caches, and `node` finds the same by it. It does not change when the item is edited."
)

LOCALIZED_SLUG = "localized_slug"
"""The field with the slugs that an item has in some locales besides its `slug`."""

BOOKKEEPING = ("version", "created_at", "updated_at", "published_at")
"""The fields of every content type that only the service writes."""

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of every table: one `MetaData` for the working copy and the live one."""

    metadata = MetaData(schema=DRAFT, naming_convention=NAMING_CONVENTION)
    type_annotation_map = COLUMN_TYPES


class Statistics(NamedTuple):
    """The declaration of a root field with aggregates of a part's numbers over all items."""

    name: str
    """The name of the root field, in snake case."""
    units: tuple[str, ...]
    """The fields that say in which unit the numbers are; numbers in different units never mix."""


@dataclass
class Declaration:
    """What a declaration says that is not in the entity's own table."""

    relations: dict[str, RelationMarker] = field(default_factory=dict)
    inherited: dict[str, Inherit] = field(default_factory=dict)
    """Lists that are only ever another item's."""
    links: dict[str, tuple[Table, Table]] = field(default_factory=dict)
    """The link tables of each list, draft and live."""
    live: Table | None = None
    """The live table; that of a part is made when its owner is declared."""
    plural: str = ""
    """The name of many of them, in snake case."""
    renamed_from: str | None = None
    """The name that the type had before."""
    statistics: "Statistics | None" = None


class Entity(Base):
    """The base of content types and parts."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10, doc=ID_DOC)

    __declaration__: ClassVar[Declaration]

    def __init_subclass__(cls, **options: Any) -> None:
        if "__abstract__" in cls.__dict__:
            super().__init_subclass__(**options)
            return
        cls.__tablename__ = snake_case(cls.__name__)
        cls.__declaration__ = Declaration()
        for name, marker in [*cls.__dict__.items()]:
            if isinstance(marker, RelationMarker):
                _relate(cls, name, marker)
            elif isinstance(marker, Inherit):
                _lend(cls, name, marker)
        try:
            super().__init_subclass__(**options)
        except MappedAnnotationError as error:
            raise TypeError(f"{cls.__name__}: {error}; {USABLE}") from error
        for column in table_of(cls).columns:
            store_as_text(column)
        _check_formats(cls)
        _comment(cls)
        _complete(cls)


class Content(Entity):
    """A content type: declare a subclass, and it is stored, published and queried.

    `plural` is the plural of the type's name in snake case. It is only needed where English is
    irregular: `plural="people"`. `renamed_from` is the name that the type had before: autogenerate
    renames its tables then; afterwards it has no effect.
    """

    __abstract__ = True

    slug: Mapped[Slug] = mapped_column(
        unique=True,
        sort_order=-9,
        doc="The name of the item in addresses, unique among the items of its type.",
    )
    localized_slug: Mapped[LocalizedSlug | None] = mapped_column(
        sort_order=-8,
        doc="The slug in the addresses of a locale: the one given for it or for a fallback of it, "
        "else `slug`. No other item of the type may have it.",
    )
    version: Mapped[int] = mapped_column(
        sort_order=90,
        doc="The version of the item, counted from 1. Every change to its content adds 1. At the "
        "stage `LIVE`, the version that is published.",
    )
    created_at: Mapped[datetime] = mapped_column(sort_order=91, doc="When the item was created.")
    updated_at: Mapped[datetime] = mapped_column(
        sort_order=92, doc="When the content of the item last changed."
    )
    published_at: Mapped[datetime | None] = mapped_column(
        sort_order=93,
        doc="When the item was last published: at the stage `LIVE` in the requested locale, at the "
        "stage `DRAFT` in any locale. Null if it never was.",
    )

    def __init_subclass__(
        cls, plural: str | None = None, renamed_from: str | None = None, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        cls.__declaration__.renamed_from = renamed_from
        lists = cls.__declaration__.relations.items()
        inherited = (
            name for name, each in lists if isinstance(each, ReferencesMarker) and each.inherit
        )
        cls.__declaration__.live = live_table(table_of(cls), LIVE, inherited)
        slugs = table_of(cls).c[LOCALIZED_SLUG]
        name = f"ix_{cls.__tablename__}_{LOCALIZED_SLUG}"
        Index(
            name,
            slugs_in_locales(slugs),
            postgresql_using="gin",
            postgresql_where=slugs.is_not(None),
            # Entries would be looked through until the next vacuum.
            postgresql_with={"fastupdate": "off"},
        )
        cls.__declaration__.plural = plural or plural_of(snake_case(cls.__name__))


class Part(Entity):
    """Something that belongs to one item, its owner, and is deleted with it.

    `statistics` is the name of a root field with aggregates of its numbers over all items, such as
    `statistics="salary_statistics"`. `units` are the fields that say in which unit these numbers
    are: an aggregate never mixes numbers whose units differ. `renamed_from` is as in `Content`.
    """

    __abstract__ = True

    owner_id: Mapped[UUID] = mapped_column(index=True, sort_order=-8)
    position: Mapped[int] = mapped_column(
        sort_order=-7, doc="The position in its list, counted from 1."
    )

    def __init_subclass__(
        cls,
        statistics: str | None = None,
        units: Sequence[str] = (),
        renamed_from: str | None = None,
        **options: Any,
    ) -> None:
        super().__init_subclass__(**options)
        cls.__declaration__.renamed_from = renamed_from
        cls.__declaration__.plural = plural_of(snake_case(cls.__name__))
        if statistics:
            cls.__declaration__.statistics = Statistics(statistics, tuple(units))


def table_of(cls: type[Entity]) -> Table:
    """The entity's table of the working copy."""
    return cast(Table, cls.__table__)


def slugs_in_locales(localized: ColumnElement[Any]) -> ColumnElement[Any]:
    """The slugs of a working copy in its locales, as JSON that an index can look them up in."""
    return func.jsonb_path_query_array(localized, literal_column("'$.*'::jsonpath"), type_=JSONB())


def plural_of(name: str) -> str:
    """`company` as `companies`, `guide` as `guides`."""
    return re.sub(r"(?<=[^aeiou])y$", "ie", name) + "s"


def snake_case(name: str) -> str:
    """`SalaryRange` as `salary_range`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _relate(cls: type[Entity], name: str, marker: RelationMarker) -> None:
    """Put a relationship, and the foreign key of a reference, in the marker's place."""
    cls.__declaration__.relations[name] = marker
    target, optional = target_of(cls.__annotations__[name])
    options: dict[str, Any] = {"lazy": "raise", "viewonly": True, "doc": marker.doc}
    if isinstance(marker, ReferenceMarker):
        key = mapped_column(
            Uuid,
            ForeignKey(f"{DRAFT}.{snake_case(target)}.id", **DEFERRED),
            nullable=optional,
            index=True,
        )
        setattr(cls, f"{name}_id", key)
        options |= {"foreign_keys": [key], "remote_side": f"{target}.id"}
    elif isinstance(marker, ReferencesMarker):
        options |= {
            "secondary": lambda: cls.__declaration__.links[name][0],
            "primaryjoin": lambda: cls.id == cls.__declaration__.links[name][0].c.owner_id,
            "secondaryjoin": f"{target}.id == {DRAFT}.{cls.__tablename__}_{name}.c.target_id",
            "order_by": lambda: cls.__declaration__.links[name][0].c.position,
        }
    else:
        options |= {"order_by": f"{target}.position"}
    setattr(cls, name, relationship(target, **options))


def _lend(cls: type[Entity], name: str, marker: Inherit) -> None:
    """Make an inherited field a column of its own, and keep an inherited list out of the table."""
    if re.search(r"Mapped\[[\w.]*[lL]ist\[", str(cls.__annotations__[name])):
        cls.__declaration__.inherited[name] = marker
        del cls.__annotations__[name]
        delattr(cls, name)
    else:
        info: dict[str, Any] = {INHERITANCE: inheritance(marker.source, name)}
        if marker.renamed_from:
            info[RENAMED_FROM] = marker.renamed_from
        setattr(cls, name, mapped_column(info=info, doc=marker.doc))


def _check_formats(cls: type[Entity]) -> None:
    """Refuse a field that is of no format, or unique although it holds several values."""
    table = table_of(cls)
    formats = {
        column.name: format_of(column, f"{cls.__name__}.{column.name}")
        for column in table.columns
        if not column.foreign_keys and column.name != "owner_id"
    }
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            for name in constraint.columns.keys() & formats.keys():
                if formats[name].holds_several:
                    message = f"{cls.__name__}.{name} cannot be unique: it holds several values"
                    raise TypeError(message)


def _comment(cls: type[Entity]) -> None:
    """Say in the database what its types do not; see `schema.entities.comments`."""
    table = table_of(cls)
    for column in table.columns:
        column.comment = comment_on(known_format(column), column.info.get(INHERITANCE))
    lists = cls.__declaration__.inherited.items()
    table.comment = comment_on_lists((name, inheritance(it.source, name)) for name, it in lists)


def _complete(cls: type[Entity]) -> None:
    """Make the tables that depend on the class's own: of its links and of its parts."""
    for constraint in table_of(cls).constraints:
        if isinstance(constraint, UniqueConstraint):
            constraint.deferrable, constraint.initially = True, "DEFERRED"
    for name, marker in cls.__declaration__.relations.items():
        target, _ = target_of(cls.__annotations__[name])
        if isinstance(marker, ReferencesMarker):
            source = inheritance(marker.inherit, name) if marker.inherit else None
            links = _links(cls, name, target, comment_on(None, source))
            cls.__declaration__.links[name] = links
        elif isinstance(marker, PartsMarker):
            _own(cls, name, target)


def _links(cls: type[Entity], name: str, target: str, comment: str | None) -> tuple[Table, Table]:
    draft = Table(
        f"{cls.__tablename__}_{name}",
        cls.metadata,
        Column(
            "owner_id",
            Uuid,
            ForeignKey(f"{DRAFT}.{cls.__tablename__}.id", ondelete="CASCADE", **DEFERRED),
            primary_key=True,
        ),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column(
            "target_id",
            Uuid,
            ForeignKey(f"{DRAFT}.{snake_case(target)}.id", **DEFERRED),
            nullable=False,
            index=True,
        ),
        comment=comment,
    )
    return draft, live_link_table(draft, LIVE)


def _own(cls: type[Entity], name: str, target: str) -> None:
    """Tie the table of a part to its owner's, now that the owner is known.

    The comment of the table is the name of the list, which nothing else in the database says.
    """
    parts = (each for each in Part.__subclasses__() if each.metadata is cls.metadata)
    part = next((part for part in parts if part.__name__ == target), None)
    if part is None or part.__declaration__.live is not None:
        raise TypeError(
            f"{cls.__name__}.{name}: {target} has to be a Part, declared before its owner and "
            "owned by no other type"
        )
    table = table_of(part)
    table.comment = name
    owner = f"{DRAFT}.{cls.__tablename__}.id"
    table.append_constraint(
        ForeignKeyConstraint(["owner_id"], [owner], ondelete="CASCADE", **DEFERRED)
    )
    part.__declaration__.live = live_table(table, LIVE)
