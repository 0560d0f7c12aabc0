"""What publishing and unpublishing, now or later, make of a world, or why they cannot be done."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.machine.world import (
    CHAINS,
    TYPES,
    Copy,
    Key,
    Part,
    RefusedError,
    Release,
    Uid,
    World,
    known,
    served_slugs,
    slug_in,
    targets,
)

HOUR = 3600
DAY = 24 * HOUR
"""So long after it was due, a release is tried again."""

Groups = Sequence[tuple[Sequence[str], Collection[Key]]]
"""Items, by the locales that they are published in."""


class Moved(NamedTuple):
    """What was published, or unpublished, and what was that already."""

    moved: frozenset[Key]
    unchanged: frozenset[Key]


class Lacking(NamedTuple):
    """A reference to something that was never published."""

    owner: Key
    target: Key
    is_needed: bool


def publish(
    world: World, keys: Collection[Key], references: str, locales: Collection[str] | None = None
) -> Moved:
    """Copy items from draft to live."""
    known(world, keys)
    chosen = _publish(world, [([*(locales or CHAINS)], keys)], references)
    return Moved(chosen, frozenset(keys) - chosen)


def _publish(world: World, groups: Groups, references: str) -> frozenset[Key]:
    """Copy groups of items one after the other; what is missing then may come with a later one."""
    copied: list[tuple[Sequence[str], set[Key]]] = []
    missing: list[Lacking] = []
    for locales, keys in groups:
        chosen, lacking = _chosen(world, keys, references, locales)
        missing += lacking
        copied.append((locales, chosen))
        for key in chosen:
            _copy(world, key, locales)
    every = frozenset(key for _, keys in copied for key in keys)
    codes = {
        "NOT_PUBLISHED"
        for each in missing
        if each.owner in every and each.target not in every
        if each.is_needed or references == "FAIL"
    }
    if not codes:
        codes = {code for locales, keys in copied for code in _contradictions(world, keys, locales)}
    if codes:
        raise RefusedError(*codes)
    for _, keys in copied:
        for key in keys:
            world.record(key, "PUBLISH")
    return every


def _chosen(
    world: World, keys: Collection[Key], references: str, locales: Sequence[str]
) -> tuple[set[Key], list[Lacking]]:
    """What is copied of a group, and what it lacks then."""
    chosen = {key for key in keys if _is_behind(world, key, locales)}
    lacking = _lacking(world, keys, chosen)
    while lacking and references == "PUBLISH_TOO":
        owners = {each.target for each in lacking}
        chosen |= owners
        lacking = _lacking(world, owners, chosen)
    return chosen, lacking


def _lacking(world: World, owners: Collection[Key], chosen: Collection[Key]) -> list[Lacking]:
    return [each for each in _never_published(world, owners) if each.target not in chosen]


def _contradictions(world: World, keys: Iterable[Key], locales: Iterable[str]) -> Iterator[str]:
    for key in keys:
        if any(_lacks_an_end(world, key, locale) for locale in locales):
            yield "NOT_PUBLISHED"
        if _is_doubled(world, key):
            yield "DUPLICATE"


def _is_behind(world: World, key: Key, locales: Iterable[str]) -> bool:
    copies = [world.copy_of(key, locale) for locale in locales]
    return any(each is None or each.version != world.draft[key].version for each in copies)


def _never_published(world: World, owners: Collection[Key]) -> Iterator[Lacking]:
    for key in owners:
        for name, target in targets(key, world.draft[key].document):
            one = TYPES[key[0]].ones.get(name)
            if not world.live.get(world.draft[target].uid):
                yield Lacking(key, target, one is not None and one.needed)


def _copy(world: World, key: Key, locales: Iterable[str]) -> None:
    item, type_ = world.draft[key], TYPES[key[0]]

    def uid(target: str, slug: str | None) -> Uid | None:
        return world.draft[target, slug].uid if slug else None

    ends = {name: uid(one.target, item.document.get(name)) for name, one in type_.ones.items()}
    _lead(world, key, locales)
    copies = world.live.setdefault(item.uid, {})
    for locale in locales:
        copies[locale] = Copy(item.version, item.document, item.slug, ends)
    world.links[item.uid] = {
        name: tuple(world.draft[target, slug].uid for slug in item.document.get(name, ()))
        for name, target in type_.lists.items()
    }
    world.draft[key] = item._replace(was_published=True)


def _lead(world: World, key: Key, locales: Iterable[str]) -> None:
    """Let an item be found by the slugs that it has in some locales, now and later."""
    item = world.draft[key]
    held = {its.slug for (type_, _), its in world.draft.items() if type_ == key[0]}
    former = {each.slug for each in world.live.get(item.uid, {}).values()} - held
    for slug in former | {slug_in(item, locale) for locale in locales}:
        world.leading[key[0], slug] = item.uid
    world.leading.pop((key[0], item.slug), None)


def _lacks_an_end(world: World, key: Key, locale: str) -> bool:
    found = world.copy_of(key, locale)
    ones = TYPES[key[0]].ones
    return found is not None and any(
        one.needed and locale not in world.live.get(_end(found, name), {})
        for name, one in ones.items()
    )


def _is_doubled(world: World, key: Key) -> bool:
    """Whether another guide is live for the same role in the same place."""
    uid = world.draft[key].uid
    if any(
        served_slugs(world, uid) & served_slugs(world, other)
        for other in world.live
        if other[0] == key[0] and other != uid
    ):
        return True
    return key[0] == "Guide" and any(
        copies[locale].ends == found.ends
        for other, copies in world.live.items()
        if other[0] == "Guide" and other != uid
        for locale, found in world.live[uid].items()
        if locale in copies
    )


def _end(found: Copy, name: str) -> Uid:
    end = found.ends[name]
    assert end is not None
    return end


def unpublish(world: World, keys: Collection[Key], locales: Collection[str] | None = None) -> Moved:
    """Take items out of live, in all locales or in some."""
    known(world, keys)
    return _unpublish(world, {key: [*(locales or CHAINS)] for key in keys})


def _unpublish(world: World, asked: Mapping[Key, Sequence[str]]) -> Moved:
    gone = {
        (world.draft[key].uid, locale): key
        for key, locales in asked.items()
        for locale in locales
        if world.copy_of(key, locale)
    }
    for uid, copies in world.live.items():
        needed = [name for name, one in TYPES[uid[0]].ones.items() if one.needed]
        for locale, copy in copies.items():
            ends = {(_end(copy, name), locale) for name in needed}
            if (uid, locale) not in gone and ends & gone.keys():
                raise RefusedError("IN_USE")
    for key in {*gone.values()}:
        world.record(key, "UNPUBLISH")
    for uid, locale in gone:
        del world.live[uid][locale]
        if not world.live[uid]:
            del world.live[uid], world.links[uid]
    moved = frozenset(gone.values())
    return Moved(moved, frozenset(asked) - moved)


def schedule(
    world: World,
    keys: Collection[Key],
    times: tuple[int | None, int | None],
    references: str,
    locales: Sequence[str] | None,
    version: str,
) -> None:
    """Set what is to happen to items."""
    known(world, keys)
    at, until = times
    given = [time for time in times if time is not None]
    if any(time <= world.now for time in given) or given != sorted(set(given)):
        raise RefusedError("BAD_TIME")
    withdraw(world, [world.draft[key].uid for key in keys], locales)
    in_ = None if locales is None else tuple(sorted(locales))
    if at is not None:
        is_pinned = version == "PINNED"
        beside = _led_to(world, keys) if is_pinned and references == "PUBLISH_TOO" else ()
        parts = {
            world.draft[key].uid: Part(
                world.draft[key].version if is_pinned else None, in_, key not in keys
            )
            for key in (*keys, *beside)
        }
        world.releases += (Release("PUBLISH", at, references, parts, next_at=at),)
    if until is not None:
        parts = {world.draft[key].uid: Part(None, in_) for key in keys}
        world.releases += (Release("UNPUBLISH", until, references, parts, next_at=until),)


def _led_to(world: World, keys: Collection[Key]) -> set[Key]:
    """What would be published too, as things are."""
    found: set[Key] = set()
    rest = {*keys}
    while rest:
        rest = {each.target for each in _never_published(world, rest)} - found - {*keys}
        found |= rest
    return found


def withdraw(world: World, uids: Collection[Uid], locales: Collection[str] | None) -> None:
    """Take items that were named out of what is set, in all locales or in some."""

    def left(uid: Uid, part: Part) -> Part | None:
        if uid not in uids or part.is_reference:
            return part
        every = () if locales is None else (part.locales or tuple(CHAINS))
        stay = tuple(sorted({*every} - {*(locales or ())}))
        return part._replace(locales=stay) if stay else None

    _keep(world, left)


def forget(world: World, uid: Uid) -> None:
    """Take an item that is deleted out of what is set, and from where slugs lead."""
    world.leading = {slug: to for slug, to in world.leading.items() if to != uid}
    _keep(world, lambda each, part: None if each == uid else part)


def _keep(world: World, left: Callable[[Uid, Part], Part | None]) -> None:
    made = []
    for release in world.releases:
        parts = {uid: kept for uid, part in release.parts.items() if (kept := left(uid, part))}
        if any(not part.is_reference for part in parts.values()):
            made.append(release._replace(parts=parts))
    world.releases = tuple(made)


def carry_out(world: World) -> int:
    """Do what is due first, if anything is; how much that was."""
    due = [each for each in world.releases if each.next_at <= world.now and not each.failed]
    if not due:
        return 0
    release = min(due, key=lambda each: each.at)
    tried = world.copied()
    try:
        if release.action == "PUBLISH":
            _publish_later(tried, release)
        else:
            _unpublish_later(tried, release)
    except RefusedError:
        failed = release._replace(
            attempts=release.attempts + 1,
            next_at=world.now + 1,
            failed=world.now >= release.at + DAY,
        )
        world.releases = tuple(failed if each is release else each for each in world.releases)
        return 1
    tried.releases = tuple(each for each in tried.releases if each is not release)
    world.__dict__.update(tried.__dict__)
    return 1


def _publish_later(world: World, release: Release) -> None:
    """Publish items as they were; the working copy is what it is afterwards."""
    keys = {uid: world.key_of(uid) for uid in release.parts}
    present = {key: world.draft[key] for key in keys.values()}
    groups: dict[tuple[str, ...], list[Key]] = {}
    for uid, part in release.parts.items():
        key = keys[uid]
        locales = part.locales or tuple(sorted(CHAINS))
        if part.version is not None:
            then = world.at(uid, part.version)
            assert then is not None
            if any(target not in world.draft for _, target in targets(key, then.document)):
                raise RefusedError("UNKNOWN_ITEM")
            world.draft[key] = world.draft[key]._replace(
                version=then.version, document=then.document, slug=then.slug
            )
            locales = tuple(at for at in locales if not _has_newer(world, key, at))
        if locales:
            groups.setdefault(locales, []).append(key)
    _publish(world, sorted(groups.items()), release.references)
    for key, item in present.items():
        published = world.draft[key].was_published
        world.draft[key] = item._replace(was_published=published)


def _has_newer(world: World, key: Key, locale: str) -> bool:
    copy = world.copy_of(key, locale)
    return copy is not None and copy.version > world.draft[key].version


def _unpublish_later(world: World, release: Release) -> None:
    """Unpublish items; what could not be published until now is not to be any more."""
    asked = {world.key_of(uid): part.locales or [*CHAINS] for uid, part in release.parts.items()}
    _unpublish(world, asked)

    def is_late(each: Release) -> bool:
        is_waiting = each.action == "PUBLISH" and each.attempts > 0 and each.at < release.at
        return is_waiting and bool(each.parts.keys() & release.parts.keys())

    world.releases = tuple(
        each._replace(failed=True) if is_late(each) else each for each in world.releases
    )
