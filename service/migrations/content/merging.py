"""Merges what a migration says of items with what others have done since it was written.

The merge base of a value is what the writer of the migration saw, which the operation says as
`base`, or else what earlier migrations left, or else nothing. A value that the migration itself has
written before is its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from service.documents.document import Document
from service.documents.problems import Path, format_path
from service.documents.records import Key
from service.editing.changes import Change, applied, as_given, changes, merged, values
from service.editing.edits import Items
from service.editing.history import ItemState, RevisedItem
from service.editing.merging import Merge, Side, merge
from service.migrations.content.images import Image
from service.migrations.content.operation import gone
from service.migrations.content.patches import Patch, digest
from service.migrations.content.resolutions import Deciding, MigrationConflict
from service.migrations.content.view import ContentView


class Wish(NamedTuple):
    """What a migration wants of an item: a document in which None removes a value."""

    key: Key
    document: Document
    base: Document | None
    """The values that its writer saw; None if the operation does not say."""


class Earlier(NamedTuple):
    """What is known of items that are there, by id."""

    last: Mapping[UUID, Image]
    """What earlier migrations did to them."""
    own: Mapping[UUID, Image]
    """What they were before this migration, if it has changed them already."""

    @classmethod
    async def of(cls, view: ContentView, ids: Sequence[UUID]) -> "Earlier":
        """What is known of these items. Ask before the migration changes them any further."""
        return cls(await view.last(ids), await view.own(ids))


async def wishes(
    deciding: Deciding, view: ContentView, wanted: Sequence[Wish], made_again: Mapping[str, UUID]
) -> tuple[list[Wish], dict[Key, ItemState]]:
    """What is left to save of what a migration wants, and the items as they are now.

    Items that others renamed are found under their new slugs. Conflicts that nobody has decided
    are added to those of the migration. `made_again` has items that it has deleted, by slug.
    """
    known = await view.ids([each.key for each in wanted])
    found: list[Wish] = []
    for each in wanted:
        if each.key in known or each.base is None or each.key[1] in made_again:
            found.append(each)
            continue
        key, item = await view.current_key(each.key)
        if key is not None and item is not None:
            known[key] = item.id
            found.append(each._replace(key=key))
        else:
            whole = await _whole(deciding, view, each, item and item.id)
            found += _of_gone(deciding, whole, item)
    now = await view.states({each.key: known[each.key] for each in found if each.key in known})
    earlier = await Earlier.of(view, [state.id for state in now.values()])
    left = []
    for each in found:
        whole = await _whole(deciding, view, each, known.get(each.key))
        if rest := _merged(deciding, whole, now.get(each.key), earlier):
            left.append(rest)
    return left, now


async def _whole(deciding: Deciding, view: ContentView, wish: Wish, id_: UUID | None) -> Wish:
    """A wish with whole values in place of patches, made from the history of the item.

    A patch of a value that the item never had in this database is a conflict.
    """
    found = values(wish.document)
    patches = {path: each for path, each in found.items() if isinstance(each, Patch)}
    base = values(wish.base or {})
    for path, patch in patches.items():
        had = [] if id_ is None else await view.values_at(id_, path)
        before = next((each for each in had if each and digest(each) == patch.of), None)
        if before is not None:
            base[path], found[path] = before, patch.applied(before)
            continue
        del found[path]
        if deciding.force.of(wish.key) is not Side.THEIRS:
            hint = "write the whole value into the revision, or keep theirs with force=theirs"
            what = f"the value {patch.of}, which this database never had"
            name = " ".join(wish.key)
            deciding.conflicts.append(
                MigrationConflict(name, format_path(path), what, None, "changed", hint)
            )
    if not patches:
        return wish
    both = ([Change(path, None, each) for path, each in side.items()] for side in (found, base))
    document, before = map(as_given, both)
    return wish._replace(document=document, base=before)


async def without_conflicts(
    deciding: Deciding, view: ContentView, items: Items, base: Document | None
) -> dict[Key, UUID]:
    """Those of these items that a migration deletes, because nobody else has changed them."""
    found = await view.states(items)
    last, own = await Earlier.of(view, [*items.values()])
    left: dict[Key, UUID] = {}
    for key, state in found.items():
        image, mine = last.get(state.id), own.get(state.id)
        before = state.document if mine is None else mine.before or {}
        known = base if base is not None else image and image.after
        others = [] if mine and not mine.before else changes(known, before) if known else []
        side = deciding.force.of(key)
        if others and side is None:
            deciding.conflicts += (
                MigrationConflict(" ".join(key), format_path(path), old, new, None)
                for path, old, new in others
            )
        elif not others or side is Side.OURS:
            left[key] = state.id
    return left


def _of_gone(deciding: Deciding, wish: Wish, item: RevisedItem | None) -> Iterator[Wish]:
    """What to save of an item that was there when the migration was written, and is gone."""
    if not changes(wish.base or {}, merged(wish.base or {}, wish.document)):
        return
    side = deciding.force.of(wish.key)
    if side is None:
        deciding.conflicts.append(gone(*wish.key))
    elif side is Side.OURS:
        whole = merged(item.document if item else wish.base or {}, wish.document)
        yield Wish(wish.key, whole, None)


def _merged(
    deciding: Deciding, wish: Wish, state: ItemState | None, earlier: Earlier
) -> Wish | None:
    """What is left of a wish, merged with what is there; None if that is nothing."""
    if state is None:
        return wish
    done = merge_wish(
        wish,
        state,
        earlier.last.get(state.id),
        earlier.own.get(state.id),
        deciding.force.of(wish.key),
    )
    deciding.conflicts += (
        MigrationConflict(" ".join(wish.key), format_path(path), base, theirs, ours)
        for path, base, theirs, ours in done.conflicts
    )
    return wish._replace(document=as_given(done.changes)) if done.changes else None


def merge_wish(
    wish: Wish, state: ItemState, last: Image | None, own: Image | None, side: Side | None
) -> Merge:
    """The three-way merge of what a migration wants of an item with the item, value by value."""
    theirs = values(state.document)
    base = values(wish.base if wish.base is not None else (last and last.after) or {})
    if own is not None:
        before = values(own.before or {})
        base |= {path: each for path, each in theirs.items() if before.get(path) != each}
        for path in before.keys() - theirs.keys():
            base.pop(path, None)
    paths = [*_paths(wish.document, {*base, *theirs})]
    ours = values(merged({}, wish.document))
    return merge(_picked(base, paths), _picked(theirs, paths), _picked(ours, paths), side)


def _paths(document: Document, there: set[Path]) -> Iterator[Path]:
    """The values that a document speaks of; None speaks of a text in every locale."""
    for key, value in document.items():
        texts = [path for path in there if path[0] == key and len(path) > 1]
        if isinstance(value, Mapping):
            yield from ((key, str(locale)) for locale in value)
        elif value is None and texts:
            yield from texts
        elif key not in ("type", "slug"):
            yield (key,)


def _picked(known: Mapping[Path, Any], paths: Sequence[Path]) -> Document:
    return applied({}, (Change(path, None, known.get(path)) for path in paths))
