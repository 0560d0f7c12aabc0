"""Content to files and into another instance: nothing is lost, and the same bytes come out."""

import asyncio
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Collection, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schema.attributes import References
from schema.editing import UnpublishedReferences
from schema.entities.fields import Format
from schema.entities.live_tables import entries_column
from schema.model import content_model
from service.database.pools import writing
from service.documents.files import read_documents
from service.documents.problems import ContentError, Problem
from service.documents.unchecked import UncheckedDocument
from service.documents.values import text
from service.editing.edits import Edit, Items, editing
from service.editing.locales import LocaleDefinition, set_locales
from service.editing.publishing import publish
from service.editing.renaming import rename
from service.editing.saving import Save, save
from service.editing.unpublishing import unpublish
from service.folders.exporting import Exporting
from service.folders.planning import Options
from tests.databases import Server, applied, dump, planned
from tests.differential.content import Document, documents, earlier
from tests.soaking import SOAK, rounds, seeded
from tests.test_exporting import TEXT, exported, files

MODEL = content_model()

OWN = {
    entries_column(list_.name): list_.live.fullname
    for type_ in MODEL.content()
    for list_ in type_.relations()
    if isinstance(list_, References) and list_.inheritance
}
"""The columns that say whether a list is an item's own, and the tables of the lists."""


def kept(value: str) -> str:
    """A text as it is kept, or nothing where it is refused."""
    try:
        return text(value)
    except ValueError:
        return ""


WORDS = st.lists(TEXT.map(kept).filter(bool), min_size=5, max_size=40)
PUBLISHING = Options(publishing=True)
SETTINGS = settings(max_examples=4 if SOAK else 2)


def test_an_export_applied_to_an_empty_instance_is_exported_as_the_same_bytes(
    server: Server, migrated: str
) -> None:
    def check(seed: int, words: list[str]) -> None:
        made = documents(MODEL, seed, words)
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_there_and_back(server, migrated, made, Path(folder)))

    for number in rounds(SETTINGS.max_examples, share=0.5):
        seeded(SETTINGS(given(seed=st.integers(0, 2**32), words=WORDS)(check)), number)()


async def _there_and_back(
    server: Server, migrated: str, made: list[Document], folder: Path
) -> None:
    async with server.new(migrated) as one, server.new(migrated) as other:
        await _fill(one, made)
        await exported(one, folder / "one")
        assert _read(folder / "one") == {_key(each): _canonical(each) for each in made}
        first = await planned(one, folder / "one", PUBLISHING)
        assert (first.items, first.unchanged) == ([], len(made))
        done = await applied(other, folder / "one", PUBLISHING)
        assert len(done.published) == sum("draft" not in each for each in made)
        await exported(other, folder / "other")
        assert files(folder / "one") == files(folder / "other")
        assert not (await planned(other, folder / "other", PUBLISHING)).does_something


async def _fill(url: str, made: list[Document]) -> None:
    """Save and publish documents without files."""
    async with writing(url) as engine, editing(engine, MODEL, "test") as edit:
        saved = await save(edit, [Save(UncheckedDocument(each)) for each in made])
        pairs = zip(saved, made, strict=True)
        items = {each.key: each.id for each, document in pairs if "draft" not in document}
        await publish(edit, items, UnpublishedReferences.LEAVE_PENDING)


def test_both_copies_come_through_files_as_they_are(server: Server, migrated: str) -> None:
    for number in rounds(share=0.5):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_both_copies(server, migrated, Random(number), Path(folder)))


async def _both_copies(server: Server, migrated: str, random: Random, folder: Path) -> None:
    async with (
        server.new(migrated) as one,
        server.new(migrated) as other,
        server.new(migrated) as third,
    ):
        for each in (one, other, third):
            async with writing(each) as engine, editing(engine, MODEL, "test") as edit:
                await set_locales(edit, {"nl-BE": LocaleDefinition("nl")})
        await _write_history(one, random)
        await exported(one, folder / "both")
        assert not (await planned(one, folder / "both", PUBLISHING)).does_something
        await _apply_in_two(other, folder / "both", folder / "more")
        await _is_exported_again(other, folder / "both", folder / "more", stage=Exporting.BOTH)
        await _have_the_same(one, other, "draft", "live")
        await exported(one, folder / "live", Exporting.LIVE)
        await _apply(third, folder / "live")
        await _is_exported_again(third, folder / "live", stage=Exporting.LIVE)
        # A list of which nothing is published may be inherited there, and search looks at that.
        await _have_the_same(one, third, "live", but="live.search_entry")


async def _apply_in_two(url: str, directory: Path, more: Path) -> None:
    """Apply a folder, and half of its guides, to which nothing refers, from another one."""
    for file in sorted((directory / "guides").iterdir())[::2]:
        (more / "guides").mkdir(parents=True, exist_ok=True)
        file.rename(more / "guides" / file.name)
    await _apply(url, directory)
    await _apply(url, more)
    for each in (directory, more):
        assert not (await planned(url, each, PUBLISHING._replace(deleting=True))).does_something


async def _apply(url: str, directory: Path) -> None:
    await applied(url, directory, PUBLISHING)
    assert not (await planned(url, directory, PUBLISHING)).does_something


async def _is_exported_again(url: str, *directories: Path, stage: Exporting) -> None:
    """Content is what folders say, to the byte."""
    again = directories[0].with_name("again")
    await exported(url, again, stage)
    assert files(again) == {
        name: each for some in directories for name, each in files(some).items()
    }
    shutil.rmtree(again)


async def _write_history(url: str, random: Random) -> None:
    """Items that are edited, given other slugs and published, in languages one by one."""
    made = documents(MODEL, random.randrange(2**32))
    async with writing(url) as engine, editing(engine, MODEL, "test") as edit:
        for content, share in ((earlier(made), 0.9), (made, 0.6), (earlier(made), 0.3)):
            saved = await save(edit, [Save(UncheckedDocument(each)) for each in content])
            items = {each.key: each.id for each in saved}
            await _publish_some(edit, items, random, share)
            await _unpublish_some(edit, items, random)
        (name, one), (_, two), *others = random.sample(
            [key for key in items if key[0] == "Guide"], 3
        )
        for old, new in ((one, "swapped"), (two, one), ("swapped", two)):
            await rename(edit, (name, old), new)
        for name, slug in [*others, *random.sample([key for key in items if key[0] != "Guide"], 3)]:
            await rename(edit, (name, slug), f"{slug}-renamed")


async def _publish_some(edit: Edit, items: Items, random: Random, share: float) -> None:
    """Publish those that can be, each in languages of its own."""
    order = {each.name: place for place, each in enumerate(MODEL.by_dependency)}
    codes = sorted(edit.locales.codes)
    for key in sorted(items, key=lambda key: (order[key[0]], key)):
        chosen = random.choice([codes, codes, random.sample(codes, random.randint(1, 3))])
        if random.random() < share:
            await _if_it_can_be(
                edit, publish(edit, {key: items[key]}, UnpublishedReferences.LEAVE_PENDING, chosen)
            )


async def _unpublish_some(edit: Edit, items: Items, random: Random) -> None:
    codes = sorted(edit.locales.codes)
    for key in random.sample(sorted(items), 5):
        chosen = random.sample(codes, random.randint(1, 2))
        await _if_it_can_be(edit, unpublish(edit, {key: items[key]}, chosen))


async def _if_it_can_be(edit: Edit, work: Awaitable[object]) -> None:
    savepoint = await edit.connection.begin_nested()
    try:
        await work
    except ContentError:
        await savepoint.rollback()
    else:
        await savepoint.commit()


async def _have_the_same(one: str, other: str, *schemas: str, but: str = "") -> None:
    """Two instances, in copies, but for a table."""
    there, here = await _content(one, *schemas), await _content(other, *schemas)
    differing = {
        name: (sorted({*rows} - {*here[name]}), sorted({*here[name]} - {*rows}))
        for name, rows in there.items()
        if rows != here[name] and name != but
    }
    assert not differing


async def _content(url: str, *schemas: str) -> dict[str, list[str]]:
    """Every row of copies that somebody sees, with what items are called in place of their ids.

    Nobody sees what refers to something that is in none of these copies.
    """
    found = {name: [*map(json.loads, each)] for name, each in (await dump(url)).items()}
    tables = {name: each for name, each in found.items() if name.split(".")[0] in schemas}
    named = [row for each in tables.values() for row in each if "slug" in row]
    # The working copy has the last word.
    named.sort(key=lambda row: row.get("locale", "~"))
    names = {row["id"]: row["slug"] for row in named}
    own = {
        (column, row["owner_id"])
        for column, table in OWN.items()
        for row in tables[table]
        if row["target_id"] in names
    }
    return {name: [*_lines(each, names, own)] for name, each in tables.items()}


def _lines(
    rows: Sequence[dict[str, Any]], names: Mapping[str, str], own: Collection[tuple[str, str]]
) -> list[str]:
    if rows and "target_id" in rows[0]:
        lists = defaultdict[str, list[str]](list)
        for row in sorted(rows, key=itemgetter("position")):
            if row["target_id"] in names:
                lists[names[row["owner_id"]]].append(names[row["target_id"]])
        return sorted(json.dumps(each) for each in lists.items())
    return sorted(json.dumps(_line(row, names, own)) for row in rows)


def _line(
    row: dict[str, Any], names: Mapping[str, str], own: Collection[tuple[str, str]]
) -> dict[str, Any]:
    """A row; of a list that could be inherited it says whether the item has entries of its own."""
    made: dict[str, Any] = {}
    for key, value in row.items():
        if key in OWN:
            made[key] = (key, value) in own
        elif key == "id" or key.endswith("_id"):
            made[key] = names.get(value)
        else:
            made[key] = value
    return made


def _read(directory: Path) -> dict[tuple[str, str], Any]:
    problems: list[Problem] = []
    found = {_key(each.content): each.content for each in read_documents(directory, problems)}
    assert not problems
    return found


def _key(document: Any) -> tuple[str, str]:
    return document["type"], document["slug"]


def _canonical(document: Document) -> Document:
    """A document as it is kept: without what says nothing, Markdown without room after it."""
    rich = {
        each.graphql_name
        for each in MODEL[document["type"]].written()
        if each.format is Format.RICH_TEXT
    }
    return {
        key: {locale: text.rstrip() for locale, text in value.items()} if key in rich else value
        for key, value in document.items()
        if value != []
    }
