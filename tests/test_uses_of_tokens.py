"""When tokens were used, as far as it is noted."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from service import tokens
from service.access import AccessError
from tests.databases import rows
from tests.tokens import bearer, looking, make


async def last_use(database: str) -> datetime | None:
    [(found,)] = await rows(database, "select last_used_at from service.token")
    assert found is None or isinstance(found, datetime)
    return found


async def use(database: str, token: str) -> datetime | None:
    """When it was used last, after an instance of its own used it now."""
    async with looking(database) as instance:
        await instance.access(bearer(token))
    return await last_use(database)


async def test_the_last_use_is_noted_at_most_once_a_minute(database: str) -> None:
    token = await make(database)
    assert await last_use(database) is None
    before = datetime.now(UTC)
    first = await use(database, token)
    assert first is not None
    assert before <= first <= datetime.now(UTC)
    assert await use(database, token) == first
    for ago, moves in ((55, False), (61, True)):
        then = datetime.now(UTC) - timedelta(seconds=ago)
        await rows(database, "update service.token set last_used_at = $1", then)
        assert (await use(database, token) != then) is moves


async def test_one_of_many_instances_notes_a_use(database: str) -> None:
    token = await make(database)
    await rows(database, "create table noted (at timestamptz)")
    await rows(
        database,
        """create function note() returns trigger language plpgsql as
        $$ begin insert into noted values (new.last_used_at); return new; end $$""",
    )
    await rows(
        database,
        """create trigger note after update on service.token
        for each row execute function note()""",
    )
    async with looking(database) as one, looking(database) as other:
        await asyncio.gather(*(each.access(bearer(token)) for each in [one, other] * 5))
    assert len(await rows(database, "select * from noted")) == 1


async def test_who_is_refused_used_nothing(database: str) -> None:
    token = await make(database)
    async with looking(database) as instance:
        with pytest.raises(AccessError):
            await instance.access(bearer(token[:36] + "A" * 43))
    assert await last_use(database) is None


async def test_a_note_does_not_hold_up_the_request(database: str) -> None:
    token = await make(database)
    other = await asyncpg.connect(database)
    try:
        async with looking(database) as instance:
            async with other.transaction():
                await other.execute("select from service.token for update")
                async with asyncio.timeout(20):
                    assert (await instance.access(bearer(token))).name == "robot"
                closing = asyncio.create_task(instance.close())
                await asyncio.sleep(0.05)
                assert not closing.done()
            await closing
            assert await last_use(database) is not None
    finally:
        await other.close()


async def test_a_note_that_fails_is_in_the_log_and_no_request_fails(
    database: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await make(database)
    monkeypatch.setattr(tokens, "_PATIENCE", 0.1)
    other = await asyncpg.connect(database)
    try:
        async with other.transaction():
            await other.execute("select from service.token for update")
            async with looking(database) as instance:
                assert (await instance.access(bearer(token))).name == "robot"
    finally:
        await other.close()
    [record] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.getMessage() == "the use of the token 'robot' could not be recorded"
