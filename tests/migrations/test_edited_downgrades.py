"""Random edits between an upgrade and its downgrade: what others changed stays, or it stops."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from service.database.pools import writing
from service.documents import store
from service.errors import GuidepostError
from service.migrations.content.resolutions import MigrationConflict, MigrationConflictError
from tests.databases import Server
from tests.migrations.declared import Declared
from tests.migrations.drawing import ADDITIONS, CHANGES, changed
from tests.migrations.history import History
from tests.migrations.merge_rule import GONE, Wanted, as_before, merge
from tests.migrations.targets import FIRST, LISTS, Document, Target, Type, Types
from tests.migrations.teams import Move, Team, begun, copied, moves_on
from tests.soaking import rounds, seeded

SETTINGS = settings(max_examples=2)

Items = Mapping[UUID, tuple[str, str, Document]]
"""Items by id: type, slug and values."""


class Edited(NamedTuple):
    """What is wanted at first, and then, and what editors do to that."""

    first: Target
    then: Target
    moves: Sequence[Move]


@st.composite
def edited(draw: Any) -> Edited:
    """A revision, and edits before it is downgraded."""
    first = changed(draw, FIRST, ADDITIONS, 4)
    then = changed(draw, first, CHANGES, 2)
    return Edited(first, then, [*moves_on(draw, then)])


async def items(team: Team, declared: Declared) -> Items:
    """The items of the working copy."""
    found = await team.history.content(declared.model)
    async with writing(team.history.url) as engine, engine.connect() as connection:
        ids = await store.ids(connection, declared.model, found)
    hidden = {"type", "slug", "draft", "published", "live"}
    return {
        ids[key]: (*key, {name: each for name, each in document.items() if name not in hidden})
        for key, document in found.items()
    }


def before_names(drawn: Edited, found: Items) -> Items:
    """Items under the names that there were at first, without what there was not."""
    made = {}
    for id_, (type_, slug, document) in found.items():
        name, values = as_before(drawn.first.types, drawn.then.types, type_, document)
        if values:
            made[id_] = (name, slug, values)
    return made


class Sides(NamedTuple):
    """The three sides of a downgrade."""

    base: Items
    theirs: Items
    ours: Items

    def wanted(self, side: str) -> Iterator[tuple[UUID, tuple[str, str], Wanted]]:
        """What a downgrade makes of each item."""
        for id_ in {**self.ours, **self.base, **self.theirs}:
            base, theirs, ours = (each.get(id_) for each in self)
            [key, *_] = [each[:2] for each in (ours, base, theirs) if each]
            if not self._is_in_doubt(id_, key):
                a, b, c = (each and each[2] for each in (base, theirs, ours))
                yield id_, key, merge(a, b, c, side)

    def _is_in_doubt(self, id_: UUID, key: tuple[str, str]) -> bool:
        """Whether another item has the slug of an item."""
        others = {each[:2]: other for other, each in self.theirs.items()}
        return others.get(key, id_) != id_


async def through(server: Server, towns: History, drawn: Edited) -> None:
    """Go up, edit, and go down as far as that is possible."""
    async with begun(server, towns) as team:
        if not await team.generate(drawn.first):
            return
        await team.up()
        first = team.declared
        ours = await items(team, first)
        if not await team.generate(drawn.then):
            return
        await team.up()
        base = before_names(drawn, await items(team, team.declared))
        for move in drawn.moves:
            await team.edit(move)
        theirs = before_names(drawn, await items(team, team.declared))
        lost = {id_: _without(drawn, each) for id_, each in ours.items()}
        sides = Sides(_with(base, lost), _with(theirs, lost), ours)
        has_parts = _parts(drawn.first) == _parts(drawn.then)
        await check(team, first, sides, drawn.then.types, has_parts=has_parts)


def _parts(target: Target) -> list[Type | None]:
    return [each.part for each in target.types]


def _without(drawn: Edited, item: tuple[str, str, Document]) -> Document:
    """The values of an item that are dropped with their fields."""
    name, _, document = item
    type_ = next((it for it in drawn.then.types if name == (it.renamed_from or it.name)), None)
    if type_ is None:
        return {}
    kept = {"name"}
    [old] = [each for each in drawn.first.types if each.name == name]
    names = {each.renamed_from or each.name for each in type_.fields}
    kept |= {each.graphql_name for each in old.fields if each.name in names}
    if old.part and type_.part and old.part.name == (type_.part.renamed_from or type_.part.name):
        kept |= {old.parts} & {type_.parts_from or type_.parts}
    return {key: value for key, value in document.items() if key not in kept}


def _with(found: Items, lost: Mapping[UUID, Document]) -> Items:
    """Items with the values that come back with their fields, as if they had always been there."""
    return {
        id_: (name, slug, {**document, **lost.get(id_, {})})
        for id_, (name, slug, document) in found.items()
    }


async def check(
    team: Team, first: Declared, sides: Sides, types: Types, *, has_parts: bool
) -> None:
    """Downgrade, also with either side where there are conflicts.

    Without `has_parts`, parts are left out: what they have changes, and that is a change of the
    whole list.
    """
    if not has_parts:
        sides = Sides(*map(_without_parts, sides))
    wanted = [*sides.wanted("theirs")]
    async with down(team) as (other, stopped):
        if stopped is None:
            assert [each for *_, each in wanted if each.conflicts] == []
            await check_content(other, first, wanted, has_parts=has_parts)
        if not isinstance(stopped, MigrationConflictError):
            return
        check_conflicts(types, wanted, stopped.conflicts)
    for side in ("theirs", "ours"):
        async with down(team, force=side) as (other, stopped):
            if isinstance(stopped, MigrationConflictError):
                # These need a person: items that others refer to, or that others made meanwhile.
                assert {each.field for each in stopped.conflicts} <= {"in use", "slug"}
            if stopped is None:
                forced = [*sides.wanted(side)]
                await check_content(other, first, forced, has_parts=has_parts)


@asynccontextmanager
async def down(team: Team, **options: str) -> AsyncIterator[tuple[Team, GuidepostError | None]]:
    """A copy of a team after a downgrade, and what stopped it, which has changed nothing."""
    before = await team.state()
    async with copied(team) as other:
        stopped = None
        try:
            await other.down(**options)
        except GuidepostError as error:
            stopped = error
        if stopped is not None:
            assert await other.state() == before
        is_conflict = isinstance(stopped, MigrationConflictError)
        assert stopped is None or is_conflict or _IMPOSSIBLE.search(str(stopped))
        yield other, stopped


_IMPOSSIBLE = re.compile("cannot be required")
"""What a person has to change first: items that others made."""


async def check_content(team: Team, declared: Declared, wanted: Any, *, has_parts: bool) -> None:
    """The items are what the rule makes of them."""
    found = await items(team, declared)
    found = found if has_parts else _without_parts(found)
    for id_, key, each in wanted:
        item = found.get(id_)
        assert (key, item and item[2]) == (key, each.document)


def _without_parts(found: Items) -> Items:
    return {
        id_: (type_, slug, {name: it for name, it in document.items() if name not in LISTS})
        for id_, (type_, slug, document) in found.items()
    }


def check_conflicts(types: Types, wanted: Any, said: Sequence[MigrationConflict]) -> None:
    """Whether the conflicts that there are have been said, with their values and today's names."""
    values = {(each.item, each.field): each[2:5] for each in said}
    now = {each.renamed_from or each.name: each for each in types}
    for _, (type_, slug), each in wanted:
        item = f"{now[type_].name if type_ in now else type_} {slug}"
        for field, sides in each.conflicts.items():
            name, *code = field.split(".")
            found = now[type_].fields if type_ in now else ()
            names = {replace(it, name=it.renamed_from or it.name).graphql_name: it for it in found}
            name = names[name].graphql_name if name in names else name
            if type_ in now and name == now[type_].parts_from:
                name = now[type_].parts
            if field == GONE:
                assert item in {name for name, _ in values}
            else:
                assert values[item, ".".join((name, *code))] == sides


def test_edits_stay_when_their_revision_is_downgraded(server: Server, towns: History) -> None:
    def check_(drawn: Edited) -> None:
        asyncio.run(through(server, towns, drawn))

    for number in rounds(SETTINGS.max_examples, share=0.25):
        seeded(SETTINGS(given(drawn=edited())(check_)), number)()
