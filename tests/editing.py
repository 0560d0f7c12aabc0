"""The shipped application, asked with tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from service.access import Scope
from service.database.pools import writing
from service.tokens import create
from tests.asking import Asker, asking

Document = dict[str, Any]

ERRORS = "errors { code path message }"
CHANGES = "changes { type slug path before after }"

_ITEMS = "$ids: [ID!], $slugs: [ItemKey!]"
_GIVEN = "ids: $ids, slugs: $slugs"
_ITEM = "id ... on Guide { slug status } ... on Location { slug status } ... on Hub { slug status }"
_MOVED = "%s { __typename " + _ITEM + " } unchanged { __typename " + _ITEM + " } " + ERRORS

PUBLISH = f"""mutation(
    {_ITEMS}, $references: References, $locales: [Locale!], $dryRun: Boolean, $reason: String
) {{
    publish(
        {_GIVEN}, references: $references, locales: $locales, dryRun: $dryRun, reason: $reason
    ) {{ {_MOVED % "published"} }}
}}"""
UNPUBLISH = f"""mutation(
    {_ITEMS}, $locales: [Locale!], $dryRun: Boolean, $reason: String
) {{
    unpublish({_GIVEN}, locales: $locales, dryRun: $dryRun, reason: $reason)
        {{ {_MOVED % "unpublished"} }}
}}"""
SCHEDULE = f"""mutation(
    {_ITEMS}, $at: DateTime, $unpublishAt: DateTime, $references: References,
    $locales: [Locale!], $version: ReleaseVersion, $reason: String
) {{
    schedule(
        {_GIVEN}, at: $at, unpublishAt: $unpublishAt, references: $references, locales: $locales,
        version: $version, reason: $reason
    ) {{ scheduled {{ {_ITEM} }} {ERRORS} }}
}}"""
CONFIRM = f"""mutation($release: ID!, $reason: String) {{
    confirm(release: $release, reason: $reason) {{ scheduled {{ {_ITEM} }} {ERRORS} }}
}}"""
RESTORE = f"""mutation(
    $revision: ID!, $fields: [String!], $expectedVersion: Int, $dryRun: Boolean, $reason: String
) {{
    restore(
        revision: $revision, fields: $fields, expectedVersion: $expectedVersion, dryRun: $dryRun,
        reason: $reason
    ) {{ item {{ {_ITEM} }} {CHANGES} {ERRORS} }}
}}"""


def saving(type_: str, selection: str = "id version") -> str:
    """The mutation that saves an item of a type, with all its arguments as variables."""
    return f"""mutation(
        $document: {type_}Input!, $with: [ItemInput!], $mode: SaveMode, $expectedVersion: Int,
        $onConflict: OnConflict, $dryRun: Boolean, $reason: String
    ) {{
        save{type_}(
            document: $document, with: $with, mode: $mode, expectedVersion: $expectedVersion,
            onConflict: $onConflict, dryRun: $dryRun, reason: $reason
        ) {{ {type_.lower()} {{ {selection} }} {CHANGES} {ERRORS} }}
    }}"""


def deleting(type_: str) -> str:
    """The mutation that deletes an item of a type, with all its arguments as variables."""
    return f"""mutation(
        $slug: String!, $expectedVersion: Int, $dryRun: Boolean, $reason: String
    ) {{
        delete{type_}(
            slug: $slug, expectedVersion: $expectedVersion, dryRun: $dryRun, reason: $reason
        ) {{ deletedId {ERRORS} }}
    }}"""


def skill(slug: str = "python", name: str = "Python") -> Document:
    """A document that refers to nothing."""
    return {"slug": slug, "name": {"en": name}}


PLACE: Document = {
    "slug": "belgium",
    "name": {"en": "Belgium", "nl": "België"},
    "kind": "COUNTRY",
    "countryCode": "BE",
}
ROLE: Document = {
    "slug": "backend-developer",
    "name": {"en": "Backend Developer"},
    "plural": {"en": "Backend Developers"},
}
GUIDE: Document = {
    "slug": "backend-belgium",
    "title": {"en": "Backend in Belgium"},
    "role": "backend-developer",
    "location": "belgium",
}
SALARY: Document = {
    "level": "MID",
    "minimum": 1,
    "maximum": 2,
    "currency": "EUR",
    "period": "YEAR",
    "basis": "NET",
}
"""A range of salaries in a guide."""
WITH = [{"location": PLACE}, {"role": ROLE}]
"""What the guide refers to."""


def items(**slugs: str) -> list[dict[str, str]]:
    """Items by the names of their types, in small letters, and their slugs."""
    return [{"type": name.upper(), "slug": slug} for name, slug in slugs.items()]


ALL = items(guide="backend-belgium", location="belgium", role="backend-developer")


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

    async def save(self, type_: str, document: Document, **arguments: Any) -> Any:
        """The payload of a document that can be saved."""
        return await self.change(saving(type_), document=document, **arguments)

    async def save_guide(self, **fields: Any) -> Any:
        """The payload of a guide that is saved with its place and its role."""
        return await self.save("Guide", {**GUIDE, **fields}, **{"with": WITH})

    async def publish_guide(self) -> Any:
        """The payload of publishing it, with its place and its role."""
        return await self.change(PUBLISH, slugs=ALL)

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
async def editing_app(
    url: str, *scopes: Scope, name: str = "editor", **settings: Any
) -> AsyncIterator[Editor]:
    """The application on a database, for someone with a token of these scopes, or of all."""
    async with asking(url, **settings) as asker:
        yield Editor(asker, await token(url, *(scopes or (Scope.ADMIN,)), name=name))
