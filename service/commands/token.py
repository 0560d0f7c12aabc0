"""The commands `guidepost token create | list | revoke`."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

from cyclopts import App, Parameter
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.model import content_model
from service import tokens
from service.access import OF_TYPES, Access, Scope
from service.commands.startup import check, database
from service.console import say, table
from service.database.pools import writing
from service.documents.checking import nearest
from service.errors import GuidepostError
from service.settings import Settings
from service.tokens import TokenInfo

HEADINGS = ("name", "scopes", "types", "created", "expires", "last used", "state")

_MOMENT = "write it as 2027-01-31T00:00:00Z, or as 90d for 90 days from now"

T = TypeVar("T")

token = App(name="token")


@token.command
def create(
    name: str,
    /,
    *,
    scope: Annotated[list[Scope], Parameter(negative=())],
    types: Annotated[list[str] | None, Parameter(name="--type", negative=())] = None,
    expires: str | None = None,
) -> None:
    """Create a token and print it. It cannot be printed again.

    Parameters
    ----------
    name
        The name of the token; revisions name it as their author.
    scope
        A scope of the token; can be repeated. `admin` includes `write` and `publish`, each of these
        includes `preview`, and `preview` includes `read`.
    types
        A content type that the token may write and publish, such as Guide; can be repeated.
        Default: all content types.
    expires
        When the token expires: 2027-01-31T00:00:00Z, or 90d for 90 days from now. Default: never.
    """
    now = datetime.now(UTC)
    _check_types(scope, types)
    end = None if expires is None else _end(expires, now)
    made = _run(lambda connection: tokens.create(connection, name, scope, types, end))
    sys.stdout.write(f"{made}\n")
    say(f"the token {name!r} is shown only once; store it as a secret")


@token.command(name="list")
def list_() -> None:
    """Print the name, scopes, content types, times and state of each token."""
    now = datetime.now(UTC)
    rows = [_row(each, now) for each in _run(tokens.listed)]
    sys.stdout.writelines(f"{line}\n" for line in table([HEADINGS, *rows]))


@token.command
def revoke(name: str, /) -> None:
    """Revoke a token permanently, within a second.

    Parameters
    ----------
    name
        The name of the token.
    """
    is_new = _run(lambda connection: tokens.revoke(connection, name))
    say(f"the token {name!r} {'is revoked' if is_new else 'was revoked before'}")


def _run(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do something with the database in one transaction."""
    settings = Settings.read()

    async def run(url: str) -> T:
        await check(settings, url)
        async with writing(url) as engine, engine.begin() as connection:
            return await work(connection)

    with database(settings) as url:
        return asyncio.run(run(url))


def _check_types(scopes: Sequence[Scope], types: Sequence[str] | None) -> None:
    if types is None:
        return
    known = [each.name for each in content_model().content()]
    for name in types:
        if name not in known:
            hint = nearest(name, known) or f"; the types are {', '.join(known)}"
            raise GuidepostError(f"there is no content type {name!r}{hint}")
    if not Access(None, frozenset(scopes)).scopes & OF_TYPES:
        raise GuidepostError(
            "--type says what a token may write and publish, and this one may do neither; "
            "leave it out, or add --scope write or --scope publish"
        )


def _end(expires: str, now: datetime) -> datetime:
    try:
        end = _moment(expires, now)
    except (ValueError, OverflowError) as error:
        raise GuidepostError(f"--expires {expires!r} is not a time; {_MOMENT}") from error
    if end <= now:
        raise GuidepostError(f"--expires {expires!r} is in the past; give a time in the future")
    return end


def _moment(text: str, now: datetime) -> datetime:
    if days := re.fullmatch("([0-9]+)d", text):
        return now + timedelta(days=int(days[1]))
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise GuidepostError(f"--expires {text!r} has no time zone; {_MOMENT}")
    return moment.astimezone(UTC)


def _row(token: TokenInfo, now: datetime) -> tuple[str, ...]:
    return (
        token.name,
        ",".join(token.scopes),
        "all" if token.types is None else ",".join(token.types),
        _time(token.created_at),
        _time(token.expires_at),
        _time(token.last_used_at),
        token.state(now),
    )


def _time(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
