"""Random histories of the model and of content, in revisions run as they were generated.

Down is what was before up, and up again is what it was. Compared are all rows of both copies with
their ids, search entries, columns, constraints and indexes. And what is live is what publishing
would make of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.databases import Server
from tests.migrations.drawing import CHANGES, changed
from tests.migrations.history import History
from tests.migrations.targets import FIRST, Field, Target, Type
from tests.migrations.teams import Step, Team, begun, moves_on
from tests.soaking import rounds, seeded

SETTINGS = settings(max_examples=2)


@st.composite
def steps(draw: Any, most: int = 3, *, edits: bool = True) -> list[Step]:
    """What a team does in some weeks."""
    target = FIRST
    found: list[Step] = []
    for _ in range(draw(st.integers(1, most))):
        moves = [*moves_on(draw, target)] if edits and found else []
        target = changed(draw, target, CHANGES)
        found.append(Step(moves, target))
    return found


async def up_and_down(team: Team, target: Target) -> bool:
    """Generate, and go up, down and up again; whether there was a revision to go."""
    before = await team.state()
    if not await team.generate(target):
        assert await team.state() == before
        return False
    await team.up()
    after = await team.state()
    await team.check(target)
    await team.check_live()
    await team.down()
    assert await team.state() == before
    await team.up()
    assert await team.state() == after
    return True


async def through(team: Team, drawn: Sequence[Step]) -> None:
    """Go through what a team does, and all the way back, and up again."""
    states = [await team.state()]
    for moves, target in drawn:
        for move in moves:
            await team.edit(move)
        if await up_and_down(team, target):
            states.append(await team.state())
    if any(step.moves for step in drawn):
        return
    last = states.pop()
    for state in reversed(states):
        await team.down()
        assert await team.state() == state
    await team.up()
    assert await team.state() == last


def test_whatever_is_declared_down_is_what_was_before(server: Server, towns: History) -> None:
    async def there_and_back(drawn: list[Step]) -> None:
        async with begun(server, towns) as team:
            await through(team, drawn)

    def check(drawn: list[Step]) -> None:
        asyncio.run(there_and_back(drawn))

    for number in rounds(SETTINGS.max_examples, share=0.25):
        seeded(SETTINGS(given(drawn=steps())(check)), number)()


async def test_a_reference_is_known_by_its_key_before_it_has_values(
    server: Server, towns: History
) -> None:
    """Also where it is no longer declared, as in a new database later."""
    town, near = Type("Town"), Field("near_a", target="Town")
    named = {"type": "Town", "slug": "a", "name": {"en": "One"}}
    other = {**named, "slug": "b"}
    renamed = replace(near, name="near_b", renamed_from="near_a")
    targets = [
        Target((replace(town, fields=(near,)),), ({**named, "nearA": "b"}, other)),
        Target((replace(town, fields=(renamed,)),), ({**named, "nearB": "b"}, other)),
        Target((town,), (named, other)),
    ]
    async with begun(server, towns) as team:
        await through(team, [Step([], target) for target in targets])
