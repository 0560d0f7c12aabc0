"""What publishing and unpublishing, now or later, make of a world, or why they cannot be done."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from tests.machine.world import (
    CHAINS,
    TYPES,
    Copy,
    Due,
    Key,
    RefusedError,
    Uid,
    World,
    known,
    targets,
)

HOUR = 3600
BATCH = 20
"""As many as are carried out at once."""


class Moved(NamedTuple):
    """What was published, or unpublished, and what was that already."""

    moved: frozenset[Key]
    unchanged: frozenset[Key]


def publish(
    world: World, keys: Collection[Key], references: str, locales: Collection[str] | None = None
) -> Moved:
    """Copy items from draft to live."""
    known(world, keys)
    asked = locales or [*CHAINS]
    chosen = {key for key in keys if _is_behind(world, key, asked)}
    owners = {*keys} if references == "PUBLISH_TOO" else chosen
    while missing := {each for each in _never_published(world, owners) if each[1] not in chosen}:
        if references != "PUBLISH_TOO":
            if references == "FAIL" or any(needed for needed, _ in missing):
                raise RefusedError("NOT_PUBLISHED")
            break
        owners = {target for _, target in missing}
        chosen |= owners
    for key in chosen:
        _copy(world, key, asked)
    codes = {"NOT_PUBLISHED" for key in chosen for at in asked if _lacks_an_end(world, key, at)}
    codes |= {"DUPLICATE" for key in chosen if _is_doubled(world, key)}
    if codes:
        raise RefusedError(*codes)
    for key in chosen:
        world.record(key, "PUBLISH")
    return Moved(frozenset(chosen), frozenset(keys) - chosen)


def _is_behind(world: World, key: Key, locales: Iterable[str]) -> bool:
    copies = [world.copy_of(key, locale) for locale in locales]
    return any(each is None or each.version != world.draft[key].version for each in copies)


def _never_published(world: World, owners: Collection[Key]) -> Iterator[tuple[bool, Key]]:
    for key in owners:
        for name, target in targets(key, world.draft[key].document):
            one = TYPES[key[0]].ones.get(name)
            if not world.live.get(world.draft[target].uid):
                yield one is not None and one.needed, target


def _copy(world: World, key: Key, locales: Iterable[str]) -> None:
    item, type_ = world.draft[key], TYPES[key[0]]

    def uid(target: str, slug: str | None) -> Uid | None:
        return world.draft[target, slug].uid if slug else None

    ends = {name: uid(one.target, item.document.get(name)) for name, one in type_.ones.items()}
    copies = world.live.setdefault(item.uid, {})
    for locale in locales:
        copies[locale] = Copy(item.version, item.document, ends)
    world.links[item.uid] = {
        name: tuple(world.draft[target, slug].uid for slug in item.document.get(name, ()))
        for name, target in type_.lists.items()
    }
    world.draft[key] = item._replace(was_published=True)


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


def unpublish(world: World, keys: Collection[Key]) -> Moved:
    """Take items out of live."""
    known(world, keys)
    gone = {world.draft[key].uid: key for key in keys if world.live.get(world.draft[key].uid)}
    for uid, copies in world.live.items():
        needed = [name for name, one in TYPES[uid[0]].ones.items() if one.needed]
        ends = {each.ends[name] for each in copies.values() for name in needed}
        if uid not in gone and ends & gone.keys():
            raise RefusedError("IN_USE")
    for uid, key in gone.items():
        world.record(key, "UNPUBLISH")
        del world.live[uid], world.links[uid]
    moved = frozenset(gone.values())
    return Moved(moved, frozenset(keys) - moved)


def schedule(
    world: World, keys: Collection[Key], at: int | None, until: int | None, references: str
) -> None:
    """Set what is to happen to items."""
    known(world, keys)
    times = [time for time in (at, until) if time is not None]
    if any(time <= world.now for time in times) or times != sorted(set(times)):
        raise RefusedError("BAD_TIME")
    for key in keys:
        uid = world.draft[key].uid
        for action, time in (("PUBLISH", at), ("UNPUBLISH", until)):
            world.schedules.pop((uid, action), None)
            if time is not None:
                world.schedules[uid, action] = Due(time, references)


def carry_out(world: World, order: Mapping[Uid, str]) -> int:
    """Do what is due; how much that was. What is due at the same time is ordered by ids."""
    due = sorted(
        (each.at, order[uid], uid, action)
        for (uid, action), each in world.schedules.items()
        if each.at <= world.now and not each.failed
    )[:BATCH]
    for *_, uid, action in due:
        set_ = world.schedules[uid, action]
        tried = world.copied()
        del tried.schedules[uid, action]
        try:
            if action == "PUBLISH":
                publish(tried, [uid[:2]], set_.references)
            else:
                unpublish(tried, [uid[:2]])
        except RefusedError:
            world.schedules[uid, action] = set_._replace(failed=True)
        else:
            world.__dict__.update(tried.__dict__)
    return len(due)
