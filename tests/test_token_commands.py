"""The commands that make, list and revoke tokens."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess

import pytest

from service.access import Access, Scope
from service.commands.token import create
from service.errors import GuidepostError
from tests.databases import rows
from tests.processes import run
from tests.tokens import bearer, looking, make

READ, PREVIEW, WRITE, *_ = Scope


async def command(database: str, *arguments: str) -> CompletedProcess[str]:
    return await asyncio.to_thread(run, "token", *arguments, DATABASE_URL=database)


async def test_a_token_is_made_listed_and_revoked(database: str) -> None:
    made = await command(
        database, "create", "ed", "--scope", "write", "--scope", "read",
        "--type", "Tool", "--type", "Guide", "--expires", "2999-01-31T01:00:00+01:00",
    )  # fmt: skip
    assert made.stderr == "the token 'ed' is shown only once; store it as a secret\n"
    assert re.fullmatch(r"gp_[0-9a-f]{32}_[\w-]{43}\n", made.stdout)
    async with looking(database) as instance:
        found = await instance.access(bearer(made.stdout.strip()))
        assert found == Access("ed", frozenset({WRITE}), frozenset({"Guide", "Tool"}))

    await make(database, "app")
    await make(database, "old", expires_at=datetime(2020, 1, 31, tzinfo=UTC))
    revoked = await command(database, "revoke", "app")
    assert (revoked.returncode, revoked.stdout) == (0, "")
    assert revoked.stderr == "the token 'app' is revoked\n"
    again = await command(database, "revoke", "app")
    assert (again.returncode, again.stderr) == (0, "the token 'app' was revoked before\n")
    async with looking(database) as instance:
        assert (await instance.access(bearer(made.stdout.strip()))).name == "ed"

    listed = await command(database, "list")
    assert listed.stderr == ""
    shown = re.sub(r"(?!2999|2020)\d{4}-\d\d-\d\dT[\d:]{8}Z", "-------- now -------", listed.stdout)
    assert shown == (
        "name  scopes      types       created               expires               "
        "last used             state\n"
        "app   preview     all         -------- now -------  never                 "
        "never                 revoked\n"
        "ed    read,write  Guide,Tool  -------- now -------  2999-01-31T00:00:00Z  "
        "-------- now -------  active\n"
        "old   preview     all         -------- now -------  2020-01-31T00:00:00Z  "
        "never                 expired\n"
    )


async def test_an_end_can_be_said_in_days(database: str) -> None:
    before = datetime.now(UTC)
    await command(database, "create", "robot", "--scope", "read", "--expires", "90d")
    [(expires, types)] = await rows(database, "select expires_at, types from service.token")
    assert timedelta(0) <= expires - before - timedelta(days=90) < timedelta(minutes=1)
    assert types is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scope", "wirte"], 'Invalid value "wirte" for --scope. Choose from: "read", "preview"'),
        ([], "--scope requires an argument"),
        (
            ["--scope", "write", "--type", "[/x]"],
            "error: there is no content type '[/x]'; the types are Company, Guide, ",
        ),
    ],
)
async def test_a_wrong_option_is_said(database: str, options: list[str], said: str) -> None:
    done = await command(database, "create", "robot", *options)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert said in re.sub(r"[\s│]+", " ", done.stderr)
    assert "Traceback" not in done.stderr
    assert await rows(database, "select * from service.token") == []


@pytest.mark.parametrize(
    ("scope", "name", "said"),
    [
        (WRITE, "Guid", "there is no content type 'Guid'; did you mean Guide?"),
        (WRITE, "SalaryRange", "there is no content type 'SalaryRange'; the types are Company, "),
        (PREVIEW, "Guide", "--type says what a token may write and publish, and this one may do"),
    ],
)
def test_types_are_content_types_to_write(scope: Scope, name: str, said: str) -> None:
    with pytest.raises(GuidepostError) as raised:
        create("robot", scope=[scope], types=["Tool", name])
    assert str(raised.value).startswith(said)


RIGHT = "write it as 2027-01-31T00:00:00Z, or as 90d for 90 days from now"


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("2020-01-31T00:00:00Z", "is in the past; give a time in the future"),
        ("0d", "is in the past; give a time in the future"),
        ("2999-01-31T00:00:00", f"has no time zone; {RIGHT}"),
        ("2999-01-31", f"has no time zone; {RIGHT}"),
        *[
            (text, f"is not a time; {RIGHT}")
            for text in (
                *("", "soon", "90", "٣d", "9" * 30 + "d", "9" * 5000 + "d"),
                *("2999-02-30T00:00:00Z", "9999-12-31T23:59:59-10:00"),
            )
        ],
    ],
)
def test_an_end_is_a_time_to_come(expires: str, said: str) -> None:
    with pytest.raises(GuidepostError) as raised:
        create("robot", scope=[READ], expires=expires)
    assert str(raised.value) == f"--expires {expires!r} {said}"


async def test_a_name_that_is_taken_is_said(database: str) -> None:
    await make(database)
    done = await command(database, "create", "robot", "--scope", "read")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: there is a token 'robot' already; choose another name")
    done = await command(database, "revoke", "robott")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is no token 'robott'; did you mean robot?\n"


@pytest.mark.parametrize(
    "arguments", [["create", "robot", "--scope", "read"], ["list"], ["revoke", "robot"]]
)
async def test_a_database_at_another_revision_is_refused(
    database: str, arguments: list[str]
) -> None:
    await rows(database, "update alembic_version set version_num = 'ffffffffffff'")
    done = await command(database, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the database is at revision ffffffffffff, which this code does not know" in done.stderr
    assert await rows(database, "select * from service.token") == []
