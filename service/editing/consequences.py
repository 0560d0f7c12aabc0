"""The statement that follows the copying of items into the live copy.

It finds problems with the copies, writes revisions and updates the full-text search entries.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB, insert

from schema.attributes import Reference
from schema.entities.content import LOCALIZED_SLUG
from schema.entities.live_tables import LOCALE
from schema.model import ContentType, Model
from schema.tables.locale import Locale
from schema.tables.revision import Revision
from service.documents.instants import INSTANT
from service.documents.integrity import unique_together
from service.editing.live import LOCALES
from service.editing.search_index import renewals
from service.editing.statements import Statement, ids_of

_LOCALE = cast(Table, Locale.__table__)
_REVISION = cast(Table, Revision.__table__)
SLUG = "slug"
_EMPTY_MAP: Any = literal_column("'{}'::jsonb", JSONB())


@lru_cache(maxsize=256)
def consequences(
    model: Model, names: tuple[str, ...], *, knows_locales: bool, has_words: bool
) -> Statement:
    """The statement for copied items of the types `names`, which were copied in `locales`.

    Its parameters are `ids_of` each type, `locales`, and the `action`, `author` and `reason` of the
    revisions. It writes a revision of each item and updates the search entries. The revisions name
    the locales only if `knows_locales`: older databases have no column for them. `has_words` is as
    in `Edit`.

    The rows have the columns `kind`, `type`, `owner`, `what`, `other` and `locale`. The kinds are:

    - `absent`: the required relation `what` of the item with the slug `owner` refers to the item
      with the slug `other`, which is not live in `locale`;
    - `doubled`: the items with the ids `owner` and `other` are both live in `locale`, with the same
      `what`, which has to be unique;
    - `unknown`: the revision with the id `other`, of the item with the id `owner`, has no document.
    """
    types = [model[name] for name in names]
    recorded = [_recorded(each, knows_locales).cte(f"recorded_{each.table_name}") for each in types]
    renewing = enumerate(renewals(model, names, has_words))
    renewed = [each.cte(f"renewed_{number}") for number, each in renewing]
    rows = [
        *_contradictions(model, types),
        *(_unknown(type_, each) for type_, each in zip(types, recorded, strict=True)),
    ]
    return Statement(union_all(*rows).add_cte(*renewed))


@lru_cache(maxsize=64)
def contradictions(model: Model, names: tuple[str, ...]) -> Statement | None:
    """The rows `absent` and `doubled` of `consequences` alone; None if there can be none.

    Its parameters are `ids_of` each type, and `locales`.
    """
    rows = [*_contradictions(model, [model[name] for name in names])]
    return Statement(union_all(*rows)) if rows else None


def _contradictions(model: Model, types: Iterable[ContentType]) -> Iterator[Select[Any]]:
    for type_ in types:
        yield from _absent(model, type_)
        yield from _doubled(type_)


def _row(kind: str, type_: ContentType, *others: Any) -> Select[Any]:
    columns = ("kind", "type", "owner", "what", "other", "locale")
    values = (_text(kind), _text(type_.name), *others)
    return select(*(value.label(name) for name, value in zip(columns, values, strict=True)))


def _absent(model: Model, type_: ContentType) -> Iterator[Select[Any]]:
    live = type_.live
    for relation in type_.relations():
        if isinstance(relation, Reference) and relation.required:
            target, end = model[relation.target].draft, model[relation.target].live.alias()
            column = live.c[relation.column]
            yield (
                _row(
                    "absent", type_, live.c.slug, _text(relation.name), target.c.slug, live.c.locale
                )
                .join(target, target.c.id == column)
                .where(
                    live.c.id == any_(ids_of(type_.name)),
                    live.c.locale == any_(LOCALES),
                    ~exists().where(end.c.id == column, end.c.locale == live.c.locale),
                )
            )


def _doubled(type_: ContentType) -> Iterator[Select[Any]]:
    live, other = type_.live, type_.live.alias()
    for columns in (*unique_together(type_), {SLUG: type_.attributes[SLUG]}):
        names = " and ".join(each.graphql_name for each in columns.values())
        same = (live.c[name] == other.c[name] for name in (LOCALE, *columns))
        yield _shared(type_, names, [select(other.c.id).where(*same)], other)
    if LOCALIZED_SLUG in live.columns:
        name = type_.attributes[LOCALIZED_SLUG].graphql_name
        yield _shared(type_, name, [*_with_slugs(live, other)], other)


def _with_slugs(live: Table, other: FromClause) -> Iterator[Select[Any]]:
    """The items that have a slug of a live row in some locale, by its index."""
    slug, localized = live.c[SLUG], live.c[LOCALIZED_SLUG]
    every = func.array(select(_LOCALE.c.code).scalar_subquery())
    yield select(other.c.id).where(other.c[LOCALE] == any_(every), other.c[SLUG] == localized)
    for each in (slug, localized):
        yield select(other.c.id).where(other.c[LOCALIZED_SLUG] == each)


def _shared(
    type_: ContentType, names: str, others: Sequence[Select[Any]], other: FromClause
) -> Select[Any]:
    """The rows `doubled` for other items that have something of an item, found by `others`."""
    live = type_.live
    # The offset makes PostgreSQL look the others up by index, once for each item.
    found = (
        union_all(*(each.where(other.c.id != live.c.id).correlate(live) for each in others))
        .offset(literal_column("0"))
        .lateral("others")
    )
    return (
        _row(
            "doubled",
            type_,
            cast_to(live.c.id, Text()),
            _text(names),
            cast_to(found.c[0], Text()),
            live.c.locale,
        )
        .join(found, true())
        .where(live.c.id == any_(ids_of(type_.name)))
    )


def _recorded(type_: ContentType, knows_locales: bool) -> Any:
    """Insert a revision of each item, with the document of the save that made its version."""
    draft, saved = type_.draft, _REVISION.alias()
    last = (
        select(saved.c.document)
        .where(saved.c.item_id == draft.c.id, saved.c.version == draft.c.version)
        .order_by(saved.c.id.desc())
        .limit(literal_column("1"))
        .correlate(draft)
        .scalar_subquery()
    )
    rows: dict[str, Any] = {
        "type": _text(type_.name),
        "slug": draft.c.slug,
        "item_id": draft.c.id,
        "version": draft.c.version,
        "action": bindparam("action", type_=Text()),
        "document": func.coalesce(last, _EMPTY_MAP),
        "changes": literal_column("'[]'::jsonb", JSONB()),
        "author": bindparam("author", type_=Text()),
        "reason": bindparam("reason", type_=Text()),
        "at": INSTANT,
        **({"locales": LOCALES} if knows_locales else {}),
    }
    found = select(*rows.values()).where(draft.c.id == any_(ids_of(type_.name)))
    statement = insert(_REVISION).from_select([*rows], found)
    return statement.returning(_REVISION.c.id, _REVISION.c.item_id, _REVISION.c.document)


def _unknown(type_: ContentType, recorded: Any) -> Select[Any]:
    item, revision = (cast_to(recorded.c[name], Text()) for name in ("item_id", "id"))
    rows = _row("unknown", type_, item, _NOTHING, revision, _NOTHING)
    return rows.where(recorded.c.document == _EMPTY_MAP)


def _text(name: str) -> ColumnElement[str]:
    return literal_column(f"'{name}'", Text())


_NOTHING: Any = cast_to(null(), Text())
