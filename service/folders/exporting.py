"""Exports content as a folder of documents."""

import enum
from collections import Counter
from collections.abc import AsyncIterator, Collection, Container, Sequence
from itertools import chain, count
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schema.attributes import Parts, References, Status
from schema.delivery import Stage
from schema.locales import Locales
from schema.model import OLD_SLUG, ContentType, Model
from service.documents import store
from service.documents.bulk import batches
from service.documents.checking import duplicate
from service.documents.copies import (
    Copies,
    PublishedDocument,
    Sources,
    completed,
    live_slugs,
    published,
    text_sources,
)
from service.documents.copies import documents as copies_as_documents
from service.documents.document import Document
from service.documents.emitting import as_yaml, renewed
from service.documents.files import has_documents, read_documents, read_source
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.replacing import replace
from service.documents.rewriting import Keys
from service.documents.rules import unique
from service.documents.serialization import document_of
from service.editing.edits import Items, known_locales
from service.editing.statuses import statuses_by_locale
from service.errors import GuidepostError


class Exporting(enum.Enum):
    """Which copy of the content is exported."""

    LIVE = "live"
    """The live copy."""
    DRAFT = "draft"
    """The working copy."""
    BOTH = "both"
    """The working copy, and under `live` what is published differently."""


class _Source(NamedTuple):
    connection: AsyncConnection
    model: Model
    locales: Locales


class Exported(NamedTuple):
    """The result of an export; `written` and `unchanged` are numbers of files."""

    written: int
    unchanged: int
    others: list[Path]
    """Files about items that are not there. They stay as they are."""


async def export(
    engine: AsyncEngine, model: Model, directory: Path, stage: Exporting = Exporting.BOTH
) -> Exported:
    """Write the content as documents into a folder; files that say the same already stay untouched.

    An item keeps its file, with the comments in it; a new item gets a file in the folder of its
    type. Raises `ContentError` for a file that cannot be read and for two files about one item,
    before anything is written, and `GuidepostError` for a file that cannot be written.
    """
    known, former = _files(directory)
    taken = {*known.values()}
    keys = {type_.name: _keys(model, type_) for type_ in model.content()}
    written = unchanged = 0
    async with engine.connect() as connection:
        # One snapshot for all: a change during the export is exported as a whole or not at all.
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        async for key, document in documents(connection, model, stage):
            file = known.pop(key, None) or _new_file(directory, model[key[0]], key[1], taken)
            is_new = _write(file, _with_former(document, former.get(key)), keys[key[0]])
            written, unchanged = written + is_new, unchanged + (not is_new)
    return Exported(written, unchanged, sorted(known.values()))


async def documents(
    connection: AsyncConnection, model: Model, stage: Exporting = Exporting.DRAFT
) -> AsyncIterator[tuple[Key, dict[str, Any]]]:
    """Every item as a document, ordered by type and slug."""
    source = _Source(connection, model, await known_locales(connection))
    read = _live if stage is Exporting.LIVE else _draft
    for type_ in model.content():
        slugs = await _slugs(source, type_, stage)
        if twice := [slug for slug, times in Counter(slugs.values()).items() if times > 1]:
            raise GuidepostError(_doubled(type_, twice[0]))
        for batch in batches(sorted(slugs.items(), key=itemgetter(1))):
            items: dict[Key, UUID] = {(type_.name, slug): id_ for id_, slug in batch}
            found = await read(source, type_, items, stage)
            for key, document in found.items():
                yield key, document


def _doubled(type_: ContentType, slug: str) -> str:
    return (
        f"two items are published as {type_.name} {slug}, in different locales; publish the item "
        "that has another slug now in all of them, or export with `--stage both`"
    )


async def _slugs(source: _Source, type_: ContentType, stage: Exporting) -> dict[UUID, str]:
    if stage is Exporting.LIVE:
        return await live_slugs(source.connection, type_, None, source.locales)
    rows = await source.connection.execute(select(type_.draft.c.id, type_.draft.c.slug))
    return {row.id: row.slug for row in rows}


async def _draft(
    source: _Source, type_: ContentType, items: Items, stage: Exporting
) -> dict[Key, dict[str, Any]]:
    """The working copies of items and, for `BOTH`, what is published differently."""
    connection, model, locales = source
    records = await store.load(connection, model, items)
    statuses = await statuses_by_locale(source, items)
    changed = {key: id_ for key, id_ in items.items() if Status.CHANGED in statuses[id_].values()}
    copies: dict[Key, Copies] = {}
    sources: dict[Key, Sources] = {}
    if changed and stage is Exporting.BOTH:
        copies = await published(connection, model, changed, locales)
        sources = await text_sources(connection, model, changed)
    made = {}
    for key, id_ in items.items():
        document = document_of(model, records[key])
        there = copies.get(key, {})
        current = {code for code, it in statuses[id_].items() if it is Status.PUBLISHED}
        if any(not _has_lists(type_, document, copy) for copy in there.values()):
            current = set()
        others = {code: it for code, it in there.items() if code not in current}
        live = copies_as_documents(model, type_, others, sources.get(key, {}), locales)
        made[key] = _with_header(document, current, live, locales)
    return made


def _has_lists(type_: ContentType, document: Document, copy: Document) -> bool:
    """Whether a document has the same lists as a live copy.

    Lists have no language: publishing in one locale changes them in all locales.
    """
    lists = [each.graphql_name for each in type_.relations() if isinstance(each, References)]
    return all(document.get(name) == copy.get(name) for name in lists)


async def _live(
    source: _Source, type_: ContentType, items: Items, _: Exporting
) -> dict[Key, dict[str, Any]]:
    """What is published of items, as documents."""
    connection, model, locales = source
    copies = await published(connection, model, items, locales, Stage.LIVE)
    sources = await text_sources(connection, model, items)
    made = {}
    for key in items:
        first, *others = copies_as_documents(model, type_, copies[key], sources[key], locales)
        whole = completed(model, type_, first.document, locales.default)
        document = {"type": key[0], **whole}
        made[key] = _with_header(document, {*first.locales}, others, locales)
    return made


def _with_header(
    document: dict[str, Any],
    current: Collection[str],
    live: Sequence[PublishedDocument],
    locales: Locales,
) -> dict[str, Any]:
    """A document with the locales it is published in, and with `live` documents for others."""
    header: dict[str, Any] = {"type": document.pop("type"), "slug": document.pop("slug")}
    if not current:
        header["draft"] = True
    elif current != locales.codes:
        header["published"] = sorted(current)
    others = []
    for codes, each in live:
        slug = each.pop("slug")
        own = {"slug": slug} if slug != header["slug"] else {}
        others.append({"locales": [*codes], **own, **each})
    # `live` is what people read last.
    return {**header, **document, **({"live": others} if others else {})}


def _with_former(document: Document, slug: object) -> dict[str, Any]:
    """A document with the former slug in its file: another database may have the item under it."""
    header = {key: document[key] for key in ("type", "slug")}
    return {**header, **({} if slug is None else {OLD_SLUG: slug}), **document}


def _files(directory: Path) -> tuple[dict[Key, Path], dict[Key, object]]:
    """The file of each item that has one, and the former slug in it; raises `ContentError`."""
    found: dict[Key, Path] = {}
    former: dict[Key, object] = {}
    problems: list[Problem] = []
    for each in read_documents(directory, problems) if has_documents(directory) else ():
        key = (str(each.content.get("type")), str(each.content.get("slug")))
        if key in found:
            problems.append(duplicate(each, key[0], str(found[key])))
        found[key] = each.file
        if OLD_SLUG in each.content:
            former[key] = each.content[OLD_SLUG]
    if problems:
        raise ContentError(problems)
    return found, former


def _keys(model: Model, type_: ContentType) -> dict[str, list[str]]:
    """For each list of parts, the fields that identify a part, by the name of the list."""
    found = {}
    for relation in type_.relations():
        if isinstance(relation, Parts):
            part = model[relation.target]
            for names in unique(part):
                found[relation.graphql_name] = [
                    part.attributes[each].graphql_name for each in names
                ]
    return found


def _new_file(directory: Path, type_: ContentType, slug: str, taken: Container[Path]) -> Path:
    """A path for the file of an item. No other item has it.

    The obvious name can be taken, because an item keeps its file when its slug changes.
    """
    folder = directory / type_.plural.replace("_", "-")
    names = chain([slug], (f"{slug}-{number}" for number in count(2)))
    return next(file for name in names if (file := folder / f"{name}.yaml") not in taken)


def _write(file: Path, document: dict[str, Any], keys: Keys) -> bool:
    """Write a document to its file; returns whether the file had to change."""
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
