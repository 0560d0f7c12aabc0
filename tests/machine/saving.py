"""What saving, deleting and restoring make of a world, or why they cannot be done."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from tests.machine.publishing import forget, unpublish
from tests.machine.world import (
    TYPES,
    Document,
    Item,
    Key,
    RefusedError,
    Revision,
    Uid,
    World,
    known,
    slugs,
    targets,
)

Path = tuple[str, ...]


class Save(NamedTuple):
    """A document to save."""

    key: Key
    document: Mapping[str, Any]
    mode: str = "MERGE"
    expected: int | None = None
    on_conflict: str = "FAIL"
    old: str | None = None
    """A slug that the item had before."""


class Saved(NamedTuple):
    """What an item is after it was saved."""

    version: int
    changes: list[tuple[Key, Path, Any, Any]]


def save(
    world: World, saves: Sequence[Save], action: str = "SAVE", uid: Uid | None = None
) -> Saved:
    """Save documents; the version of the first, and what was changed."""
    renamed = _rename(world, saves)
    codes: set[str] = set()
    made = [(each.key, _merged(world, each, codes)) for each in saves]
    wrong = {code for key, document in made for code in _wrong(key, document)}
    if len({key for key, _ in made}) < len(made):
        wrong.add("DUPLICATE")
    codes |= wrong | {*_out_of_place(world, made)}
    if codes:
        raise RefusedError(*codes)
    found: list[tuple[Key, Path, Any, Any]] = []
    for key, document in made:
        old = world.draft.get(key)
        before = old.document if old else {}
        if old is None or document != before or key in renamed:
            _put(world, key, document, uid, is_renamed=key in renamed)
            world.record(key, action)
        found += [(key, ("slug",), renamed[key], key[1])] if key in renamed else []
        found += [(key, path, *values) for path, values in _changes(before, document).items()]
    return Saved(world.draft[saves[0].key].version, found)


def _rename(world: World, saves: Sequence[Save]) -> dict[Key, str]:
    """Give items other slugs; returns those that they had, by their new keys."""
    said: dict[Key, Key] = {}
    for each in saves:
        if each.old is not None:
            said.setdefault(each.key, (each.key[0], each.old))
    wanted = {
        new: old
        for new, old in said.items()
        if old in world.draft
        and not (new in world.draft and world.had(world.draft[new].uid, old[1]))
    }
    codes = {*_unfit(world, wanted)}
    for new, old in said.items():
        last = world.revisions.get(old, ())[-1:]
        if not {new, old} & world.draft.keys() and any(
            item.uid == each.uid for each in last for item in world.draft.values()
        ):
            codes.add("CONFLICT")
    if codes:
        raise RefusedError(*codes)
    items = {new: world.draft.pop(old)._replace(slug=new[1]) for new, old in wanted.items()}
    world.draft |= items
    return {new: old[1] for new, old in wanted.items()}


def _unfit(world: World, wanted: Mapping[Key, Key]) -> Iterator[str]:
    """Why items cannot have other slugs, which others have or they would have two of."""
    if len({*wanted.values()}) < len(wanted):
        yield "DUPLICATE"
    left = dict(wanted)
    while taken := [new for new in left if new in world.draft and new not in left.values()]:
        yield "DUPLICATE"
        for new in taken:
            del left[new]


def _put(world: World, key: Key, document: Document, uid: Uid | None, *, is_renamed: bool) -> None:
    old = world.draft.get(key)
    last = max((each.version for each in world.revisions.get(key, ())), default=0)
    if old:
        version = max(old.version, last if is_renamed else 0) + 1
        world.draft[key] = old._replace(version=version, document=document)
    else:
        new = uid or (*key, len(world.uids(key)) + 1)
        world.draft[key] = Item(new, last + 1, document, key[1])


def _merged(world: World, asked: Save, codes: set[str]) -> Document:
    """What a document comes to with what is there."""
    item = world.draft.get(asked.key)
    version = item.version if item else 0
    current = item.document if item else {}
    if asked.expected in (None, version):
        return _intended(asked, current)
    then = world.at(item.uid, asked.expected) if item and asked.expected else None
    if then is None:
        codes.add("CONFLICT")
        return _intended(asked, current)
    base = then.document
    ours, theirs = _changes(base, _intended(asked, base)), _changes(base, current)
    both = [path for path in ours.keys() & theirs.keys() if ours[path][1] != theirs[path][1]]
    if both or asked.on_conflict == "FAIL":
        codes.add("CONFLICT")
    values = {**_values(current), **{path: after for path, (_, after) in ours.items()}}
    return _document(values)


def _intended(asked: Save, base: Document) -> Document:
    given: dict[Path, Any] = {}
    for name, value in asked.document.items():
        if isinstance(value, Mapping):
            given |= {(name, locale): text for locale, text in value.items()}
        else:
            # Null takes all of a text away.
            given |= {path: None for path in _values(base) if path[0] == name}
            given[name,] = value
    return _document({**(_values(base) if asked.mode == "MERGE" else {}), **given})


def _values(document: Document) -> dict[Path, Any]:
    """What is changed by itself: a field, a text in a locale."""
    found: dict[Path, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            found |= {(name, locale): text for locale, text in value.items()}
        else:
            found[name,] = value
    return found


def _document(values: Mapping[Path, Any]) -> Document:
    made: Document = {}
    for (name, *locale), value in values.items():
        if value not in (None, []):
            if locale:
                made.setdefault(name, {})[locale[0]] = value
            else:
                made[name] = value
    return made


def _changes(before: Document, after: Document) -> dict[Path, tuple[Any, Any]]:
    old, new = _values(before), _values(after)
    return {
        path: (old.get(path), new.get(path))
        for path in old.keys() | new.keys()
        if old.get(path) != new.get(path)
    }


def _wrong(key: Key, document: Document) -> Iterator[str]:
    """What is wrong with a document for itself."""
    type_ = TYPES[key[0]]
    for name in type_.required:
        value = document.get(name)
        if value is None or (isinstance(value, Mapping) and "en" not in value):
            yield "MISSING"
    for name in type_.lists:
        if len(set(document.get(name, ()))) < len(document.get(name, ())):
            yield "DUPLICATE"
    if len({*document.get("sectors", ())}) < len(document.get("sectors", ())):
        yield "BAD_VALUE"
    ranges = document.get("salaryRanges", ())
    if len({each["level"] for each in ranges}) < len(ranges):
        yield "DUPLICATE"
    if any(each["minimum"] > each["maximum"] for each in ranges):
        yield "BAD_VALUE"


def _out_of_place(world: World, made: Sequence[tuple[Key, Document]]) -> Iterator[str]:
    """What is wrong with documents among all others."""
    every = {key: item.document for key, item in world.draft.items()} | dict(made)
    for key, document in made:
        if any(target not in every for _, target in targets(key, document)):
            yield "UNKNOWN_ITEM"
        if key[0] == "Guide" and any(
            other != key and _place(found) == _place(document) and None not in _place(document)
            for other, found in (*every.items(), *made)
            if other[0] == "Guide"
        ):
            yield "DUPLICATE"
        for other, its in every.items():
            if other[0] == key[0] and other != key and slugs(key, document) & slugs(other, its):
                yield "DUPLICATE"
        if key[0] == "Location" and _is_within_itself(key, every):
            yield "CYCLE"


def _place(guide: Document) -> tuple[str | None, str | None]:
    return guide.get("role"), guide.get("location")


def _is_within_itself(key: Key, every: Mapping[Key, Document]) -> bool:
    seen: list[Key] = []
    place = key
    while place in every and "parent" in every[place] and place not in seen:
        seen.append(place)
        place = "Location", every[place]["parent"]
        if place == key:
            return True
    return False


def delete(world: World, key: Key, expected: int | None) -> None:
    """Take an item out of both copies."""
    known(world, [key])
    item = world.draft[key]
    if expected not in (None, item.version):
        raise RefusedError("CONFLICT")
    for other, found in world.draft.items():
        if other != key and key in [target for _, target in targets(other, found.document)]:
            raise RefusedError("IN_USE")
    if _is_shown_by_others(world, item.uid):
        raise RefusedError("IN_USE")
    unpublish(world, [key])
    world.record(key, "DELETE")
    del world.draft[key]
    forget(world, item.uid)


def _is_shown_by_others(world: World, uid: Uid) -> bool:
    """Whether what is published of another item leads to what is published of this one."""
    here = world.live.get(uid, {})
    return any(
        uid in {*copies[locale].ends.values(), *chain.from_iterable(world.links[other].values())}
        for other, copies in world.live.items()
        for locale in copies.keys() & here.keys()
        if other != uid
    )


def restore(
    world: World, revision: Revision, fields: Collection[str] | None, expected: int | None
) -> Saved:
    """Make an item what it was in a revision."""
    is_there = any(item.uid == revision.uid for item in world.draft.values())
    key = world.key_of(revision.uid) if is_there else (revision.uid[0], revision.slug)
    document = revision.document
    if key in world.draft and world.draft[key].uid != revision.uid:
        raise RefusedError("DUPLICATE")
    if fields is not None:
        current = world.draft[key].document if key in world.draft else {}
        document = {
            name: value
            for kept, its in ((current, False), (document, True))
            for name, value in kept.items()
            if (name in fields) is its
        }
    asked = Save(key, document, "REPLACE", expected)
    return save(world, [asked], "RESTORE", revision.uid)
