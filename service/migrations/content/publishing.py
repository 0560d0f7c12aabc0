"""Publishes what a migration wrote, and nothing that others wrote.

An item is published in each locale in which that shows no edit of others that nobody has published,
and in which nobody unpublished it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from schema.attributes import Status
from schema.editing import UnpublishedReferences
from schema.locales import Locales
from service.documents.copies import delivered, untyped
from service.documents.document import Document
from service.documents.problems import Path, format_path
from service.documents.records import Key
from service.editing.changes import values
from service.editing.edits import Edit, Items
from service.editing.publishing import LocaleCodes, Publication
from service.migrations.content.images import Image
from service.migrations.content.resolutions import Deciding
from service.migrations.content.view import ContentView

Pending = Callable[[Image, Sequence[Image], Document, Sequence[str], Document], list[Path]]
"""Edits that publishing would show: of an item before the migration, by what the ones before it
did, now, with the chain of a locale and the live copy in it."""


async def locales_to_publish(
    deciding: Deciding, view: ContentView, items: Items
) -> dict[Key, LocaleCodes]:
    """The locales in which items can be published, without anything that others wrote."""
    live = await view.live(items)
    last = await view.last([*items.values()])
    withdrawn = {
        key: image.withdrawn_from(live[key]) & view.locales.codes
        for key, id_ in items.items()
        if id_ not in deciding.unpublished and (image := last.get(id_))
    }
    for key, codes in withdrawn.items():
        if codes:
            deciding.say(f"{' '.join(key)}: stays unpublished in {', '.join(sorted(codes))}")
    wanted = {key: view.locales.codes - withdrawn.get(key, frozenset()) for key in items}
    return await _without_edits(deciding, view, items, wanted, _of_others)


async def locales_where_live(
    deciding: Deciding, view: ContentView, items: Items
) -> dict[Key, LocaleCodes]:
    """The locales in which items were published as they were before the migration."""
    live = await view.live(items)
    wanted = {key: frozenset(found) for key, found in live.items()}
    return await _without_edits(deciding, view, items, wanted, _of_anybody)


async def publish_in(
    edit: Edit,
    items: Items,
    locales: Mapping[Key, LocaleCodes],
    references: UnpublishedReferences,
) -> None:
    """Publish items, each in its locales."""
    publication = Publication(edit, references)
    await publication.add_each(items, locales)
    await publication.end()


async def _without_edits(
    deciding: Deciding,
    view: ContentView,
    items: Items,
    wanted: Mapping[Key, Collection[str]],
    pending: Pending,
) -> dict[Key, LocaleCodes]:
    """The `wanted` locales of items, without those in which it would show `pending` edits."""
    own = await view.own([*items.values()])
    doubtful = {
        key: id_
        for key, id_ in items.items()
        if (image := own.get(id_)) and image.before and image.status is not Status.PUBLISHED
    }
    past, live = await view.past([*doubtful.values()]), await view.live(doubtful)
    locales: dict[Key, LocaleCodes] = {key: tuple(sorted(codes)) for key, codes in wanted.items()}
    for key, state in (await view.states(doubtful)).items():
        image, earlier, now = own[state.id], past.get(state.id, ()), untyped(state.document)
        chains = {code: view.locales.chain(code) for code in wanted[key]}
        edits = {
            code: pending(image, earlier, now, chain, live[key].get(code, {}))
            for code, chain in chains.items()
        }
        if held := {code: found for code, found in edits.items() if found}:
            locales[key] = tuple(code for code in locales[key] if code not in held)
            deciding.say(_said(key, held, view.locales))
    return locales


def _of_others(
    own: Image, past: Sequence[Image], now: Document, chain: Sequence[str], live: Document
) -> list[Path]:
    """Edits that nobody has published and that this migration has not replaced."""
    there, was = values(now), values(own.before or {})
    kept = (path for path in _edits(was, past) if there.get(path) == was.get(path))
    shown = delivered(now, chain)
    hidden = {name for name in {**live, **shown} if live.get(name) != shown.get(name)}
    return [path for path in kept if path[0] in hidden and _decides(path, there, chain)]


def _edits(was: Mapping[Path, Any], past: Sequence[Image]) -> list[Path]:
    """What others wrote last of the values that an item had before a migration.

    Without what was published before one of those that the item has been through.
    """
    edits: dict[Path, None] = {}
    written: set[Path] = set()
    for image in past:
        left, had = (values(each or {}) for each in (image.after, image.before))
        for path in {**was, **left, **had}:
            if path in edits or path in written:
                continue
            if was.get(path) != left.get(path):
                edits[path] = None
            elif left.get(path) != had.get(path):
                written.add(path)
        was = had
        if image.status is Status.PUBLISHED:
            return [*edits]
    return [*edits, *(path for path in was if path not in written and path not in edits)]


def _of_anybody(
    own: Image, _: Sequence[Image], __: Document, chain: Sequence[str], live: Document
) -> list[Path]:
    """The fields in which the working copy was not what is live."""
    before = delivered(untyped(own.before or {}), chain)
    return [(name,) for name in {**live, **before} if live.get(name) != before.get(name)]


def _decides(path: Path, there: Iterable[Path], chain: Sequence[str]) -> bool:
    """Whether a value of an item decides what a locale shows, given its `chain` of fallbacks."""
    if len(path) == 1:
        return True
    texts = {each[1] for each in there if each[0] == path[0] and len(each) > 1}
    last = next((place for place, code in enumerate(chain) if code in texts), len(chain))
    return path[1] in chain[: last + 1]


def _said(key: Key, held: Mapping[str, Sequence[Path]], locales: Locales) -> str:
    codes = ", ".join(locales.in_order(held))
    edited = dict.fromkeys(format_path(path) for found in held.values() for path in found)
    return (
        f"{' '.join(key)}: not published in {codes}, because nobody has published the edits of "
        f"{', '.join(edited)}"
    )
