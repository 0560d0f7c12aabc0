"""Persisted documents: registered, and every way in which a request can name one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import md5, sha256
from typing import Any, NamedTuple

from service.api.documents import DocumentResolver
from service.database.pools import writing
from service.persisted_documents import NewDocument, register, retire


async def _nothing(_: str) -> None:
    """What is registered under any id."""


UNNAMED = DocumentResolver(_nothing, only_registered=False)
"""Of requests that have their text."""


class NamedRequest(NamedTuple):
    """A request to be sent by httpx."""

    method: str
    path: str
    options: Mapping[str, Any]


def hash_of(text: str) -> str:
    """The SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


def md5_of(text: str) -> str:
    """The id that Relay gives to a text."""
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def persisted_query(hash_: object) -> dict[str, Any]:
    """The extension of Apollo Client and urql."""
    return {"persistedQuery": {"version": 1, "sha256Hash": hash_}}


def parameters(text: str, relay: str) -> dict[str, dict[str, Any]]:
    """Every way to name a document; `relay` is its id besides its hash."""
    hash_ = hash_of(text)
    return {
        "documentId": {"documentId": f"sha256:{hash_}"},
        "documentId, bare": {"documentId": hash_},
        "documentId, registered": {"documentId": relay},
        "persistedQuery": {"extensions": persisted_query(hash_)},
        "persistedQuery, prefixed": {"extensions": persisted_query(f"sha256:{hash_}")},
        "doc_id": {"doc_id": relay},
        "id": {"id": relay},
    }


def requests(named: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[NamedRequest]:
    """A request with these parameters by each method."""
    content = {**named, **others}
    yield NamedRequest("POST", "/graphql", {"json": content})
    encoded = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in content.items()
        if value is not None
    }
    yield NamedRequest("GET", "/graphql", {"params": encoded})


def addressed(id_: str, others: Mapping[str, Any]) -> Iterator[NamedRequest]:
    """A request to the address of a document by each method."""
    for each in requests({}, others):
        yield each._replace(path=f"/graphql/{id_}")


async def registered(
    database: str, *texts: str, ids: Sequence[str] = (), client: str = "site"
) -> list[str]:
    """Register documents, under their hashes unless there are other ids."""
    names = ids or [hash_of(each) for each in texts]
    documents = [NewDocument(id_, text, ["query"]) for id_, text in zip(names, texts, strict=True)]
    async with writing(database) as engine, engine.begin() as connection:
        return await register(connection, client, documents)


async def retired(database: str, *ids: str, client: str | None = None) -> list[str]:
    """Retire documents."""
    async with writing(database) as engine, engine.begin() as connection:
        return await retire(connection, ids, client)
