"""Before-images of locales, and the downgrade of what a migration did to locales."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid5

from sqlalchemy import Table, select, update

from schema.attributes import Status
from schema.editing import Action
from schema.tables.before_image import BeforeImage
from service.documents.bulk import batches, inserting
from service.documents.records import Key
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import Edit
from service.editing.history import states
from service.editing.locales import LocaleDefinition, definitions, set_locales
from service.editing.merging import Side
from service.editing.publishing import publish_again
from service.editing.saving import Save, save
from service.editing.statuses import statuses_by_locale
from service.editing.translations import items_with_texts_in, without
from service.migrations.content import images
from service.migrations.content.resolutions import (
    ITEM,
    Force,
    MigrationConflict,
    MigrationConflictError,
)

LOCALE = "locale"
"""The type in the image of a locale. It is no content type: those begin with a capital."""

KEYS = {"fallback": "fallback", "name": "name", "default": "is_default"}
"""What is said of a locale, as in documents, and the attributes of its definition."""

_IMAGE = cast(Table, BeforeImage.__table__)


class LocaleImage(NamedTuple):
    """A locale before and after a migration; None where it was not there."""

    code: str
    before: LocaleDefinition | None
    after: LocaleDefinition | None


async def take(edit: Edit, migration: str, codes: Collection[str]) -> None:
    """Store what locales are, before the migration changes them for the first time."""
    known = await definitions(edit)
    rows = [
        {
            "migration": migration,
            "type": LOCALE,
            "item_id": id_of(code),
            "before": as_json(code, known.get(code)),
            "status": Status.DRAFT.value,
            "after": {"code": code},
        }
        for code in codes
    ]
    if rows:
        await edit.connection.execute(inserting(_IMAGE, rows).on_conflict_do_nothing())


async def complete(edit: Edit, migration: str) -> None:
    """Store what the migration left of every locale that it changed."""
    known = await definitions(edit)
    for row in await _rows(edit, migration):
        code = str((row.after or row.before)["code"])
        # One that came and went is stored by its code alone.
        left = as_json(code, known.get(code)) or (None if row.before else {"code": code})
        await edit.connection.execute(
            update(_IMAGE).where(_IMAGE.c.id == row.id).values(after=left)
        )


async def put_back(edit: Edit, migration: str, force: Force) -> bool:
    """Put back the locales that a migration removed or changed; returns whether there are any.

    Raises `MigrationConflictError` if others have changed them since.
    """
    now = await definitions(edit)
    wanted: dict[str, LocaleDefinition] = {}
    conflicts: list[MigrationConflict] = []
    for image in await _of(edit, migration):
        if image.before is not None:
            side = force.of((LOCALE, image.code))
            made, against = _merged(image, now.get(image.code), side)
            conflicts += against
            if made is not None:
                wanted[image.code] = made
    if conflicts:
        raise MigrationConflictError(migration, "downgrade", conflicts)
    await set_locales(edit, _with_one_default(now, wanted))
    return bool(wanted)


def _with_one_default(
    now: Mapping[str, LocaleDefinition], wanted: Mapping[str, LocaleDefinition]
) -> dict[str, LocaleDefinition]:
    """The locales that are put back; a default among them takes the place of any other one.

    One that the migration added, and that is to be removed, may be the default.
    """
    default = next((code for code, each in wanted.items() if each.is_default), None)
    others = {
        code: each._replace(is_default=False, fallback=default)
        for code, each in {**now, **wanted}.items()
        if default and each.is_default and code != default
    }
    return {**wanted, **others}


async def remove_added(edit: Edit, migration: str, force: Force) -> None:
    """Remove the locales that a migration added; raises `MigrationConflictError`."""
    known = await definitions(edit)
    for image in reversed(await _of(edit, migration)):
        if image.before is None and image.code in known:
            side = force.of((LOCALE, image.code))
            if conflicts := await remove(edit, image.code, side):
                raise MigrationConflictError(migration, "downgrade", conflicts)


async def remove(edit: Edit, code: str, side: Side | None) -> list[MigrationConflict]:
    """Remove a locale; returns the conflicts about texts in it, if nobody has decided them.

    With OURS the texts go too, and with THEIRS the locale stays.
    """
    items = await items_with_texts_in(edit, code)
    if items and side is None:
        return texts_in(code, items)
    if items and side is Side.THEIRS:
        return []
    were = await statuses_by_locale(edit, items)
    for batch in batches([*items.items()]):
        saves = [
            Save(UncheckedDocument(without(state.document, code)))
            for state in (await states(edit, dict(batch))).values()
        ]
        await save(edit, saves, action=Action.RESTORE)
    await publish_again(edit, items, were)
    await set_locales(edit, {code: None})
    return []


def texts_in(code: str, items: Iterable[Key]) -> list[MigrationConflict]:
    """The conflicts about items with texts in a locale that is to be removed."""
    named = (" ".join(key) for key in items)
    return [MigrationConflict(each, f"texts in {code}", None, "there", None) for each in named]


async def take_what_differs(edit: Edit, migration: str, code: str) -> None:
    """Store the items of which something else is live in a locale than in the other locales.

    They come back as they were. All others are live again as they are in its fallback.
    """
    for type_ in edit.model.content():
        live, draft = type_.live, type_.draft
        ids = select(draft.c.slug, draft.c.id).where(draft.c.id.in_(select(live.c.id)))
        for batch in batches([*await edit.connection.execute(ids.order_by(draft.c.slug))]):
            items = {(type_.name, str(slug)): id_ for slug, id_ in batch}
            found = await statuses_by_locale(edit, items)
            differing = {key: id_ for key, id_ in items.items() if len({*found[id_].values()}) > 1}
            await images.take(edit, migration, differing)
    await images.take(edit, migration, await items_with_texts_in(edit, code))


async def rename(edit: Edit, migration: str, old: str, new: str) -> None:
    """Give the images of locales of the migration itself the new code of a locale."""

    def renamed(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        return {key: new if each == old else each for key, each in value.items()}

    for row in await _rows(edit, migration):
        code = str((row.after or row.before)["code"])
        values = {"before": renamed(row.before), "after": renamed(row.after)}
        id_ = id_of(new if code == old else code)
        made = update(_IMAGE).where(_IMAGE.c.id == row.id)
        await edit.connection.execute(made.values(item_id=id_, **values))


def id_of(code: str) -> UUID:
    """The id in the image of a locale."""
    return uuid5(images.NAMESPACE, code)


def as_json(code: str, definition: LocaleDefinition | None) -> dict[str, Any] | None:
    """A locale as it is stored in images, and written in documents."""
    if definition is None:
        return None
    return {"code": code, **{key: getattr(definition, name) for key, name in KEYS.items()}}


def definition_of(value: Mapping[str, Any] | None) -> LocaleDefinition | None:
    """The definition in what `as_json` made; None for None."""
    if value is None:
        return None
    return LocaleDefinition(value.get("fallback"), value.get("name"), value.get("default", False))


def _merged(
    image: LocaleImage, now: LocaleDefinition | None, side: Side | None
) -> tuple[LocaleDefinition | None, Sequence[MigrationConflict]]:
    """What becomes of a locale that was there before the migration, with conflicts.

    None leaves it as it is.
    """
    base, ours = image.after, image.before
    if base is None or ours is None:
        return (ours if now is None else None), ()
    if now is None:
        if side is None:
            gone = MigrationConflict(f"locale {image.code}", ITEM, "there", None, "changed")
            return None, [gone]
        return (ours if side is Side.OURS else None), ()
    conflicts = [*conflicts_of(image.code, base, now, ours)] if side is None else []
    return merge(base, now, ours, side), conflicts


def merge(
    base: LocaleDefinition,
    theirs: LocaleDefinition,
    ours: LocaleDefinition,
    side: Side | None,
) -> LocaleDefinition:
    """The three-way merge of a locale; a conflict goes to `side`."""
    made = theirs
    for name in KEYS.values():
        was, there, want = (getattr(each, name) for each in (base, theirs, ours))
        if want != was and (there == was or side is Side.OURS):
            made = made._replace(**{name: want})
    return made


def conflicts_of(
    code: str, base: LocaleDefinition, theirs: LocaleDefinition, ours: LocaleDefinition
) -> Iterator[MigrationConflict]:
    """What both sides changed of a locale, to different values."""
    for key, name in KEYS.items():
        was, there, want = (getattr(each, name) for each in (base, theirs, ours))
        if was not in {there, want} and there != want:
            yield MigrationConflict(f"locale {code}", key, was, there, want)


async def _of(edit: Edit, migration: str) -> list[LocaleImage]:
    return [
        LocaleImage(
            str((row.after or row.before)["code"]),
            definition_of(row.before),
            definition_of(row.after),
        )
        for row in await _rows(edit, migration)
    ]


async def _rows(edit: Edit, migration: str) -> Sequence[Any]:
    statement = select(_IMAGE).where(_IMAGE.c.migration == migration, _IMAGE.c.type == LOCALE)
    return (await edit.connection.execute(statement.order_by(_IMAGE.c.id))).all()
