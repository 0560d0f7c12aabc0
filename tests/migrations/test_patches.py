"""Changes of long texts and lists in revisions, and documents that stand beside them."""

import re
import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.migrations.content.patches import ListPatch, TextPatch, patch_of
from service.migrations.content.resolutions import MigrationConflictError
from tests.databases import SEEDS
from tests.migrations.history import History
from tests.migrations.test_autogenerate import COMPANY, body, replace
from tests.migrations.test_downgrades import edit
from tests.writing import write

WORDS = st.sampled_from(["one", "two ", " ", "\n\n", "three, "])
TEXTS = st.lists(WORDS, min_size=120, max_size=200).map("".join)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's documents, to be edited."""
    return Path(shutil.copytree(SEEDS, tmp_path / "content"))


@settings(max_examples=60)
@given(text=TEXTS, changes=st.lists(st.tuples(st.integers(0, 600), WORDS), max_size=4))
def test_a_text_comes_back_from_its_patch(text: str, changes: list[tuple[int, str]]) -> None:
    after = text
    for place, word in changes:
        after = after[:place] + word + after[place + len(word) // 2 :]
    patch = patch_of(text, after)
    assume(patch is not None)
    assert isinstance(patch, TextPatch)
    assert patch.applied(text) == after


@settings(max_examples=60)
@given(
    before=st.lists(st.integers(100, 160), min_size=30, max_size=40, unique=True),
    after=st.lists(st.integers(100, 110), max_size=4, unique=True),
    place=st.integers(0, 30),
)
def test_a_list_comes_back_from_its_patch(before: list[int], after: list[int], place: int) -> None:
    old = [f"a-slug-{number}" for number in before]
    moved = [f"a-slug-{number}" for number in after]
    new = [each for each in old if each not in moved]
    new[place:place] = moved
    patch = patch_of(old, new)
    assume(patch is not None)
    assert isinstance(patch, ListPatch)
    assert patch.applied(old) == new


async def test_a_word_in_a_long_text_is_a_line_and_not_the_text(
    seeded_history: History, folder: Path
) -> None:
    guide = folder / "guides/recruiting-backend-developers-in-belgium.yaml"
    replace(guide, "usually build with", "mostly build with")
    written = body(await seeded_history.generate(folder))
    assert "op.changed_text(" in written
    assert len(written) < 400
    await there_and_back(seeded_history)


async def test_a_list_is_what_is_added_removed_and_moved(
    seeded_history: History, folder: Path
) -> None:
    write(folder, acme=COMPANY.replace("ghent", "belgium"))
    place = folder / "locations/belgium.yaml"
    replace(place, "  - swift\n  - proximus\n", "  - acme\n  - proximus\n")
    replace(place, "  - evs\n", "")
    replace(place, "  - materialise\n", "  - evs\n  - materialise\n")
    written = body(await seeded_history.generate(folder))
    assert re.search(
        r"""\{"slug": "belgium", "companies": op.changed_list\("\w{16}", added=\{"acme": None\}, """
        r"""removed=\["swift"\], moved=\{"evs": "showpad"\}\)\}""",
        written,
    )
    await there_and_back(seeded_history)


async def there_and_back(history: History) -> None:
    """A revision makes of the database what the documents are, and the downgrade what it was."""
    before = await history.dump()
    await history.upgrade()
    await history.run(command.check)
    await history.downgrade()
    assert await history.dump() == before
    await history.upgrade()
    await history.run(command.check)


async def test_a_long_text_that_others_edited_is_a_conflict(
    seeded_history: History, folder: Path
) -> None:
    slug = "recruiting-backend-developers-in-belgium"
    replace(folder / f"guides/{slug}.yaml", "usually build with", "mostly build with")
    assert "op.changed_text(" in body(await seeded_history.generate(folder))
    await edit(seeded_history, "Guide", slug, aboutRole={"en": "Something else"})
    with pytest.raises(MigrationConflictError, match=r"aboutRole.en: base 'Back.*theirs 'Some"):
        await seeded_history.upgrade()
    await seeded_history.upgrade(force=f"ours:Guide/{slug}")
    await seeded_history.run(command.check)


async def test_a_long_text_that_this_database_never_had_is_said(
    seeded_history: History,
) -> None:
    seeded_history.add("""
        op.save("Company", {"slug": "evs", "name": {"en": op.changed_text("0" * 16, ("a", "b"))}})
    """)
    with pytest.raises(MigrationConflictError, match="which this database never had"):
        await seeded_history.upgrade(force="ours")
    await seeded_history.upgrade(force="theirs")
    await seeded_history.run(command.check)


async def test_very_many_documents_stand_beside_the_revision(
    seeded_history: History, folder: Path
) -> None:
    texts = {
        f"firm-{n:03}": f"type: Company\nslug: firm-{n:03}\nname: {{en: {'Firm ' * 40}{n}}}\n"
        for n in range(100)
    }
    write(folder, **texts)
    lines = await seeded_history.generate(folder)
    assert 'op.save("Company", "r001_1_company.json")' in body(lines)
    assert len(lines) < 150
    await there_and_back(seeded_history)
    (seeded_history.folder / "r001_1_company.json").write_text("{}", "utf-8")
    await seeded_history.downgrade()
    with pytest.raises(CommandError, match=r"r001_1_company\.json has to have a list"):
        await seeded_history.upgrade()
