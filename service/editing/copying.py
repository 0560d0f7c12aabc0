"""The statements that make the live copies of a type's items what their working copies are."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import JSONB, insert

from schema.attributes import Owned, ToMany, ToOne
from schema.delivery import Stage, delivery
from schema.entities.locale import Locale
from schema.entities.revision import Revision
from schema.entities.twins import entries_column
from schema.model import ContentType, Model
from service.documents.surroundings import unique_together
from service.editing.statements import Statement

IDS: Any = bindparam("ids", type_=ARRAY(Uuid()))
LOCALES: Any = bindparam("locales", type_=ARRAY(Text()))

_REVISION = cast(Table, Revision.__table__)


class Copying:
    """The statements of a type; each takes `ids`, those of the items."""

    def __init__(self, model: Model, type_: ContentType) -> None:
        relations = list(type_.relations())
        self.changed = Statement(_changed(type_))
        """With `locales`: ids of items that lack a copy of their version in one of them."""
        self.pending = _optional(_pending(model, type_))
        """What they refer to that is in no locale live: `owner`, `relation`, `place`, `id`,
        `slug`."""
        self.absent = _optional(_absent(model, type_))
        """With `locales`: `owner`, `relation`, `slug` and `locale` of what has to be live there."""
        self.doubled = _optional(_doubled(type_))
        """`owner`, `other` and `names` of what is live twice, though only one can have it."""
        self.touch = Statement(_touched(type_))
        parts = [model[each.target] for each in relations if isinstance(each, Owned)]
        self.clear = [Statement(_cleared(each)) for each in parts]
        """With `locales`."""
        self.copy = [
            Statement(_copied(type_, "id")),
            *(Statement(_copied(each, "owner_id")) for each in parts),
        ]
        """With `locales`."""
        lists = [each for each in relations if isinstance(each, ToMany)]
        self.differing = _optional([_differing(each) for each in lists])
        """The names of lists whose entries are not the same in both copies."""
        self.links = {
            each.name: (Statement(_unlinked(each)), Statement(_linked(each))) for each in lists
        }
        self.own = _owned(type_, [each for each in lists if each.inheritance])
        """Says anew, in all locales, which lists that could be inherited are the items' own."""
        self.record = Statement(_recorded(type_))
        """With `action`, `author` and `reason`: ids of items whose document is not known."""


@lru_cache(maxsize=64)
def copying(model: Model, type_: ContentType) -> Copying:
    """Made once for each type."""
    return Copying(model, type_)


def _optional(statements: Iterable[Select[Any]]) -> Statement | None:
    found = list(statements)
    return Statement(union_all(*found)) if found else None


def _among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column == any_(IDS)


def _changed(type_: ContentType) -> Select[Any]:
    locale = cast(Table, Locale.__table__)
    draft, live = type_.draft, type_.live
    current = select(live.c.id).where(
        live.c.id == draft.c.id,
        live.c.version == draft.c.version,
        live.c.locale == locale.c.code,
    )
    lacking = select(locale.c.code).where(
        locale.c.code == any_(LOCALES), ~current.correlate(draft, locale).exists()
    )
    return select(draft.c.id).where(_among(draft.c.id), lacking.correlate(draft).exists())


def _pending(model: Model, type_: ContentType) -> Iterator[Select[Any]]:
    draft = type_.draft
    for relation in type_.relations():
        if not isinstance(relation, ToOne | ToMany):
            continue
        target, live = model[relation.target].draft.alias(), model[relation.target].live
        place: ColumnElement[Any] = cast_to(null(), Integer())
        if isinstance(relation, ToMany):
            links = relation.draft
            source = draft.join(links, links.c.owner_id == draft.c.id)
            source = source.join(target, target.c.id == links.c.target_id)
            place = links.c.position
        else:
            source = draft.join(target, target.c.id == draft.c[relation.column])
        yield (
            select(
                draft.c.slug.label("owner"),
                _text(relation.name).label("relation"),
                place.label("place"),
                target.c.id,
                target.c.slug,
            )
            .select_from(source)
            .where(_among(draft.c.id), ~exists().where(live.c.id == target.c.id))
        )


def _absent(model: Model, type_: ContentType) -> Iterator[Select[Any]]:
    live = type_.live
    for relation in type_.relations():
        if isinstance(relation, ToOne) and relation.required:
            target, end = model[relation.target], model[relation.target].live.alias()
            column = live.c[relation.column]
            yield (
                select(
                    live.c.slug.label("owner"),
                    _text(relation.name).label("relation"),
                    target.draft.c.slug,
                    live.c.locale,
                )
                .join(target.draft, target.draft.c.id == column)
                .where(
                    _among(live.c.id),
                    live.c.locale == any_(LOCALES),
                    ~exists().where(end.c.id == column, end.c.locale == live.c.locale),
                )
            )


def _doubled(type_: ContentType) -> Iterator[Select[Any]]:
    live, other = type_.live, type_.live.alias()
    for columns in unique_together(type_):
        names = [each.graphql_name for each in columns.values()]
        yield (
            select(
                live.c.slug.label("owner"),
                other.c.slug.label("other"),
                _text(" and ".join(names)).label("names"),
            )
            .join(other, other.c.locale == live.c.locale)
            .where(
                _among(live.c.id),
                other.c.id != live.c.id,
                *(live.c[name] == other.c[name] for name in columns),
            )
            .distinct()
        )


def _text(name: str) -> ColumnElement[str]:
    return literal_column(f"'{name}'", Text())


def _touched(type_: ContentType) -> Any:
    draft = type_.draft
    return update(draft).where(_among(draft.c.id)).values(published_at=func.now())


def _cleared(part: ContentType) -> Any:
    rows = part.live
    return delete(rows).where(_among(rows.c.owner_id), rows.c.locale == any_(LOCALES))


def _copied(type_: ContentType, key: str) -> Any:
    rows = delivery(type_, Stage.DRAFT)
    names = [column.name for column in type_.live.columns]
    found = select(*(rows.c[name] for name in names)).where(
        _among(rows.c[key]), rows.c.locale == any_(LOCALES)
    )
    statement = insert(type_.live).from_select(names, found)
    written = {name: statement.excluded[name] for name in names if name not in {"id", "locale"}}
    return statement.on_conflict_do_update(index_elements=["id", "locale"], set_=written)


def _differing(list_: ToMany) -> Select[Any]:
    draft, live = (
        select(each).where(_among(each.c.owner_id)).subquery() for each in (list_.draft, list_.live)
    )
    both = draft.join(
        live,
        (draft.c.owner_id == live.c.owner_id) & (draft.c.position == live.c.position),
        full=True,
    )
    differs: Select[Any] = (
        select(literal_column("1"))
        .select_from(both)
        .where(draft.c.target_id.is_distinct_from(live.c.target_id))
    )
    return select(_text(list_.name).label("name")).where(differs.exists())


def _unlinked(list_: ToMany) -> Any:
    return delete(list_.live).where(_among(list_.live.c.owner_id))


def _linked(list_: ToMany) -> Any:
    draft = list_.draft
    names = [column.name for column in draft.columns]
    rows = select(draft).where(_among(draft.c.owner_id))
    return insert(list_.live).from_select(names, rows)


def _owned(type_: ContentType, lists: Iterable[ToMany]) -> Statement | None:
    live = type_.live
    values = {
        entries_column(each.name): case(
            (exists().where(each.live.c.owner_id == live.c.id), live.c.id)
        )
        for each in lists
    }
    return Statement(update(live).where(_among(live.c.id)).values(values)) if values else None


def _recorded(type_: ContentType) -> Any:
    """A revision of each item, with the document that saving it left."""
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
        "type": literal(type_.name, Text()),
        "slug": draft.c.slug,
        "item_id": draft.c.id,
        "version": draft.c.version,
        "action": bindparam("action", type_=Text()),
        "document": func.coalesce(last, _EMPTY_MAP),
        "changes": literal_column("'[]'::jsonb", JSONB()),
        "author": bindparam("author", type_=Text()),
        "reason": bindparam("reason", type_=Text()),
        "at": func.clock_timestamp(),
    }
    found = select(*rows.values()).where(_among(draft.c.id))
    statement = insert(_REVISION).from_select([*rows], found)
    return statement.returning(
        _REVISION.c.id, _REVISION.c.item_id, (_REVISION.c.document == _EMPTY_MAP).label("is_empty")
    )


_EMPTY_MAP: Any = literal_column("'{}'::jsonb", JSONB())
