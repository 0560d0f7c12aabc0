"""What is too much to remember makes answers anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service import freshness
from tests.databases import load
from tests.dependencies.subject import Subject, body_of, running
from tests.writing import seeds

BODY = body_of('{ company(slug: "acme") { name } }')
CHANGED = "update live.company set name = 'New'"
OTHERS = ("update live.location set name = 'New'", "update live.role set name = 'New'")


@pytest.fixture
async def subject(database: str, tmp_path: Path) -> AsyncIterator[Subject]:
    """A company, and the answer that shows it, which is kept."""
    company = "{type: Company, slug: acme, name: {en: Acme}}"
    await load(database, seeds(tmp_path, company=company))
    async with running(database) as found:
        for _ in range(3):
            await found.ask([BODY])
        assert found.read == 0
        yield found


async def changed(subject: Subject, *statements: str) -> None:
    """Make these changes, after which the company has another name."""
    for each in statements:
        await subject.connection.execute(each)
    [found] = await subject.ask([BODY])
    assert b"New" in found.made
    assert found.kept == found.made


async def test_a_change_that_is_not_looked_at(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "MOST_CHANGES", 1)
    await changed(subject, *OTHERS, CHANGED)


async def test_a_change_that_is_forgotten(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "MOST_TAGS", 1)
    await changed(subject, CHANGED, *OTHERS)
