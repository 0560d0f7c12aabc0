"""Content to files and into another instance: nothing is lost, and the same bytes come out."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.editing import References
from schema.entities.fields import Format
from schema.model import content_model
from service.content.planning import Options
from service.database import writing
from service.documents.files import read_documents
from service.documents.given import Given
from service.documents.problems import Problem
from service.documents.values import text
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from tests.databases import Server, applied, planned
from tests.differential.content import Document, documents
from tests.soaking import rounds, seeded
from tests.test_exporting import TEXT, exported, files

MODEL = content_model()


def kept(value: str) -> str:
    """A text as it is kept, or nothing where it is refused."""
    try:
        return text(value)
    except ValueError:
        return ""


WORDS = st.lists(TEXT.map(kept).filter(bool), min_size=5, max_size=40)
PUBLISHING = Options(publishing=True)
SETTINGS = settings(
    max_examples=4, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck]
)


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
        saved = await save(edit, [Save(Given(each)) for each in made])
        pairs = zip(saved, made, strict=True)
        items = {each.key: each.id for each, document in pairs if "draft" not in document}
        await publish(edit, items, References.LEAVE_PENDING)


def _read(directory: Path) -> dict[tuple[str, str], Any]:
    problems: list[Problem] = []
    found = {_key(each.content): each.content for each in read_documents(directory, problems)}
    assert not problems
    return found


def _key(document: Any) -> tuple[str, str]:
    return document["type"], document["slug"]


def _canonical(document: Document) -> Document:
    """A document as it is kept: without what says nothing, Markdown without white space around."""
    rich = {
        each.graphql_name
        for each in MODEL[document["type"]].written()
        if each.format is Format.RICH_TEXT
    }
    return {
        key: {locale: text.strip() for locale, text in value.items()} if key in rich else value
        for key, value in document.items()
        if value != []
    }
