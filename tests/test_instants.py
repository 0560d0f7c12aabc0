"""When things were done: in the order of the commits, however long they waited for their turn."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.merging import Side
from service.editing.releasing import carry_out
from service.editing.renaming import rename
from service.folders.planning import Options
from service.roles import WRITER
from tests.databases import applied, blocked, rows
from tests.editing import PUBLISH, RESTORE, SCHEDULE, UNPUBLISH, Editor, deleting, items, skill
from tests.writing import write

SKILL = items(skill="python")
TIMES = """
    select 'draft', id::text, updated_at from draft.skill union all
    select 'draft published', id::text, published_at from draft.skill union all
    select 'live published', id || locale, published_at from live.skill union all
    select 'revision', id::text, at from service.revision
"""
DOCUMENT = "type: Skill\nslug: python\nname: {en: Snake}\n"
LATER = "2100-01-31T09:00:00Z"

Command = Callable[[Editor, str, Path], Coroutine[Any, Any, None]]


async def _save(editor: Editor, _: str, __: Path) -> None:
    await editor.save("Skill", skill(name="Other"))


async def _publish(editor: Editor, _: str, __: Path) -> None:
    await editor.change(PUBLISH, slugs=SKILL)


async def _unpublish(editor: Editor, _: str, __: Path) -> None:
    await editor.change(UNPUBLISH, slugs=items(skill="live"))


async def _restore(editor: Editor, _: str, __: Path) -> None:
    await editor.change(RESTORE, revision="revision_1")


async def _delete(editor: Editor, _: str, __: Path) -> None:
    await editor.change(deleting("Skill"), slug="python")


async def _apply(_: Editor, database: str, folder: Path) -> None:
    ours = Options(conflicts=Side.OURS, publishing=True)
    await applied(database, write(folder, skill=DOCUMENT), ours)


async def _rename(_: Editor, database: str, __: Path) -> None:
    async with writing(database) as engine, editing(engine, content_model(), "a") as edit:
        await rename(edit, ("Skill", "python"), "cobra")


async def _carry_out(_: Editor, database: str, __: Path) -> None:
    async with writing(database, role=WRITER) as engine:
        await carry_out(engine, content_model(), lambda _: None)


COMMANDS: list[Command] = [
    *(_save, _publish, _unpublish, _restore, _delete, _apply, _rename, _carry_out)
]


@pytest.fixture
async def changed(editor: Editor) -> Editor:
    """Somebody with a skill of two versions, and a second one that is live."""
    await editor.save("Skill", skill(name="First"))
    await editor.save("Skill", skill())
    await editor.save("Skill", skill("live"))
    await editor.change(PUBLISH, slugs=items(skill="live"))
    return editor


@asynccontextmanager
async def _somebody_else(database: str) -> AsyncIterator[None]:
    async with writing(database) as engine, editing(engine, content_model(), "somebody"):
        yield


@pytest.mark.parametrize("command", COMMANDS)
async def test_an_instant_is_not_before_a_change_s_turn_came(
    changed: Editor, database: str, tmp_path: Path, command: Command
) -> None:
    if command is _carry_out:
        await changed.change(SCHEDULE, slugs=SKILL, at=LATER)
    before = {*await rows(database, TIMES)}
    async with _somebody_else(database):
        # Not before, as the running app carries out what is due.
        await rows(database, "update service.release set due_at = now(), next_at = now()")
        doing = asyncio.ensure_future(command(changed, database, tmp_path))
        await blocked(database)
        turn = datetime.now(UTC)
    await doing
    made = {*await rows(database, TIMES)} - before
    assert made
    assert [each for each in made if each[2] and each[2] < turn] == []


@pytest.mark.parametrize("command", [_save, _publish, _unpublish, _apply, _rename])
async def test_an_instant_is_after_all_before_it_where_the_clock_went_back(
    changed: Editor, database: str, tmp_path: Path, command: Command
) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    await rows(database, "update service.revision set at = $1", ahead)
    await command(changed, database, tmp_path)
    [(at,)] = await rows(database, "select max(at) from service.revision")
    assert at > ahead
    if command is _publish:
        found = await rows(database, "select published_at from live.skill where slug = 'python'")
        assert [each > ahead for (each,) in found] == [True] * 3


async def test_what_is_published_at_once_is_so_at_one_instant(
    changed: Editor, database: str
) -> None:
    await changed.change(PUBLISH, slugs=SKILL)
    times = """
        select published_at from live.skill where slug = 'python' union
        select published_at from draft.skill where slug = 'python'
    """
    assert len(await rows(database, times)) == 1
