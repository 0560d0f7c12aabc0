"""Bearer tokens: made, listed, revoked, and looked up for each request.

A token is `gp_<id>_<secret>`: an id to look it up by, in hexadecimal digits, and 256 random bits in
base64. It is shown once. The database holds the SHA-256 of the secret. A slow hash would protect
what can be guessed, which 256 random bits cannot; it would cost each request a tenth of a second.
"""

import asyncio
import hmac
import logging
import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import monotonic
from typing import NamedTuple, cast
from uuid import UUID, uuid4

from sqlalchemy import Row, Table, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.tables.token import Token
from service.access import Access, AccessError, Scope
from service.authors import looks_like_a_program
from service.cache import Cache
from service.documents.checking import nearest
from service.editing.releases import hold
from service.errors import DatabaseError, GuidepostError

log = logging.getLogger(__name__)

FRESH = 0.5
"""The seconds for which a token is not looked up again; one that is revoked works as long."""
BETWEEN_NOTES = timedelta(minutes=1)
"""The time that goes by, at least, before it is noted again that a token was used."""
LONGEST_NAME = 100

_KEPT = 1_000
"""How many tokens are remembered."""
_PATIENCE = 5.0
"""The seconds that a note may take. The end of the service waits for it."""
_AUTHORIZATION = re.compile(rb"(?i:bearer) +gp_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What is printable to Python, as letters and marks are, and shows nothing."""
_NO_DIGEST = bytes(32)
"""What a secret is compared with where there is no token: unknown ids take the same path."""

_TOKEN = cast(Table, Token.__table__)


class TokenInfo(NamedTuple):
    """What people may know of a token."""

    name: str
    scopes: list[str]
    types: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if _is_past(self.expires_at, now) else "active"


async def create(
    connection: AsyncConnection,
    name: str,
    scopes: Collection[Scope],
    types: Collection[str] | None,
    expires_at: datetime | None,
) -> str:
    """Make a token, and answer it: nothing else ever will.

    Raises `GuidepostError` where the name cannot be used.
    """
    name = _normal(name)
    _check_name(name)
    id_, secret = uuid4(), secrets.token_urlsafe(32)
    token = {
        "id": id_,
        "name": name,
        "digest": _digest(secret.encode()),
        "scopes": [each.value for each in Scope if each in scopes],
        "types": None if types is None else sorted(set(types)),
        "expires_at": expires_at,
    }
    made = insert(_TOKEN).values(token).on_conflict_do_nothing(index_elements=["name"])
    if (await connection.execute(made.returning(_TOKEN.c.id))).first() is None:
        raise GuidepostError(
            f"there is a token {name!r} already; choose another name (revoked tokens keep their "
            "names, because revisions refer to them)"
        )
    return f"gp_{id_.hex}_{secret}"


async def listed(connection: AsyncConnection) -> list[TokenInfo]:
    """Every token by name, the revoked ones too."""
    columns = [_TOKEN.c[name] for name in TokenInfo._fields]
    rows = await connection.execute(select(*columns).order_by(_TOKEN.c.name))
    return [TokenInfo(*row) for row in rows]


async def revoke(connection: AsyncConnection, name: str) -> bool:
    """Make a token invalid for good; False where it was so before.

    What was scheduled with it is held until somebody confirms it.

    Raises `GuidepostError` where there is no such token.
    """
    name = _normal(name)
    revoked = update(_TOKEN).where(_TOKEN.c.name == name, _TOKEN.c.revoked_at.is_(None))
    done = await connection.execute(revoked.values(revoked_at=func.now()))
    if done.rowcount:
        await hold(connection, name)
        return True
    names = (await connection.scalars(select(_TOKEN.c.name).order_by(_TOKEN.c.name))).all()
    if name in names:
        return False
    hint = nearest(name, names) or "; `guidepost token list` shows all tokens"
    raise GuidepostError(f"there is no token {name!r}{hint}")


@dataclass
class _Known:
    """What the database said of a token a moment ago."""

    id: UUID
    digest: bytes
    access: Access
    expires_at: datetime | None
    is_revoked: bool
    last_used_at: datetime | None
    asked_at: float

    def is_valid(self, now: datetime) -> bool:
        return not self.is_revoked and not _is_past(self.expires_at, now)


class Tokens:
    """What the senders of requests may do, by their tokens.

    Many instances may look at one database. Each sees within a second what became of a token.
    """

    def __init__(self, engine: AsyncEngine, anonymous: Access) -> None:
        # One statement each: no transaction has to be begun and ended around it.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._anonymous = anonymous
        # Only tokens that there are: who sends ever new ids fills nothing.
        self._known = Cache[UUID, _Known](_KEPT)
        self._notes: dict[UUID, asyncio.Task[None]] = {}

    async def access(self, authorization: bytes | None) -> Access:
        """What a request with this header, if any, may do.

        Raises `AccessError` for everything but a valid token, and does not say what is wrong with
        it; `DatabaseError` where that cannot be known.
        """
        if authorization is None:
            return self._anonymous
        shown = _AUTHORIZATION.fullmatch(authorization)
        if shown is None:
            raise _invalid()
        token = await self._token(UUID(hex=shown[1].decode()))
        digest = _NO_DIGEST if token is None else token.digest
        is_right = hmac.compare_digest(_digest(shown[2]), digest)
        now = datetime.now(UTC)
        if token is None or not is_right or not token.is_valid(now):
            raise _invalid()
        self._note_use(token, now)
        return token.access

    async def close(self) -> None:
        """Wait until all uses are noted."""
        await asyncio.gather(*self._notes.values())

    async def _token(self, id_: UUID) -> _Known | None:
        known = self._known.get(id_)
        # Counted from when it was asked: the answer may be as old as that.
        asked_at = monotonic()
        if known is not None and asked_at - known.asked_at < FRESH:
            return known
        row = await self._row(id_)
        if row is None:
            return None
        known = _known(row, asked_at)
        self._known.put(id_, known, 1)
        return known

    async def _row(self, id_: UUID) -> Row[tuple[object, ...]] | None:
        try:
            async with self._engine.connect() as connection:
                found = await connection.execute(select(_TOKEN).where(_TOKEN.c.id == id_))
                return found.first()
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseError(f"a token cannot be looked up: {error}") from error

    def _note_use(self, token: _Known, now: datetime) -> None:
        """Note that a token is used, unless that was done lately; the request goes on meanwhile."""
        was = token.last_used_at
        if token.id in self._notes or (was is not None and was > now - BETWEEN_NOTES):
            return
        token.last_used_at = now
        note = asyncio.create_task(self._note(token, now))
        self._notes[token.id] = note
        note.add_done_callback(lambda _: self._notes.pop(token.id))

    async def _note(self, token: _Known, now: datetime) -> None:
        column = _TOKEN.c.last_used_at
        # Other instances saw the token too: the first one notes it.
        is_due = or_(column.is_(None), column <= now - BETWEEN_NOTES)
        noted = update(_TOKEN).where(_TOKEN.c.id == token.id, is_due).values(last_used_at=now)
        try:
            async with asyncio.timeout(_PATIENCE), self._engine.connect() as connection:
                await connection.execute(noted)
        except Exception:
            log.exception("the use of the token %r could not be recorded", token.access.name)


def _known(row: Row[tuple[object, ...]], asked_at: float) -> _Known:
    # A scope of newer code's means nothing here.
    scopes = frozenset(each for each in Scope if each.value in row.scopes)
    types = None if row.types is None else frozenset(row.types)
    return _Known(
        id=row.id,
        digest=row.digest,
        access=Access(row.name, scopes, types),
        expires_at=row.expires_at,
        is_revoked=row.revoked_at is not None,
        last_used_at=row.last_used_at,
        asked_at=asked_at,
    )


def _invalid() -> AccessError:
    return AccessError(401, "The token is not valid.")


def _digest(secret: bytes) -> bytes:
    return sha256(secret).digest()


def _is_past(time: datetime | None, now: datetime) -> bool:
    return time is not None and time <= now


def _normal(name: str) -> str:
    """One of all the ways to write what looks the same."""
    return unicodedata.normalize("NFC", name)


def _check_name(name: str) -> None:
    """Names stand in tables, logs and revisions: in one line, seen whole, and nobody else's."""
    is_seen = name.isprintable() and not _UNSEEN.search(name) and name == name.strip()
    if not is_seen or not 0 < len(name) <= LONGEST_NAME:
        raise GuidepostError(
            f"{name!r} cannot be a token's name; use 1 to {LONGEST_NAME} printable characters, "
            "without white space around them"
        )
    if looks_like_a_program(name):
        raise GuidepostError(
            f"{name!r} cannot be a token's name, because such names mean Guidepost's own programs "
            "in revisions; begin it with another word"
        )
