"""One rule decides about what others changed; `docs/content-migrations.md` has it as a table."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from schema.editing import Mode
from schema.model import content_model
from service.database.pools import writing
from service.documents import store
from service.documents.problems import ContentError
from service.documents.unchecked import UncheckedDocument
from service.editing.deleting import remove
from service.editing.edits import Edit, editing
from service.editing.saving import Save, save
from service.folders.applying import apply
from service.migrations.content.resolutions import MigrationConflictError
from service.roles import WRITER
from tests.documentation import page, section
from tests.folders import options
from tests.migrations.history import History

MODEL = content_model()
GONE = "gone"


class Row(NamedTuple):
    """A row of the table: a value on each side, and what happens."""

    base: str
    theirs: str
    ours: str
    result: str

    @property
    def slug(self) -> str:
        """The item that goes through this row."""
        return "-".join(("row", *(_WORDS.get(each, each).lower() for each in self[:3])))

    def after(self, side: str) -> str:
        """The value afterwards, if conflicts are decided for a side."""
        return getattr(self, side) if self.result == "conflict" else self.result


_WORDS = {"–": "none"}
_TABLE = section(page("docs/content-migrations.md"), "## What others changed")
ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split("|")))
    for line in re.findall(r"^\| (?:[A–]) \|.*\|$", _TABLE, re.MULTILINE)
]
CONFLICTS = {row.slug for row in ROWS if row.result == "conflict"}


def document(row: Row, value: str) -> dict[str, object]:
    """An item that has a value."""
    site = {} if value == "–" else {"website": f"https://{value.lower()}.example/"}
    return {"slug": row.slug, "name": {"en": row.slug}, "location": "ghent", **site}


def change(row: Row, before: str, after: str) -> str:
    """An operation that changes an item from one value to another, as autogenerate writes it."""
    if after == GONE:
        return f"op.delete('Hub', {row.slug!r}, base={document(row, before)})"
    old, new = (document(row, each).get("website") for each in (before, after))
    given = {"slug": row.slug, "website": new}
    return f"op.save('Hub', {given}, base={ {'website': old} if old else {} })"


@asynccontextmanager
async def editor(history: History) -> AsyncIterator[Edit]:
    """An edit by somebody."""
    async with writing(history.url, role=WRITER) as engine, editing(engine, MODEL, "editor") as it:
        yield it


async def save_all(history: History, side: str) -> None:
    """Bring all items to their values on a side, as an editor does."""
    async with editor(history) as edit:
        keys = [("Hub", row.slug) for row in ROWS if getattr(row, side) == GONE]
        await remove(edit, await store.ids(edit.connection, MODEL, keys))
        await save(
            edit,
            [
                Save(UncheckedDocument({"type": "Hub", **document(row, value)}), Mode.REPLACE)
                for row in ROWS
                if (value := getattr(row, side)) != GONE
            ],
        )


async def values(history: History) -> dict[str, str]:
    """The value of each item."""
    content = await history.content()
    found = {slug: each for (name, slug), each in content.items() if name == "Hub"}
    return {
        row.slug: found[row.slug].get("website", "https://–")[8].upper()
        if row.slug in found
        else GONE
        for row in ROWS
    }


def expected(side: str) -> dict[str, str]:
    """The value that each item is to have."""
    return {row.slug: row.after(side) for row in ROWS}


def in_conflict(error: MigrationConflictError) -> set[str]:
    """The items of conflicts."""
    assert "force=theirs:Type/slug" in str(error)
    return {each.item.removeprefix("Hub ") for each in error.conflicts}


def test_the_table_has_its_rows() -> None:
    assert len(ROWS) == len({row.slug for row in ROWS}) == 15
    assert len(CONFLICTS) == 6


@pytest.mark.parametrize("side", ["theirs", "ours"])
async def test_an_upgrade(drafts: History, side: str) -> None:
    await save_all(drafts, "base")
    drafts.add(*(change(row, row.base, row.ours) for row in ROWS))
    await save_all(drafts, "theirs")
    before = await drafts.dump()
    with pytest.raises(MigrationConflictError) as caught:
        await drafts.upgrade()
    assert in_conflict(caught.value) == CONFLICTS
    assert await drafts.dump() == before
    await drafts.upgrade(force=side)
    assert await values(drafts) == expected(side)
    await drafts.downgrade()
    assert await drafts.dump() == before


@pytest.mark.parametrize("side", ["theirs", "ours"])
async def test_a_downgrade(drafts: History, side: str) -> None:
    await save_all(drafts, "ours")
    made = [
        f"op.save('Hub', {document(row, row.base)})"
        if row.ours == GONE
        else change(row, row.ours, row.base)
        for row in ROWS
    ]
    drafts.add(*made)
    await drafts.upgrade()
    await save_all(drafts, "theirs")
    before = await drafts.dump()
    with pytest.raises(MigrationConflictError) as caught:
        await drafts.downgrade()
    assert in_conflict(caught.value) == CONFLICTS
    assert await drafts.dump() == before
    await drafts.downgrade(force=side)
    assert await values(drafts) == expected(side)


@pytest.mark.parametrize("side", ["theirs", "ours"])
async def test_a_folder(drafts: History, tmp_path: Path, side: str) -> None:
    folder = tmp_path / "content"
    folder.mkdir()

    def write(of: str) -> None:
        for row in ROWS:
            file, value = folder / f"{row.slug}.yaml", getattr(row, of)
            file.unlink(missing_ok=True)
            if value != GONE:
                file.write_text(json.dumps({"type": "Hub", **document(row, value)}), "utf-8")

    async def apply_(conflicts: str | None = None) -> None:
        async with writing(drafts.url) as engine:
            given = options(conflicts=conflicts, delete=True)
            await apply(engine, MODEL, folder, given, lambda _: None)

    write("base")
    await apply_()
    write("ours")
    await save_all(drafts, "theirs")
    before = await drafts.dump()
    with pytest.raises(ContentError) as caught:
        await apply_()
    named = "\n".join(map(str, caught.value.problems))
    assert {row.slug for row in ROWS if row.slug in named} == CONFLICTS
    assert await drafts.dump() == before
    await apply_(side)
    assert await values(drafts) == expected(side)
