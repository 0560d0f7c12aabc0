"""Random branches of the model and of content, each generated beside the other, and merged.

Whichever runs first, the end is the same, or both stop because of the same conflicts.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import GuidepostError
from service.migrations.content.resolutions import MigrationConflictError
from service.migrations.failures import RevisionError
from tests.databases import Server
from tests.migrations.declared import declared
from tests.migrations.drawing import ADDITIONS, CHANGES, changed
from tests.migrations.history import PUBLISH, History, ask
from tests.migrations.merging import MergeConflictError, clash, gone, merged, needs_names
from tests.migrations.targets import FIRST, Target
from tests.migrations.teams import Team, begun, copied
from tests.soaking import rounds, seeded

SETTINGS = settings(max_examples=2)


class Branches(NamedTuple):
    """What is wanted first, and then by each of two branches."""

    base: Target
    sides: tuple[Target, Target]


@st.composite
def branches(draw: Any) -> Branches:
    """What two branches of a team want."""
    base = changed(draw, FIRST, ADDITIONS, 4)
    one, other = (changed(draw, base, CHANGES, 2) for _ in range(2))
    return Branches(base, (one, other))


async def merge(trunk: Team, drawn: Branches) -> list[str]:
    """Let both branches write their revisions, and merge them; the revisions of the branches.

    There are none if they cannot be merged, or if one needs what the other one renames or drops:
    these can be run in one order only.
    """
    base, (one, other) = drawn
    try:
        types = merged(base.types, one.types, other.types)
    except MergeConflictError:
        return []
    if clash(base, one, other):
        return []
    async with copied(trunk, "a") as first, copied(trunk, "b") as second:
        sides = [first, second]
        for team, target in zip(sides, drawn.sides, strict=True):
            if not await team.generate(target):
                return []
        if needs_names(second.written, gone(base.types, one.types)) or needs_names(
            first.written, gone(base.types, other.types)
        ):
            return []
        await trunk.history.merge([each.history for each in sides])
        trunk.declared = declared(Target(types).source())
        return [each.history.last for each in sides]


class Stopped(NamedTuple):
    """The conflicts at which an upgrade has stopped; none where it could not be run at all.

    Such as where one branch requires a field, which the other one's new item does not have.
    """

    conflicts: frozenset[Any]


def _conflicts(error: MigrationConflictError) -> Iterator[Any]:
    """The conflicts, the same whichever branch has run first.

    Where one branch deletes what the other one changes, that is the item.
    """
    lost = {each.item for each in error.conflicts if None in (each.theirs, each.ours)}
    for item, field, base, theirs, ours, _ in error.conflicts:
        if item in lost:
            yield item
        else:
            sides = (_said(each) for each in (theirs, ours))
            yield item, field, _said(base), frozenset(sides)


def _said(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


async def upgraded(team: Team, order: list[str]) -> Any:
    """The state after revisions in this order, and those that merge them; or where that stopped."""
    try:
        for each in [*order, "head"]:
            await team.up(each)
    except MigrationConflictError as error:
        return Stopped(frozenset(_conflicts(error)))
    except RevisionError:
        raise
    except GuidepostError:
        return Stopped(frozenset())
    return await team.state()


async def through(server: Server, towns: History, drawn: Branches) -> None:
    """Go up in both orders, and down and up."""
    async with begun(server, towns) as trunk:
        if not await trunk.generate(drawn.base):
            return
        await trunk.up()
        before, fork = await trunk.state(), trunk.history.last
        order = await merge(trunk, drawn)
        if not order:
            return
        async with copied(trunk) as first, copied(trunk) as second:
            one = await upgraded(first, order)
            other = await upgraded(second, order[::-1])
            if isinstance(one, Stopped) and isinstance(other, Stopped):
                assert one == other or not (one.conflicts and other.conflicts)
                return
            assert one == other
            for team in (first, second):
                await team.check_live()
                await team.down(fork)
                assert await team.state() == before
                await team.up()
                assert await team.state() == one


ORDERS = pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids=["ab", "ba"])


def forked(history: History, folder: Path) -> list[History]:
    """Two histories that go on from one, on its database."""
    sides = [History(folder / name, history.url, name) for name in "ab"]
    for each in sides:
        each.goes_on(history)
    return sides


async def run(history: History, order: tuple[str, str]) -> None:
    """Run the first revision of each branch, in this order."""
    for each in order:
        await history.upgrade(f"{each}002")


@ORDERS
async def test_what_another_branch_wrote_is_no_base(
    drafts: History, tmp_path: Path, order: tuple[str, str]
) -> None:
    """Nor is it without `base`: the writer of the revision has not seen it."""
    sides = forked(drafts, tmp_path)
    for each in sides:
        each.add(f'op.save("Location", {{"slug": "ghent", "name": {{"en": "{each.prefix}"}}}})')
    await drafts.merge(sides)
    first, second = order
    said = f"Location ghent: name.en: base 'Ghent', theirs '{first}', ours '{second}'"
    with pytest.raises(MigrationConflictError, match=said):
        await run(drafts, order)


@ORDERS
async def test_what_another_branch_withdrew_stays_unpublished(
    published: History, tmp_path: Path, order: tuple[str, str]
) -> None:
    withdraws, publishes = sides = forked(published, tmp_path)
    withdraws.add('op.unpublish("Hub", "the-pond")')
    publishes.add(
        'op.save("Hub", {"slug": "the-pond", "name": {"en": "New"}})',
        'op.publish("Hub", "the-pond")',
    )
    await published.merge(sides)
    await run(published, order)
    await published.upgrade()
    assert await ask(published.url, '{ hub(slug: "the-pond") { name } }') == {"hub": None}


@ORDERS
async def test_branches_are_taken_back_in_the_reverse_order(
    drafts: History, tmp_path: Path, order: tuple[str, str]
) -> None:
    await drafts.upgrade()
    before, fork = await drafts.dump(), drafts.last
    sides = forked(drafts, tmp_path)
    sides[0].add(PUBLISH)
    sides[1].add('op.save("Hub", {"slug": "the-pond", "website": "https://a.example/"})', PUBLISH)
    for each in sides:
        # It changes no content, and comes before the one that it builds on all the same.
        each.add("pass")
    await drafts.merge(sides)
    await run(drafts, order)
    await drafts.upgrade()
    after = await drafts.dump()
    await drafts.downgrade(fork)
    assert await drafts.dump() == before
    await drafts.upgrade()
    assert await drafts.dump() == after


def test_whichever_branch_runs_first_the_end_is_the_same(server: Server, towns: History) -> None:
    def check(drawn: Branches) -> None:
        asyncio.run(through(server, towns, drawn))

    for number in rounds(SETTINGS.max_examples, share=0.25):
        seeded(SETTINGS(given(drawn=branches())(check)), number)()
