"""The first answers to requests that may be sent again: see `Idempotency-Key`.

A key is its author's. The answer is kept by the transaction that the request made, so that there is
one if and only if the request was carried out.
"""

from datetime import timedelta
from typing import cast

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.entities.answer import Answer
from schema.errors import request_error
from service.editing.edits import Edit

KEPT_FOR = timedelta(hours=24)

_ANSWER = cast(Table, Answer.__table__)


async def first_answer(edit: Edit, key: str, request: bytes) -> bytes | None:
    """What the request was answered, if it was; raises `GraphQLError` if the key is another's."""
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
            f"The Idempotency-Key {key!r} came with another request before. "
            "Use a new one for each request, and the same only to send that again."
        )
        raise request_error("IDEMPOTENCY_KEY_REUSED", message)
    return cast(bytes, found.body)


async def keep_answer(edit: Edit, key: str, request: bytes, body: bytes) -> None:
    """Keep what a request is answered."""
    old = delete(_ANSWER).where(_ANSWER.c.author == edit.author, _ANSWER.c.key == key)
    await edit.connection.execute(old)
    values = {"author": edit.author, "key": key, "request": request, "body": body}
    await edit.connection.execute(insert(_ANSWER).values(values))


async def forget_answers(connection: AsyncConnection) -> None:
    """Remove answers that are too old to be given again."""
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.at < func.now() - KEPT_FOR))
