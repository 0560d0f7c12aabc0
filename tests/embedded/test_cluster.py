"""A new database, and one that is there already."""

import asyncio
import os
import stat
from pathlib import Path

import asyncpg
import pytest

from service.database.session import Session
from service.embedded import embedded_postgres
from service.roles import READER, ROLES
from tests.embedded.client import fetch
from tests.embedded.server import environment_of, listens, lives, pid_of


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_new_database(fresh: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with embedded_postgres(fresh) as url:
        password = (fresh / "password").read_text().strip()
        assert password != (data / "password").read_text().strip()
        rest = f"host={fresh}/run&port=5432&passfile={fresh}/passfile"
        assert url == f"postgresql://guidepost:{password}@/guidepost?{rest}"
        expected = {
            "select current_user": "guidepost",
            "select current_database()": "guidepost",
            "show is_superuser": "on",
            "show listen_addresses": "",
            "show data_checksums": "on",
            "show server_encoding": "UTF8",
            "show timezone": "UTC",
            "show log_timezone": "UTC",
            "select upper('é')": "É",
            "select count(*) from pg_hba_file_rules where auth_method <> 'scram-sha-256'": 0,
        }
        assert {query: await fetch(url, query) for query in expected} == expected


async def test_private(data: Path) -> None:
    with embedded_postgres(data):
        assert _mode(data / "password") == 0o600
        assert _mode(data / "passfile") == 0o600
        assert _mode(data / "server.log") == 0o600
        assert _mode(data / "run") == 0o700
        assert _mode(data / "cluster") == 0o700


@pytest.mark.parametrize("password", ["wrong", ""])
async def test_password_is_needed(data: Path, password: str) -> None:
    with embedded_postgres(data) as url:
        right = (data / "password").read_text().strip()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetch(url.replace(right, password))


def _logins(data: Path) -> dict[str, str]:
    lines = (data / "passfile").read_text().splitlines()
    return dict(line.removeprefix("*:*:*:").split(":") for line in lines)


async def _log_in(url: str, role: str) -> object:
    connection = await asyncpg.connect(**Session(url, role, {}).options)
    try:
        return await connection.fetchval("select session_user")
    finally:
        await connection.close()


async def test_each_role_has_a_login(data: Path) -> None:
    with embedded_postgres(data) as url:
        logins = _logins(data)
        assert logins.keys() == {*ROLES}
        assert len({*logins.values(), (data / "password").read_text().strip()}) == len(ROLES) + 1
        assert [await _log_in(url, role) for role in ROLES] == [*ROLES]


@pytest.mark.parametrize("lost", [{*ROLES}, {READER}])
async def test_logins_are_made_at_the_next_start_where_there_are_none(
    copy: Path, lost: set[str]
) -> None:
    """Also where a migration of older code made the roles."""
    before = _logins(copy)
    with embedded_postgres(copy) as url:
        for role in lost:
            await fetch(url, f"alter role {role} nologin password null")
    lines = (f"*:*:*:{role}:{word}\n" for role, word in before.items() if role not in lost)
    (copy / "passfile").write_text("".join(lines))
    with embedded_postgres(copy) as url:
        assert [await _log_in(url, role) for role in ROLES] == [*ROLES]
        after = _logins(copy)
    assert {role for role in ROLES if after[role] != before[role]} == lost


async def test_second_start_makes_nothing_anew_and_keeps_the_data(copy: Path) -> None:
    with embedded_postgres(copy) as url:
        await fetch(url, "create table kept as select 7 as number")
    made = (copy / "cluster/PG_VERSION").stat()
    with embedded_postgres(copy) as url:
        assert (copy / "cluster/PG_VERSION").stat() == made
        assert await fetch(url, "select number from kept") == 7


def test_nothing_runs_afterwards(data: Path) -> None:
    with embedded_postgres(data):
        pid = pid_of(data)
        assert lives(pid)
        assert listens(data)
    assert not lives(pid)
    assert not listens(data)
    assert not (data / "cluster/postmaster.pid").exists()


def test_stops_when_the_block_fails(data: Path) -> None:
    with pytest.raises(OSError, match=r"^of the caller$"), embedded_postgres(data):
        raise OSError("of the caller")
    assert not listens(data)


def test_moved_to_a_path_with_special_characters(copy: Path) -> None:
    elsewhere = copy.rename(copy.with_name("a 'b\" $HOME `c` \\ 100%+é&x"))
    with embedded_postgres(elsewhere) as url:
        assert asyncio.run(fetch(url)) == 1


async def test_relative_path(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.parent)
    with embedded_postgres(Path(data.name)) as url:
        assert await fetch(url) == 1


async def test_environment_is_not_the_servers(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("GUIDEPOST_TEST", "a secret of the application")
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1
        assert "GUIDEPOST_TEST" not in environment_of(pid_of(data))


async def test_private_umask(fresh: Path) -> None:
    before = os.umask(0o077)
    try:
        with embedded_postgres(fresh / "deeper") as url:
            assert await fetch(url) == 1
    finally:
        os.umask(before)
    assert not (fresh / "deeper/location").exists()


async def test_deleted_working_directory(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = data.parent / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with embedded_postgres(data) as url:
        assert await fetch(url) == 1


def test_large_log_is_turned_over(copy: Path) -> None:
    with (copy / "server.log").open("ab") as log:
        log.truncate(1_000_001)
    with embedded_postgres(copy):
        assert (copy / "server.log").stat().st_size < 10_000
        assert (copy / "server.log.old").stat().st_size == 1_000_001
