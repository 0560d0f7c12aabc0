"""The shipped application, asked with tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from service.access import Scope
from service.database import writing
from service.tokens import create
from tests.asking import Asker, asking


@dataclass
class Editor:
    """Someone with a token."""

    ask: Asker
    token: str

    async def post(self, body: object, **headers: str) -> httpx2.Response:
        """The response to a body."""
        shown = {"authorization": f"Bearer {self.token}", **headers}
        return await self.ask.post(body, headers=shown)

    async def answer(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """The whole answer."""
        response = await self.post({"query": query, "variables": variables or {}})
        return response.json()

    async def __call__(self, query: str, **variables: Any) -> Any:
        """The `data` of what has to succeed."""
        answer = await self.answer(query, variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def change(self, query: str, **variables: Any) -> Any:
        """The payload of the only mutation in a document, which has to have no errors."""
        [payload] = (await self(query, **variables)).values()
        assert not payload.get("errors"), payload
        return payload

    async def errors(self, query: str, **variables: Any) -> Any:
        """The errors in the payload of the only mutation in a document."""
        [payload] = (await self(query, **variables)).values()
        assert payload["errors"], payload
        return payload["errors"]


async def token(url: str, *scopes: Scope, name: str = "editor", types: Any = None) -> str:
    """A new token."""
    async with writing(url) as engine, engine.begin() as connection:
        return await create(connection, name, scopes, types, None)


@asynccontextmanager
async def editing_app(url: str, *scopes: Scope, **settings: Any) -> AsyncIterator[Editor]:
    """The application on a database, for someone with a token of these scopes, or of all."""
    async with asking(url, **settings) as asker:
        yield Editor(asker, await token(url, *(scopes or (Scope.ADMIN,))))
