"""Of answers for whole guides, a change leaves right what does not show what was changed."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from schema.model import content_model
from service.database.pools import writing
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save
from tests.benchmark.queries import LOCALES, ONE
from tests.databases import Server
from tests.dependencies.subject import Subject, body_of, running
from tests.editing import PUBLISH, items

SIDE = 10
GUIDES = range(SIDE * SIDE)


def documents() -> Iterator[dict[str, Any]]:
    """A guide for each role in each place, with a company of its own and one that others list."""
    for number in range(SIDE):
        name = {"en": f"Name {number}"}
        yield {"type": "Skill", "slug": f"skill-{number}", "name": name}
        yield {"type": "Company", "slug": f"shared-{number}", "name": name}
        place = {"name": name, "kind": "CITY", "techScene": {"en": "Many."}}
        yield {"type": "Location", "slug": f"place-{number}", **place}
        lists = {"skills": [f"skill-{number}"], "careerPath": [{"titles": {"en": ["Junior"]}}]}
        yield {"type": "Role", "slug": f"role-{number}", "name": name, "plural": name, **lists}
    for number in GUIDES:
        yield {"type": "Company", "slug": f"company-{number}", "name": {"en": "Its own"}}
        yield {
            "type": "Guide",
            "slug": f"guide-{number}",
            "title": {"en": f"Guide {number}"},
            "role": f"role-{number // SIDE}",
            "location": f"place-{number % SIDE}",
            "companies": [f"company-{number}", f"shared-{number % SIDE}"],
        }


@pytest.fixture(scope="module")
async def filled(server: Server, migrated: str) -> AsyncIterator[Subject]:
    """All of them published."""
    async with server.new(migrated) as url:
        async with writing(url) as engine, editing(engine, content_model(), "test") as edit:
            saved = await save(edit, [Save(UncheckedDocument(each)) for each in documents()])
            await publish(edit, {each.key: each.id for each in saved})
        async with running(url) as found:
            yield found


@pytest.fixture
async def subject(filled: Subject) -> Subject:
    """The guides, each of which was answered, and is kept."""
    for _ in range(3):
        await filled.ask(BODIES)
    assert filled.read == 0
    return filled


BODIES = [
    body_of(ONE.text, slug=f"guide-{number}", locale=LOCALES[number % 3]) for number in GUIDES
]


async def made_again(subject: Subject) -> int:
    """How many guides are answered anew; all are what they have to be."""
    for each in await subject.ask(BODIES):
        assert each.kept == each.made
    return subject.read


async def test_a_company_is_published(subject: Subject) -> None:
    await subject.editor.save("Company", {"slug": "company-42", "name": {"en": "Another name"}})
    assert await made_again(subject) == 0
    await subject.editor.change(PUBLISH, slugs=items(company="company-42"))
    assert await made_again(subject) == 1


async def test_a_company_that_some_guides_list_is_published(subject: Subject) -> None:
    await subject.editor.save("Company", {"slug": "shared-3", "name": {"en": "Another name"}})
    await subject.editor.change(PUBLISH, slugs=items(company="shared-3"))
    assert await made_again(subject) == SIDE


async def test_a_new_company_is_published(subject: Subject) -> None:
    await subject.editor.save("Company", {"slug": "new", "name": {"en": "New"}})
    await subject.editor.change(PUBLISH, slugs=items(company="new"))
    assert await made_again(subject) == 0


async def test_a_new_company_is_listed_by_a_guide(subject: Subject) -> None:
    await subject.editor.save("Company", {"slug": "newer", "name": {"en": "New"}})
    await subject.editor.save("Guide", {"slug": "guide-42", "companies": ["company-42", "newer"]})
    guide = items(guide="guide-42")
    await subject.editor.change(PUBLISH, slugs=guide, references="LEAVE_PENDING")
    assert await made_again(subject) == 1
    await subject.editor.change(PUBLISH, slugs=items(company="newer"))
    assert await made_again(subject) == 1


async def test_a_guide_is_published(subject: Subject) -> None:
    await subject.editor.save("Guide", {"slug": "guide-42", "title": {"en": "Another title"}})
    await subject.editor.change(PUBLISH, slugs=items(guide="guide-42"))
    assert await made_again(subject) == 1


async def test_a_place_that_guides_inherit_from_is_published(subject: Subject) -> None:
    await subject.editor.save("Location", {"slug": "place-3", "techScene": {"en": "None."}})
    await subject.editor.change(PUBLISH, slugs=items(location="place-3"))
    assert await made_again(subject) == SIDE
