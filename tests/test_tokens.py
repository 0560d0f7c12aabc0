"""Tokens: how they are made, looked up and revoked."""

import asyncio
import re
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import tokens
from service.access import Access, AccessError, Scope
from service.authors import ANONYMOUS, APPLYING, SCHEDULE, migration
from service.database.pools import writing
from service.errors import DatabaseError, GuidepostError
from service.tokens import FRESH, Tokens
from tests.databases import CUT, Server, rows
from tests.tokens import NOBODY, bearer, looking, make, revoke

PROGRAMS = (ANONYMOUS, APPLYING, SCHEDULE, migration("9f6b7a45e679"))


async def refused(instance: Tokens, header: bytes) -> None:
    """See a header refused, in the way in which everything is that is not a valid token."""
    with pytest.raises(AccessError) as raised:
        await instance.access(header)
    [error] = raised.value.errors
    assert (raised.value.status, error.extensions) == (401, {"code": "UNAUTHENTICATED"})
    assert error.message == str(raised.value) == "The token is not valid."


async def test_a_token_gives_what_it_was_made_with(database: str) -> None:
    writer = await make(database, "writer", [Scope.WRITE], ["Tool", "Guide"])
    admin = await make(database, "admin", [Scope.ADMIN])
    async with looking(database) as instance:
        found = await instance.access(bearer(writer))
        assert found == Access("writer", frozenset({Scope.WRITE}), frozenset({"Guide", "Tool"}))
        assert await instance.access(bearer(admin)) == Access("admin", frozenset(Scope))
        assert await instance.access(None) is NOBODY


async def test_the_scheme_is_written_in_any_case(database: str) -> None:
    token = await make(database)
    async with looking(database) as instance:
        for scheme in ("Bearer", "bearer", "BEARER", "bEaReR", "Bearer "):
            assert (await instance.access(f"{scheme} {token}".encode())).name == "robot"


async def test_scopes_of_newer_code_mean_nothing(database: str) -> None:
    token = await make(database)
    await rows(database, "update service.token set scopes = '{read,fly}'")
    async with looking(database) as instance:
        assert (await instance.access(bearer(token))).scopes == {Scope.READ}


async def test_the_secret_is_kept_nowhere(database: str) -> None:
    token = await make(database)
    matched = re.fullmatch("gp_([0-9a-f]{32})_([A-Za-z0-9_-]{43})", token)
    assert matched is not None
    id_, secret = matched.groups()
    async with looking(database) as instance:
        await instance.access(bearer(token))
    [(row, digest)] = await rows(database, "select t::text, t.digest from service.token t")
    assert digest == sha256(secret.encode()).digest()
    assert str(UUID(id_)) in row
    assert secret not in row
    assert secret.encode().hex() not in row


async def test_two_tokens_have_nothing_in_common(database: str) -> None:
    one, other = await make(database, "one"), await make(database, "other")
    assert one[3:35] != other[3:35]
    assert one[36:] != other[36:]
    async with looking(database) as instance:
        await refused(instance, bearer(one[:35] + other[35:]))
        assert (await instance.access(bearer(one))).name == "one"
        # Also when the row is at hand.
        await refused(instance, bearer(one[:35] + other[35:]))


async def test_a_token_that_there_is_not_is_refused_like_a_wrong_one(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await make(database)
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    async with looking(database) as instance:
        monkeypatch.setattr("service.tokens.hmac.compare_digest", compare)
        await refused(instance, bearer(f"gp_{uuid4().hex}_{token[36:]}"))
        await refused(instance, bearer(token[:36] + "A" * 43))
    assert compared == [(32, 32)] * 2


async def test_ids_that_are_unknown_are_not_kept(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_KEPT", 10)
    made = [await make(database, f"robot {number}") for number in range(20)]
    async with looking(database) as instance:
        for _ in range(30):
            await refused(instance, bearer(f"gp_{uuid4().hex}_{'A' * 43}"))
        assert len(instance._known) == 0
        for token in made:
            await instance.access(bearer(token))
        assert 0 < len(instance._known) <= 10


WRONG = [
    b"",
    b" ",
    b"Bearer",
    b"Bearer ",
    b"Bearer {}x",
    b"Bearer x{}",
    b"Bearer {} ",
    b"Bearer {}\n",
    b" Bearer {}",
    b"Bearer\t{}",
    b"Bearer{}",
    b"Bearer {}, Bearer {}",
    b"Bearer {} {}",
    b"Bearer={}",
    b'Bearer "{}"',
    b"Basic {}",
    b"Token {}",
    b"{}",
    b"Bearer \xff{}",
    b"B\xc3\xa9arer {}",
    b"Bearer gp__",
    b"Bearer gp_\x00",
]


async def test_headers_that_are_not_a_token_s_are_refused(database: str) -> None:
    token = (await make(database)).encode()
    changed = [
        b"Bearer " + each
        for each in (
            token[:-1],
            token[3:],
            token.upper(),
            token.replace(b"_", b"-", 1),
            token.replace(b"gp", b"pg", 1),
            token[:3] + str(UUID(token[3:35].decode())).encode() + token[35:],
            token[:34] + token[35:],
            token[:35] + token[36:],
            token[:-1] + b"+",
            token[:-1] + "é".encode(),
        )
    ]
    async with looking(database) as instance:
        assert (await instance.access(b"Bearer " + token)).name == "robot"
        for header in [each.replace(b"{}", token) for each in WRONG] + changed:
            await refused(instance, header)


@given(st.binary() | st.from_regex(rb"(?i:bearer) *gp_[0-9a-f_]{0,40}_?[\w-]{0,50}.?"))
def test_no_header_breaks_it(header: bytes) -> None:
    async def look() -> None:
        # There is no server at this address: the rare one that is a token's is looked up.
        async with writing("postgresql://u:p@127.0.0.1:1/x") as engine:
            try:
                await refused(Tokens(engine, NOBODY), header)
            except DatabaseError:
                assert re.fullmatch(rb"(?i:bearer) +gp_[0-9a-f]{32}_[\w-]{43}", header)

    asyncio.run(look())


class InAnHour(datetime):
    """A clock that is ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "InAnHour":
        return super().now(tz) + timedelta(hours=1)


async def test_expiry_is_looked_at_each_time(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FRESH", 3600)
    token = await make(database, expires_at=datetime.now(UTC) + timedelta(minutes=50))
    over = await make(database, "over", expires_at=datetime.now(UTC))
    async with looking(database) as instance:
        await refused(instance, bearer(over))
        assert (await instance.access(bearer(token))).name == "robot"
        monkeypatch.setattr(tokens, "datetime", InAnHour)
        await refused(instance, bearer(token))


async def test_a_revoked_token_stops_within_a_second(database: str) -> None:
    token = await make(database)
    async with looking(database) as instance, looking(database) as other:
        for each in (instance, other):
            assert (await each.access(bearer(token))).name == "robot"
        assert await revoke(database)
        await asyncio.sleep(FRESH)
        for each in (instance, other):
            await refused(each, bearer(token))


def test_a_second_is_more_than_a_token_is_kept_for() -> None:
    assert FRESH <= 0.5


async def test_a_token_in_use_is_looked_up_now_and_then(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await make(database)
    async with looking(database) as instance:
        looked_up: list[UUID] = []
        row = instance._row

        async def counted(id_: UUID) -> object:
            looked_up.append(id_)
            return await row(id_)

        monkeypatch.setattr(instance, "_row", counted)
        for _ in range(100):
            await instance.access(bearer(token))
        assert 0 < len(looked_up) < 10


async def test_a_cut_connection_is_replaced(database: str) -> None:
    token = await make(database)
    async with looking(database) as instance:
        await refused(instance, bearer(f"gp_{uuid4().hex}_{'A' * 43}"))
        await rows(database, CUT)
        await asyncio.sleep(0.1)
        assert (await instance.access(bearer(token))).name == "robot"


async def test_a_database_that_is_away_is_said(server: Server, migrated: str) -> None:
    async with server.new(migrated) as url:
        token = await make(url)
        await rows(url, "alter table service.token rename to elsewhere")
        async with looking(url) as instance:
            with pytest.raises(DatabaseError, match="a token cannot be looked up"):
                await instance.access(bearer(token))
    async with looking(url) as instance:
        with pytest.raises(DatabaseError, match="the database cannot be reached"):
            await instance.access(bearer(token))


async def test_a_name_is_taken_once_and_for_all(database: str) -> None:
    await make(database)
    with pytest.raises(GuidepostError, match="there is a token 'robot' already"):
        await make(database)
    await revoke(database)
    with pytest.raises(GuidepostError, match="revoked tokens keep their names"):
        await make(database)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", " a", "a ", "a\nb", "a\0", "a\x1b[31m", "a\x7f", "a\x85", "a" * 101),
        # What turns the rest of a line round, has no width, or is a letter and shows nothing.
        *("a\u202eb", "a\u200bb", "a\ufeff", "a\u00ad", "\u2028", "a\u3164", "a\u2800", "a\ufe0f"),
    ],
)
async def test_a_name_is_seen_whole(database: str, name: str) -> None:
    with pytest.raises(GuidepostError, match="cannot be a token's name; use 1 to 100 printable"):
        await make(database, name)
    assert await make(database, "Zoë's (2)")


@pytest.mark.parametrize(
    "name",
    ["migration", "Migration 1", "migration  1", "\uff4digration 1", "Guidepost", *PROGRAMS],
)
async def test_a_name_is_not_that_of_a_program(database: str, name: str) -> None:
    with pytest.raises(GuidepostError, match="own programs in revisions; begin it with another"):
        await make(database, name)
    assert await make(database, f"our {name}")
    assert await make(database, f"{name.split(maxsplit=1)[0]}-robot")


async def test_no_token_can_be_taken_for_who_wrote_what_migrations_bring(
    database: str, seeded: str
) -> None:
    found = await rows(seeded, "select distinct author from service.revision")
    assert found
    for (author,) in found:
        with pytest.raises(GuidepostError, match="such names mean Guidepost's own programs"):
            await make(database, author)


async def test_a_name_is_one_however_its_letters_are_composed(database: str) -> None:
    await make(database, "Zoe\u0308")
    with pytest.raises(GuidepostError, match="there is a token 'Zo\u00eb' already"):
        await make(database, "Zo\u00eb")
    assert await revoke(database, "Zoe\u0308") is True


async def test_revoking_again_changes_nothing(database: str) -> None:
    await make(database)
    assert await revoke(database) is True
    then = await rows(database, "select revoked_at from service.token")
    assert await revoke(database) is False
    assert await rows(database, "select revoked_at from service.token") == then != [(None,)]


async def test_revoking_what_there_is_not_names_what_is_near(database: str) -> None:
    await make(database, "editor")
    with pytest.raises(GuidepostError) as raised:
        await revoke(database, "editer")
    assert str(raised.value) == "there is no token 'editer'; did you mean editor?"
    with pytest.raises(GuidepostError, match="'zzz'; `guidepost token list` shows"):
        await revoke(database, "zzz")
