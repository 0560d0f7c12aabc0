"""The database's revisions, with the plain alembic command."""

import ast
import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import PROJECT, Server, dump, rows, shape
from tests.processes import environment, run_process

ALEMBIC = str(Path(sys.executable).parent / "alembic")
TABLES = "ecfa484b1a2f"
"""The last revision before there was content in one."""
REVISIONS = sorted((PROJECT / "alembic/versions").glob("*.py"))


async def alembic(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the alembic command in the project's folder."""
    return await asyncio.to_thread(
        subprocess.run,
        [ALEMBIC, *arguments],
        cwd=PROJECT,
        env=environment(DATABASE_URL=url),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_up_down_up_with_the_plain_command(server: Server) -> None:
    async with server.new() as url:
        assert (await alembic(url, "upgrade", "head")).returncode == 0
        tables = await shape(url)
        assert len(tables) > 300
        assert (await alembic(url, "check")).returncode == 0
        content = await dump(url)
        assert len(content["live.guide"]) == 3
        assert (await alembic(url, "downgrade", "base")).returncode == 0
        assert await shape(url) == []
        assert (await alembic(url, "upgrade", "head")).returncode == 0
        assert await shape(url) == tables
        assert await dump(url) == content


async def test_what_was_loaded_before_there_were_plans_is_what_they_begin_with(
    server: Server,
) -> None:
    async with server.new() as url:
        await alembic(url, "upgrade", "62a1316f8572")
        for author, name in (("content load", "1"), ("content load", "2"), ("editor", "3")):
            await rows(
                url,
                """insert into service.revision
                (type, item_id, slug, version, action, document, changes, author)
                values ('Skill', gen_random_uuid(), 'sql', 1, 'SAVE', $1, '[]', $2)""",
                f'{{"type": "Skill", "slug": "sql", "name": {{"en": "{name}"}}}}',
                f"guidepost {author}",
            )
        assert (await alembic(url, "upgrade", "head")).returncode == 0
        found = await rows(url, "select type, slug, document->'name'->>'en' from service.applied")
        assert found == [("Skill", "sql", "2")]


async def test_check_sees_a_difference(database: str) -> None:
    await rows(database, "alter table live.guide drop column title")
    checked = await alembic(database, "check")
    assert checked.returncode != 0
    assert "add column live.guide.title" in checked.stdout


async def test_the_statements_can_be_printed(server: Server) -> None:
    printed = await alembic(server.url, "upgrade", TABLES, "--sql")
    assert printed.returncode == 0
    assert "CREATE TABLE live.guide" in printed.stdout
    assert "INSERT INTO service.locale" in printed.stdout


async def test_two_at_once_wait_for_each_other(server: Server) -> None:
    async with server.new() as url:
        done = await asyncio.gather(
            *(asyncio.to_thread(run_process, "migrate", DATABASE_URL=url) for _ in range(2))
        )
        assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
        assert (await alembic(url, "check")).returncode == 0


async def test_a_server_that_is_not_there_is_said_in_a_line(server: Server) -> None:
    failed = await alembic(server.database("nowhere"), "upgrade", "head")
    assert failed.returncode != 0
    assert "the database cannot be reached" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_folder_does_not_shadow_the_library() -> None:
    assert not list((PROJECT / "alembic").rglob("__init__.py"))


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.stem)
def test_a_revision_is_frozen_in_time(path: Path) -> None:
    imported = {
        name.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert not [name for name in imported if name.split(".")[0] in {"schema", "service"}]
