"""Stored responses to mutations with an `Idempotency-Key`, for requests that are sent again.

A key belongs to its author. The transaction of the request stores the response, so there is a
stored response if and only if the request was carried out.
"""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.errors import ErrorCode, request_error
from schema.tables.answer import StoredResponse
from service.editing.edits import Edit

KEPT_FOR = timedelta(hours=24)
KEPT = 1_000
KEPT_BYTES = 10_000_000
"""How many responses are stored per author, and their total size in bytes.

The newest response is stored whatever its size.
"""

_ANSWER = cast(Table, StoredResponse.__table__)


async def first_answer(edit: Edit, key: str, request: bytes) -> bytes | None:
    """The stored response to a request; None if there is none, or if it has expired.

    Raises `GraphQLError` if the author used the key for a different request.
    """
    statement = select(_ANSWER.c.request, _ANSWER.c.body).where(
        _ANSWER.c.author == edit.author,
        _ANSWER.c.key == key,
        _ANSWER.c.at > func.now() - KEPT_FOR,
    )
    found = (await edit.connection.execute(statement)).one_or_none()
    if found is None:
        return None
    if found.request != request:
        message = (
            f"The idempotency key {key!r} was used for another request. Use a new key for each "
            "request, and the same key only to send that request again."
        )
        raise request_error(ErrorCode.IDEMPOTENCY_KEY_REUSED, message)
    return cast(bytes, found.body)


async def keep_answer(edit: Edit, key: str, request: bytes, body: bytes) -> None:
    """Store the response to a request, and remove the author's oldest ones beyond the limits."""
    own = _ANSWER.c.author == edit.author
    await edit.connection.execute(delete(_ANSWER).where(own, _ANSWER.c.key == key))
    values = {"author": edit.author, "key": key, "request": request, "body": body}
    await edit.connection.execute(insert(_ANSWER).values(values))
    await edit.connection.execute(delete(_ANSWER).where(own, _ANSWER.c.key.in_(_surplus(own))))


def _surplus(own: ColumnElement[bool]) -> Select[Any]:
    """The keys of an author's responses that exceed the limits, counted from the newest."""
    newest_first = _ANSWER.c.at.desc()
    bytes_ = func.sum(func.length(_ANSWER.c.body))
    answers = (
        select(
            _ANSWER.c.key,
            func.row_number().over(order_by=newest_first).label("number"),
            bytes_.over(order_by=newest_first, rows=(None, -1)).label("newer"),
        )
        .where(own)
        .subquery()
    )
    is_too_much = or_(answers.c.number > KEPT, answers.c.newer > KEPT_BYTES)
    return select(answers.c.key).where(is_too_much)


async def forget_answers(connection: AsyncConnection) -> None:
    """Remove responses that have expired."""
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.at < func.now() - KEPT_FOR))
