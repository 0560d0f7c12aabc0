"""Whether the process lives, and whether it can do its work."""

from tests.asking import Asker, asking
from tests.databases import Server, migrate, rows


async def test_a_service_at_its_revision_is_ready(seeds: Asker) -> None:
    for path in ("/livez", "/readyz"):
        response = await seeds.http.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")


async def test_a_database_at_another_revision_is_not_ready(database: str, ask: Asker) -> None:
    [(head,)] = await rows(database, "update alembic_version set version_num = 'x' returning 'x'")
    response = await ask.http.get("/readyz")
    assert response.status_code == 503
    assert f"the database is at revision {head}, the code at " in response.text
    assert (await ask.http.get("/livez")).status_code == 200


async def test_a_database_that_is_gone_is_not_ready_and_reads_say_so(server: Server) -> None:
    async with server.new() as url:
        await migrate(url)
        async with asking(url, read_connections=1) as ask:
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
            assert await ask("{ guides { totalCount } }") == {"guides": {"totalCount": 0}}
