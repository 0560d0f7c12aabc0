"""Changes after which an answer was once said to be right, and was not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import load
from tests.dependencies.subject import Subject, body_of, running
from tests.editing import PUBLISH, UNPUBLISH, items
from tests.writing import seeds

COMPANY = """
    type: Company
    slug: acme
    name: {en: Acme}
"""
RENAMED = COMPANY.replace("acme", "zeta") + "    renamedFrom: acme\n"
PLACE = """
    type: Location
    slug: belgium
    name: {en: Belgium}
    kind: COUNTRY
    companies: [zeta]
"""
ZETA = items(company="zeta")


@pytest.fixture
async def subject(database: str, tmp_path: Path) -> AsyncIterator[Subject]:
    """A company that had another slug before, in the list of a place."""
    await load(database, seeds(tmp_path / "first", company=COMPANY))
    await load(database, seeds(tmp_path / "now", company=RENAMED, place=PLACE))
    async with running(database) as found:
        yield found


async def kept(subject: Subject, body: bytes) -> bytes:
    """What is answered, and kept from then on."""
    for _ in range(3):
        [found] = await subject.ask([body])
        assert found.kept == found.made
    assert subject.read == 0
    return found.kept


async def test_a_former_slug_leads_to_an_item_that_comes_back(subject: Subject) -> None:
    body = body_of('{ company(slug: "acme") { slug } }')
    await subject.editor.change(UNPUBLISH, slugs=ZETA)
    assert b"null" in await kept(subject, body)
    await subject.editor.change(PUBLISH, slugs=ZETA)
    [found] = await subject.ask([body])
    assert b"zeta" in found.kept
    assert found.kept == found.made


async def test_a_former_slug_leads_to_an_item_that_comes_in_another_locale(
    subject: Subject,
) -> None:
    body = body_of('{ company(slug: "acme", locale: "nl") { slug } }')
    await subject.editor.change(UNPUBLISH, slugs=ZETA, locales=["nl"])
    assert b"null" in await kept(subject, body)
    await subject.editor.change(PUBLISH, slugs=ZETA, locales=["nl"])
    [found] = await subject.ask([body])
    assert b"zeta" in found.kept
    assert found.kept == found.made


async def test_a_row_that_gets_another_locale_comes_there(subject: Subject) -> None:
    await subject.editor.change(UNPUBLISH, slugs=ZETA, locales=["nl"])
    bodies = [
        body_of(f'{{ location(slug: "belgium", locale: "{each}") {{ companies {{ slug }} }} }}')
        for each in ("en", "nl")
    ]
    before = [await kept(subject, each) for each in bodies]
    await subject.connection.execute("update live.company set locale = 'nl' where locale = 'en'")
    found = await subject.ask(bodies)
    assert [each.kept for each in found] == [each.made for each in found] == before[::-1]


async def test_a_former_slug_that_is_changed_by_hand_leads_to_the_item(subject: Subject) -> None:
    body = body_of('{ company(slug: "new") { slug } }')
    assert b"null" in await kept(subject, body)
    await subject.connection.execute("update live.redirect set slug = 'new' where slug = 'acme'")
    [found] = await subject.ask([body])
    assert b"zeta" in found.kept
    assert found.kept == found.made
