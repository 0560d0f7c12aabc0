"""Check constraints come, go and change with what is declared, and come back in a downgrade."""

from dataclasses import replace

import pytest

from service.errors import GuidepostError
from tests.databases import Server, rows
from tests.migrations.history import History
from tests.migrations.targets import Field, Target, Type
from tests.migrations.teams import Team, begun

CHECKS = """
    select conname, pg_get_expr(conbin, conrelid) from pg_constraint
    where contype = 'c' and connamespace = 'draft'::regnamespace and conname like 'ck\\_town\\_%'
"""
TOWN = {"type": "Town", "slug": "a", "name": {"en": "One"}}
CLUB = {**TOWN, "type": "Club"}
FREE = Field("number_a")
BOUND = replace(FREE, minimum=2)
HELD = [("ck_town_number_a_at_least_2", "(number_a >= 2)")]


def towns_with(*fields: Field, number: int | None = 3, delete: str = "yes") -> Target:
    """What is declared, and a town."""
    document = {**TOWN, "numberA": number} if number else TOWN
    return Target((Type("Town", fields),), (document,), delete)


async def moved(team: Team, target: Target) -> None:
    """Generate a revision and run it."""
    assert await team.generate(target)
    await team.up()
    await team.check(target)


@pytest.mark.parametrize(
    ("first", "then", "before", "after"),
    [
        (towns_with(FREE), towns_with(BOUND), [], HELD),
        (towns_with(BOUND), towns_with(FREE), HELD, []),
        (towns_with(BOUND), towns_with(number=None), HELD, []),
        (towns_with(BOUND), Target((Type("Club"),), (CLUB,)), HELD, []),
        (towns_with(FREE, number=1), towns_with(BOUND, number=3), [], HELD),
    ],
    ids=["it comes", "it goes", "with its column", "with its table", "after what it refuses"],
)
async def test_a_check_follows_the_declaration(
    server: Server, towns: History, first: Target, then: Target, before: object, after: object
) -> None:
    async with begun(server, towns) as team:
        await moved(team, first)
        state = await team.state()
        assert await rows(team.history.url, CHECKS) == before
        await moved(team, then)
        assert await rows(team.history.url, CHECKS) == after
        await team.down()
        assert await team.state() == state
        await team.up()
        assert await rows(team.history.url, CHECKS) == after


async def test_what_breaks_a_new_check_is_named(server: Server, towns: History) -> None:
    async with begun(server, towns) as team:
        await moved(team, towns_with(FREE, number=1))
        state = await team.state()
        assert await team.generate(Target((Type("Town", (BOUND,)), Type("Club")), (CLUB,), "no"))
        said = r"draft.town cannot have ck_town_number_a_at_least_2.* is not true in a;"
        with pytest.raises(GuidepostError, match=said):
            await team.up()
        assert await team.state() == state


async def test_a_unique_key_comes_back_after_what_would_break_it(
    server: Server, towns: History
) -> None:
    unique = replace(FREE, is_unique=True)
    other = {**TOWN, "slug": "b", "numberA": 3}
    async with begun(server, towns) as team:
        await moved(team, towns_with(unique))
        state = await team.state()
        await moved(team, Target((Type("Town", (FREE,)),), (other,)))
        await team.down()
        assert await team.state() == state


async def test_a_unique_key_comes_back_on_a_table_with_another_name(
    server: Server, towns: History
) -> None:
    unique = replace(FREE, is_unique=True)
    club = Type("Club", (FREE,), renamed_from="Town")
    async with begun(server, towns) as team:
        await moved(team, towns_with(unique))
        state = await team.state()
        await moved(team, Target((club,), ({**TOWN, "type": "Club", "numberA": 3},)))
        await team.down()
        assert await team.state() == state
