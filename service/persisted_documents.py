"""Persisted documents: GraphQL documents that clients name by an id instead of sending their text.

They are registered, listed and retired by commands, and looked up for requests. A registration is
permanent in one respect: an id never stands for another text.
"""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from sys import getsizeof
from time import monotonic
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Table, bindparam, func, select, text, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import Text

from schema.tables.persisted_document import PersistedDocument
from service.cache import Cache
from service.coalescing import Coalesced
from service.errors import DatabaseError, GuidepostError
from service.messages import some

FRESH = 0.5
"""The seconds for which an id is not looked up again. A document that is retired is served as long,
and one that was asked for in vain is not found as long after it is registered."""
KNOWN, UNKNOWN = 16_000_000, 1_000_000
"""The largest size, in bytes, of the cache of documents, and of that of ids without one."""

_SHA256 = re.compile("[0-9a-f]{64}")
_ID = re.compile("[A-Za-z0-9._~-]{1,200}")
_PATIENCE = 5.0
"""The seconds that a look-up may take, on a connection that may be dead."""
_ENTRY = 300
"""About how many bytes an entry of a cache takes besides its text."""

_DOCUMENT = cast(Table, PersistedDocument.__table__)
_IDS = bindparam("ids", type_=ARRAY(Text))

_FOUND = union_all(
    *(
        select(key.label("key"), _DOCUMENT.c.text).where(
            key == func.any(_IDS), _DOCUMENT.c.retired_at.is_(None)
        )
        for key in (_DOCUMENT.c.id, _DOCUMENT.c.sha256)
    )
)
"""The documents with some ids, which may also be their hashes."""

_GIVEN = "jsonb_to_recordset(:given) as d (id text, sha256 text, text text, operations text[])"
_TAKEN = text(f"""
    select id, p.operations from service.persisted_document p join {_GIVEN} using (id)
    where p.text <> d.text order by id
""")  # noqa: S608  # our names
_REGISTER = text(f"""
    insert into service.persisted_document as p (id, sha256, text, operations, clients)
    select id, sha256, text, operations, array[cast(:client as text)] from {_GIVEN}
    on conflict (id) do update set
        clients = array(select distinct unnest(p.clients || excluded.clients) order by 1),
        registered_at = case when p.retired_at is null then p.registered_at else now() end,
        retired_at = null
    where p.retired_at is not null or not p.clients @> excluded.clients
    returning id
""")  # noqa: S608  # our names
_LOCK = text("lock table service.persisted_document in share row exclusive mode")


class NewDocument(NamedTuple):
    """A document to register."""

    id: str
    text: str
    operations: Sequence[str]
    """The type and the name of each operation, such as `query Guide`."""


class DocumentInfo(NamedTuple):
    """What people may know of a registered document."""

    id: str
    sha256: str
    operations: list[str]
    clients: list[str]
    registered_at: datetime
    retired_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The document as commands print it with `--json`."""
        return self._asdict()


def normal_id(said: str) -> str:
    """An id without `sha256:`; raises `ValueError` with what is wrong with it.

    https://github.com/graphql/graphql-over-http, appendix A, has the forms of ids.
    """
    scheme, colon, payload = said.rpartition(":")
    if colon and scheme != "sha256":
        raise ValueError(
            f"the scheme {scheme!r} is not supported; use `sha256:` and the hash of the document, "
            "or an id without a colon under which it is registered"
        )
    if colon and not _SHA256.fullmatch(payload):
        raise ValueError("after `sha256:` there have to be 64 hexadecimal digits in lower case")
    if not _ID.fullmatch(payload):
        raise ValueError("an id has 1 to 200 characters: letters, digits, `-`, `.`, `_` and `~`")
    return payload


def hash_of(document: str) -> str:
    """The SHA-256 of a text in UTF-8, in lower-case hexadecimal digits."""
    return sha256(document.encode()).hexdigest()


async def register(
    connection: AsyncConnection, client: str, documents: Sequence[NewDocument]
) -> list[str]:
    """Register documents for a client; the ids of those that the client had not registered.

    Raises `GuidepostError` if an id stands for another text already.
    """
    given = [{**each._asdict(), "sha256": hash_of(each.text)} for each in documents]
    values = {"given": orjson.dumps(given).decode()}
    # Two commands at once must not both find an id free. Look-ups go on meanwhile.
    await connection.execute(_LOCK)
    if taken := (await connection.execute(_TAKEN, values)).all():
        said = some([f"{id_} ({', '.join(operations)})" for id_, operations in taken])
        raise GuidepostError(
            f"other documents have these ids already: {said}. An id is never given to another "
            "text, because caches and clients rely on it; use ids that are made from the text, "
            "such as its SHA-256"
        )
    return [*await connection.scalars(_REGISTER, {**values, "client": client})]


async def listed(connection: AsyncConnection) -> list[DocumentInfo]:
    """Every document by its operations, the retired ones too."""
    columns = [_DOCUMENT.c[name] for name in DocumentInfo._fields]
    rows = await connection.execute(
        select(*columns).order_by(_DOCUMENT.c.operations, _DOCUMENT.c.id)
    )
    return [DocumentInfo(*row) for row in rows]


async def in_use(connection: AsyncConnection) -> list[tuple[DocumentInfo, str]]:
    """Every document that is not retired, with its text.

    The database may be at another revision than the code. Raises `DatabaseError` if it has no
    table of documents yet.
    """
    if await connection.scalar(select(func.to_regclass(str(_DOCUMENT)))) is None:
        raise DatabaseError("the database has no persisted documents yet; run `guidepost migrate`")
    columns = [_DOCUMENT.c[name] for name in DocumentInfo._fields]
    rows = await connection.execute(
        select(*columns, _DOCUMENT.c.text)
        .where(_DOCUMENT.c.retired_at.is_(None))
        .order_by(_DOCUMENT.c.operations, _DOCUMENT.c.id)
    )
    return [(DocumentInfo(*row[:-1]), row[-1]) for row in rows]


async def retire(
    connection: AsyncConnection, ids: Collection[str], client: str | None = None
) -> list[str]:
    """Note that a client, or no client at all, uses some documents any more.

    A document that no client uses is retired: it is not found any more. Returns the ids of those
    for which this is new. Raises `GuidepostError` for ids that are not registered.
    """
    known = await connection.scalars(select(_DOCUMENT.c.id).where(_DOCUMENT.c.id.in_(ids)))
    if unknown := sorted({*ids} - {*known}):
        raise GuidepostError(
            f"there are no documents with the ids {some(unknown)}; `guidepost documents list` "
            "shows all documents"
        )
    left = func.array_remove(_DOCUMENT.c.clients, client) if client else _NOBODY
    used = update(_DOCUMENT).where(_DOCUMENT.c.id.in_(ids), _DOCUMENT.c.retired_at.is_(None))
    await connection.execute(used.values(clients=left))
    unused = used.where(_DOCUMENT.c.clients == _NOBODY).values(retired_at=func.now())
    return sorted(await connection.scalars(unused.returning(_DOCUMENT.c.id)))


_NOBODY = cast(Any, text("'{}'::text[]"))


class _KnownDocument(NamedTuple):
    """What the database said of an id a moment ago."""

    text: str | None
    asked_at: float


class PersistedDocuments:
    """Looks registered documents up, by their ids or their hashes.

    Many instances may look at one database; each sees within a second what is registered or
    retired. One statement is in flight at a time, and the next one asks for all ids that were
    wanted meanwhile, so that a flood of unknown ids does not keep the database busy.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._known = Cache[str, _KnownDocument](KNOWN)
        self._unknown = Cache[str, _KnownDocument](UNKNOWN)
        self._wanted: set[str] = set()
        self._asking = Coalesced(self._ask)

    async def text(self, id_: str) -> str | None:
        """The document with an id; None if none is registered under it.

        Raises `DatabaseError` if that cannot be known.
        """
        known = self._known.get(id_) or self._unknown.get(id_)
        if known is not None and monotonic() - known.asked_at < FRESH:
            return known.text
        self._wanted.add(id_)
        return (await self._asking.ask()).get(id_)

    async def close(self) -> None:
        """Stop asking."""
        await self._asking.close()

    async def _ask(self) -> Mapping[str, str]:
        """The documents with the ids that are wanted by now."""
        wanted, self._wanted = self._wanted, set()
        # Counted from when it was asked: the answer may be as old as that.
        asked_at = monotonic()
        found = await self._rows(wanted)
        self._keep(wanted, found, asked_at)
        return found

    async def _rows(self, ids: Collection[str]) -> dict[str, str]:
        try:
            async with asyncio.timeout(_PATIENCE), self._engine.connect() as connection:
                found = await connection.execute(_FOUND, {"ids": sorted(ids)})
                return {row.key: row.text for row in found}
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseError(f"documents cannot be looked up: {error!r}") from error

    def _keep(self, ids: Collection[str], found: Mapping[str, str], asked_at: float) -> None:
        for id_ in ids:
            document = found.get(id_)
            # One that was retired stays where it is looked for first.
            is_known = document is not None or self._known.get(id_) is not None
            cache = self._known if is_known else self._unknown
            cache.put(id_, _KnownDocument(document, asked_at), _ENTRY + getsizeof(document))
