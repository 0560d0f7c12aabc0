"""Writes records to the working copy: every save goes through here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Executable, Table, delete, func
from uuid_utils.compat import uuid7

from schema.attributes import Parts, Reference, References
from schema.entities.content import BOOKKEEPING
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents.bulk import inserting
from service.documents.instants import INSTANT
from service.documents.markdown import render
from service.documents.records import Key, Record, Values
from service.documents.store import among

RowList = list[dict[str, Any]]


class Known(NamedTuple):
    """What is known of items that are saved, and of those that they refer to."""

    ids: Mapping[Key, UUID]
    """The ids of existing items and of targets, and the ids that new items are to get."""
    versions: Mapping[Key, int]
    """The latest version of each item that ever had one."""


class Storing(NamedTuple):
    """What a save does."""

    created: frozenset[Key]
    changed: frozenset[Key]
    ids: Mapping[Key, UUID]
    statements: list[Executable]
    """The statements that do it, in order."""


def storing(
    model: Model, records: Sequence[Record], current: Mapping[Key, Record], known: Known
) -> Storing:
    """How to make items what the records say; an item that is like that already is left untouched.

    `current` has the records of existing items. Every target of a record has to be among the
    records, or have a known id.
    """
    created = [record for record in records if record.key not in current]
    changed = [
        record for record in records if record.key in current and current[record.key] != record
    ]
    ids = {**known.ids, **{each.key: known.ids.get(each.key) or uuid7() for each in created}}
    known = known._replace(ids=ids)
    statements: list[Executable] = []
    for type_ in model.content():
        group = [record for record in (*created, *changed) if record.type is type_]
        if group:
            rows = [_row(record, known) for record in group]
            statements.append(_upsert(type_.draft, rows))
            statements += _lists(model, group, current, known)
    return Storing(_keys(created), _keys(changed), ids, statements)


def _keys(records: Iterable[Record]) -> frozenset[Key]:
    return frozenset(record.key for record in records)


def _lists(
    model: Model, records: Sequence[Record], current: Mapping[Key, Record], known: Known
) -> Iterator[Executable]:
    """Write the lists and parts that differ from what is stored.

    The records are all of one type.
    """
    for relation in records[0].type.relations():
        if not isinstance(relation, References | Parts):
            continue
        differing = [each for each in records if _is_new(each, current.get(each.key), relation)]
        owners = [known.ids[record.key] for record in differing if record.key in current]
        if differing and isinstance(relation, References):
            rows = [row for record in differing for row in _link_rows(record, relation, known.ids)]
            yield from _replaced(relation.draft, owners, rows)
        elif differing and isinstance(relation, Parts):
            part = model[relation.target]
            rows = [
                {**row, **_kept(part, values)}
                for record in differing
                for row, values in _part_rows(record, relation, known.ids)
            ]
            yield from _replaced(part.draft, owners, rows)


def _is_new(record: Record, current: Record | None, relation: References | Parts) -> bool:
    """Whether a list, or the parts, of a record differ from what is stored."""
    name = relation.name
    if isinstance(relation, References):
        return record.lists[name] != (current.lists[name] if current else [])
    return record.parts[name] != (current.parts[name] if current else [])


def _upsert(table: Table, rows: RowList) -> Any:
    statement = inserting(table, rows, created_at=INSTANT, updated_at=INSTANT)
    written = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in {"id", *BOOKKEEPING} or column.name == "updated_at"
    }
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={**written, "version": func.greatest(table.c.version + 1, statement.excluded.version)},
    )


def _row(record: Record, known: Known) -> dict[str, Any]:
    version = known.versions.get(record.key, 0) + 1
    row = {"id": known.ids[record.key], "slug": record.slug, "version": version}
    row |= _kept(record.type, record.values)
    for relation in record.type.relations():
        if isinstance(relation, Reference):
            slug = record.references[relation.name]
            row[relation.column] = known.ids[relation.target, slug] if slug else None
    return row


def _link_rows(record: Record, relation: References, known: Mapping[Key, UUID]) -> RowList:
    return [
        {
            "owner_id": known[record.key],
            "position": position,
            "target_id": known[relation.target, slug],
        }
        for position, slug in enumerate(record.lists[relation.name], 1)
    ]


def _part_rows(
    record: Record, relation: Parts, known: Mapping[Key, UUID]
) -> Iterator[tuple[dict[str, Any], Values]]:
    """The key columns of a record's parts, each with the part's values.

    The part at a position always has the same id, whatever the part and the list are called.
    """
    owner = known[record.key]
    for position, values in enumerate(record.parts[relation.name], 1):
        id_ = uuid5(owner, str(position))
        yield {"id": id_, "owner_id": owner, "position": position}, values


def _replaced(table: Table, owners: Sequence[UUID], rows: RowList) -> Iterator[Executable]:
    """Delete the rows of these owners, and insert the given ones."""
    if owners:
        yield delete(table).where(among(table.c.owner_id, owners))
    if rows:
        yield inserting(table, rows)


def _kept(type_: ContentType, values: Values) -> Values:
    """The values in the form in which they are stored: Markdown is rendered."""
    kept = dict(values)
    for field in type_.written():
        if field.format is Format.RICH_TEXT and (texts := values[field.name]):
            kept[field.name] = {locale: render(text) for locale, text in texts.items()}
    return kept
