"""Names that content has and its enumerations do not: they were removed from the declaration.

The database stores enumerations as text and accepts every name, so whoever is about to rely on the
declared names looks for others first.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, literal, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Parts, ScalarField
from schema.delivery import Stage
from schema.entities.fields import Format
from schema.errors import ErrorCode
from schema.model import ContentType, Model
from service.documents.problems import ContentError, Problem
from service.documents.records import Key

MOST = 10
"""The number of items that a problem names; of the others it gives the number."""

_COPIES = {Stage.DRAFT: " (working copy)", Stage.LIVE: " (live copy)"}


class UnknownName(NamedTuple):
    """A name that an item has in one of its copies, and that its enumeration does not have."""

    type: str
    path: tuple[str, ...]
    """The field; for a field of parts, without their positions."""
    name: str
    slug: str
    """The slug of the working copy."""
    stage: Stage

    @property
    def key(self) -> Key:
        """The item."""
        return self.type, self.slug


async def unknown_names(
    connection: AsyncConnection, model: Model, tables: Model | None = None
) -> list[UnknownName]:
    """Every unknown name in both copies of the content.

    `tables` is the model of the tables if they may not be those of `model`.
    """
    declared = (each for each in _enumerations(model) if tables is None or each.is_in(tables))
    statements = [each.unknown(stage) for each in declared for stage in Stage]
    rows = await connection.execute(union(*statements)) if statements else ()
    found = (
        UnknownName(type_, tuple(path.split(".")), name, slug, Stage[stage])
        for type_, path, name, slug, stage in rows
    )
    return sorted(found, key=lambda each: (*each[:-1], each.stage.name))


async def refuse_unknown_names(
    connection: AsyncConnection, model: Model, tables: Model | None = None
) -> None:
    """Raise `ContentError` if content has unknown names; see `unknown_names`."""
    if found := await unknown_names(connection, model, tables):
        raise ContentError([*problems(model, found)])


def problems(model: Model, found: Iterable[UnknownName]) -> Iterator[Problem]:
    """One problem for each unknown name of a field, with the items that have it."""
    known = {(each.owner.name, each.path): each.names for each in _enumerations(model)}
    for (type_, path, name), group in groupby(found, lambda each: each[:3]):
        slugs = [*_slugs(group)]
        items = ", ".join(slugs[:MOST])
        if len(slugs) > MOST:
            items += f" and {len(slugs) - MOST:,} more"
        message = (
            f"{name!r} is not one of {', '.join(known[type_, path])}, and these items have it: "
            f"{items}. Change them in a migration with `op.transform`, or declare the name until "
            "no item has it"
        )
        yield Problem(ErrorCode.BAD_VALUE, (type_, *path), message)


def _slugs(found: Iterable[UnknownName]) -> Iterator[str]:
    """The slugs of items; where only one of the copies has the name, with that copy."""
    for slug, group in groupby(found, lambda each: each.slug):
        stages = [each.stage for each in group]
        yield slug if len(stages) > 1 else f"{slug}{_COPIES[stages[0]]}"


class _Enumeration(NamedTuple):
    """A field with names, of a type or of its parts."""

    owner: ContentType
    path: tuple[str, ...]
    field: ScalarField
    holder: ContentType
    """The type or the part that has the field."""

    @property
    def names(self) -> list[str]:
        return list(self.field.names or ())

    def is_in(self, tables: Model) -> bool:
        """Whether there is a column of the field in tables with this model."""
        there = {self.owner.name, self.holder.name} <= tables.keys()
        return there and self.field.name in tables[self.holder.name].attributes

    def unknown(self, stage: Stage) -> Select[Any]:
        """Select the unknown names in a copy: type, path, name, slug and stage."""
        item, holder = self.owner.draft, self.holder
        table = holder.live if stage is Stage.LIVE else holder.draft
        source: FromClause = item
        if table is not item:
            source = item.join(table, item.c.id == table.c["owner_id" if holder.is_part else "id"])
        value = table.c[self.field.name]
        type_, path = literal(self.owner.name), literal(".".join(self.path))
        found: Select[Any] = select(type_, path, value, item.c.slug, literal(stage.name))
        return found.select_from(source).where(value.not_in(self.names))


def _enumerations(model: Model) -> Iterator[_Enumeration]:
    for type_ in model.content():
        yield from _fields(type_, type_)
        for relation in type_.relations():
            if isinstance(relation, Parts):
                yield from _fields(type_, model[relation.target], relation.graphql_name)


def _fields(owner: ContentType, holder: ContentType, *path: str) -> Iterator[_Enumeration]:
    for each in holder.written():
        if each.format is Format.ENUM:
            yield _Enumeration(owner, (*path, each.graphql_name), each, holder)
