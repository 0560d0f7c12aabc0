"""The working copy as a folder of documents."""

from collections.abc import AsyncIterator, Container
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.attributes import Owned
from schema.model import ContentType, Model
from service.documents import store
from service.documents.bulk import batches
from service.documents.entries import Key
from service.documents.exporting import as_yaml, renewed
from service.documents.files import has_documents, read_documents, read_source
from service.documents.problems import ContentError, Problem
from service.documents.reading import double
from service.documents.replacing import replace
from service.documents.rewriting import Keys
from service.documents.rules import unique
from service.documents.written import document_of
from service.errors import GuidepostError


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
    cannot be read, or that are about one item, and has written nothing then; `GuidepostError` for
    one that cannot be written.
    """
    known = _files(directory)
    taken = {*known.values()}
    keys = {type_.name: _keys(model, type_) for type_ in model.content()}
    written = unchanged = 0
    async with engine.connect() as connection:
        async for key, document in documents(connection, model):
            file = known.pop(key, None) or _new_file(directory, model[key[0]], key[1], taken)
            is_new = _write(file, document, keys[key[0]])
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
    found: dict[Key, Path] = {}
    problems: list[Problem] = []
    for each in read_documents(directory, problems) if has_documents(directory) else ():
        key = (str(each.content.get("type")), str(each.content.get("slug")))
        if key in found:
            problems.append(double(each, key[0], str(found[key])))
        found[key] = each.file
    if problems:
        raise ContentError(problems)
    return found


def _keys(model: Model, type_: ContentType) -> dict[str, list[str]]:
    """By the field of each list of parts, the fields that tell those apart."""
    found = {}
    for relation in type_.relations():
        if isinstance(relation, Owned):
            part = model[relation.target]
            for names in unique(part):
                found[relation.graphql_name] = [
                    part.attributes[each].graphql_name for each in names
                ]
    return found


def _new_file(directory: Path, type_: ContentType, slug: str, taken: Container[Path]) -> Path:
    """A file for an item; not one that is about another, as after its slug was changed there."""
    folder = directory / type_.plural.replace("_", "-")
    names = chain([slug], (f"{slug}-{number}" for number in count(2)))
    return next(file for name in names if (file := folder / f"{name}.yaml") not in taken)


def _write(file: Path, document: dict[str, Any], keys: Keys) -> bool:
    """Whether a file had to be written for a document."""
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            replace(file, as_yaml(document).encode())
            return True
        source = read_source(file)
        after = renewed(source.text, document, keys)
        if after != source.text:
            replace(file, source.encoded(after))
        return after != source.text
    except OSError as error:
        raise GuidepostError(f"{file} cannot be written: {error.strerror}") from error
