"""The working copy as a folder of documents."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.model import ContentType, Model
from service.documents import store
from service.documents.bulk import batches
from service.documents.entries import Key
from service.documents.exporting import as_yaml, renewed
from service.documents.files import read_documents
from service.documents.problems import ContentError, Problem
from service.documents.written import document_of


class Exported(NamedTuple):
    """What an export did, in numbers of files."""

    written: int
    unchanged: int
    others: list[Path]
    """Files about items that are not there; they are left as they are."""


async def export(engine: AsyncEngine, model: Model, directory: Path) -> Exported:
    """Make the files in a folder say what the working copy is; those that do already stay.

    An item keeps the file that it has, with its comments; a new one gets one in the folder of its
    type. What is not published as it is says `draft: true`. Raises `ContentError` for files that
    cannot be read, and has written nothing then.
    """
    known = _files(directory)
    written = unchanged = 0
    async with engine.connect() as connection:
        async for key, document in documents(connection, model):
            file = known.pop(key, None) or _new_file(directory, model[key[0]], key[1])
            is_new = _write(file, document)
            written, unchanged = written + is_new, unchanged + (not is_new)
    return Exported(written, unchanged, sorted(known.values()))


async def documents(
    connection: AsyncConnection, model: Model
) -> AsyncIterator[tuple[Key, dict[str, Any]]]:
    """Every item of the working copy as a document, by type and slug."""
    for type_ in model.content():
        rows = await _rows(connection, type_)
        for batch in batches(rows):
            ids: dict[Key, UUID] = {(type_.name, row.slug): row.id for row in batch}
            entries = await store.load(connection, model, ids)
            for row in batch:
                key = (type_.name, row.slug)
                yield key, _document(document_of(model, entries[key]), row.is_live)


async def _rows(connection: AsyncConnection, type_: ContentType) -> list[Row[Any]]:
    """The items of a type: `id`, `slug`, and whether what is live is the working copy's version."""
    draft, live = type_.draft, type_.live
    current = select(live.c.id).where(live.c.id == draft.c.id, live.c.version == draft.c.version)
    statement = select(draft.c.id, draft.c.slug, current.exists().label("is_live"))
    return list(await connection.execute(statement.order_by(draft.c.slug)))


def _document(document: dict[str, Any], is_live: bool) -> dict[str, Any]:
    if is_live:
        return document
    return {
        "type": document.pop("type"),
        "slug": document.pop("slug"),
        "draft": True,
        **document,
    }


def _files(directory: Path) -> dict[Key, Path]:
    """The file of each item that has one."""
    if not directory.is_dir() or not any(_yaml(directory)):
        return {}
    problems: list[Problem] = []
    found = {
        (str(each.content.get("type")), str(each.content.get("slug"))): each.file
        for each in read_documents(directory, problems)
    }
    if problems:
        raise ContentError(problems)
    return found


def _yaml(directory: Path) -> Iterator[Path]:
    return directory.rglob("*.y*ml")


def _new_file(directory: Path, type_: ContentType, slug: str) -> Path:
    return directory / type_.plural.replace("_", "-") / f"{slug}.yaml"


def _write(file: Path, document: dict[str, Any]) -> bool:
    """Whether a file had to be written for a document."""
    before = file.read_text("utf-8") if file.exists() else None
    after = as_yaml(document) if before is None else renewed(before, document)
    if after == before:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(after, encoding="utf-8", newline="\n")
    return True
