"""Whether the process lives, and whether it can do its work."""

import asyncio

import pytest

from service.api import health
from service.roles import READER
from tests.asking import Asker, asking
from tests.databases import Server, rows
from tests.processes import run
from tests.test_timeouts import locked


async def test_a_service_at_its_revision_is_ready(seeds: Asker) -> None:
    for path in ("/livez", "/readyz"):
        response = await seeds.http.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        (
            "grant usage on schema draft to {0}; grant select (slug) on draft.guide to {0}",
            "{0} may read draft.guide",
        ),
        ("grant select on service.revision to {0}", "{0} may read service.revision"),
    ],
)
async def test_a_reader_that_may_read_drafts_is_not_ready(
    database: str, ask: Asker, grant: str, said: str
) -> None:
    for statement in grant.format(READER).split("; "):
        await rows(database, statement)
    response = await ask.http.get("/readyz")
    assert response.status_code == 503
    assert said.format(READER) in response.text
    done = await asyncio.to_thread(run, "serve", DATABASE_URL=database, PORT="0")
    assert done.returncode == 1
    assert said.format(READER) in done.stderr


async def at(url: str, revision: str) -> None:
    """Say that a database is at a revision."""
    await rows(url, "update alembic_version set version_num = $1", revision)


async def test_a_database_at_an_older_revision_is_not_ready(database: str, ask: Asker) -> None:
    await at(database, "bc71222f9874")
    response = await ask.http.get("/readyz")
    assert response.status_code == 503
    assert "the database is at revision bc71222f9874, the code at " in response.text
    assert "run `guidepost migrate`" in response.text
    assert (await ask.http.get("/livez")).status_code == 200


async def test_a_database_of_newer_code_will_do_while_it_has_all_that_is_read(
    database: str, ask: Asker
) -> None:
    await at(database, "ffffffffffff")
    await rows(database, "alter table live.guide add column motto text")
    response = await ask.http.get("/readyz")
    assert (response.status_code, response.text) == (200, "ok\n")
    await rows(database, "alter table live.guide rename column title to heading")
    response = await ask.http.get("/readyz")
    assert response.status_code == 503
    assert "revision ffffffffffff, which this code does not know" in response.text
    assert response.text.endswith("It lacks the column live.guide.title\n")


async def test_a_database_that_does_not_answer_in_time_is_not_ready(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DEADLINE", 0.1)
    async with asking(database, statement_timeout=60) as ask, locked(database, "alembic_version"):
        response = await ask.http.get("/readyz")
        expected = "the database does not answer in time\n"
        assert (response.status_code, response.text) == (503, expected)
    async with asking(database) as ask:
        assert (await ask.http.get("/readyz")).text == "ok\n"


async def test_a_database_that_is_gone_is_not_ready_and_reads_say_so(
    server: Server, template: str
) -> None:
    async with (
        server.new(template) as url,
        asking(url, read_connections=1) as ask,
    ):
        before = await ask("{ guides { totalCount } }")
        name = url.rpartition("/")[2].partition("?")[0]
        await rows(server.url, f'alter database "{name}" with allow_connections false')
        await rows(
            server.url,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
            name,
        )
        response = await ask.http.get("/readyz")
        assert (response.status_code, response.text) == (503, "the database does not answer\n")
        response = await ask.post({"query": "{ guides { totalCount } }"})
        [error] = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
        assert response.headers["retry-after"] == "1"
        assert (await ask.http.get("/livez")).status_code == 200
        await rows(server.url, f'alter database "{name}" with allow_connections true')
        assert (await ask.http.get("/readyz")).status_code == 200
        assert await ask("{ guides { totalCount } }") == before
