"""The working copy as files: the same bytes for the same content, comments left where they are."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from schema.model import content_model
from service.database.pools import writing
from service.documents.emitting import as_yaml, renewed
from service.documents.files import read_documents
from service.documents.parsing import value_of
from service.documents.problems import ContentError, Problem
from service.folders.exporting import Exported, Exporting, export
from service.roles import PREVIEWER
from tests.databases import SEEDED, SEEDS, Server, load, rows
from tests.processes import run
from tests.soaking import rounds, seeded
from tests.writing import GUIDE, PLACE, seeds, write

ODD = st.text("a \n\t#:-|>'\"{[&*!%@`?\u0085\u2028\r\ufeff\x07é漢😀", min_size=1)
TEXT = ODD | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
VALUE = (
    TEXT
    | st.integers()
    | st.booleans()
    | st.lists(TEXT)
    | st.dictionaries(st.sampled_from(["en", "nl", "nl-BE"]), TEXT)
)
FIELDS = st.dictionaries(st.sampled_from("abcd"), VALUE, min_size=1)
SETTINGS = settings(max_examples=400)


async def exported(url: str, directory: Path, stage: Exporting = Exporting.BOTH) -> Exported:
    """Export a database."""
    async with writing(url, role=PREVIEWER) as engine:
        return await export(engine, content_model(), directory, stage)


def files(directory: Path) -> dict[str, bytes]:
    """The bytes of every file in a folder."""
    found = (path for path in directory.rglob("*.yaml") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


async def test_files_that_say_what_is_there_are_left_as_they_are(
    seeded: str, tmp_path: Path
) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    assert await exported(seeded, tmp_path / "seeds") == (0, SEEDED, [])
    assert files(tmp_path / "seeds") == files(SEEDS)


async def test_an_empty_database_filled_with_an_export_gives_the_same_bytes(
    server: Server, migrated: str, seeded: str, tmp_path: Path
) -> None:
    assert (await exported(seeded, tmp_path / "one")).written == SEEDED
    async with server.new(migrated) as url:
        await load(url, tmp_path / "one")
        assert (await exported(url, tmp_path / "two")).written == SEEDED
        assert await rows(url, "select count(*) from live.guide where locale = 'en'") == [(1,)]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (await exported(seeded, tmp_path / "one")).written == 0


async def test_comments_and_the_place_of_a_file_stay(database: str, tmp_path: Path) -> None:
    there = write(tmp_path / "there", anywhere=PLACE)
    (there / "anywhere.yaml").write_text(
        dedent("""\
            # The country.
            type: Location
            slug: belgium
            name: {en: Belgium, nl: België}  # as its people say
            kind: COUNTRY
            # ISO 3166-1
            countryCode: BE
        """)
    )
    later = PLACE.replace("nl: België", "nl: Het land") + "    techScene: {en: 'One\\n\\ntwo'}\n"
    later = later.replace("'One\\n\\ntwo'", '"One\\n\\ntwo"')
    await load(database, write(tmp_path / "now", place=later))
    assert await exported(database, there) == (1, 0, [])
    assert (there / "anywhere.yaml").read_text() == dedent("""\
        # The country.
        type: Location
        slug: belgium
        name: {en: Belgium, nl: Het land}  # as its people say
        kind: COUNTRY
        # ISO 3166-1
        countryCode: BE
        techScene:
          en: |-
            One

            two
    """)


async def test_what_is_not_published_as_it_is_says_that_it_is_a_draft(
    database: str, tmp_path: Path
) -> None:
    await load(database, seeds(tmp_path / "a"))
    changed = GUIDE.replace("Backend in Belgium", "Changed") + "    draft: true\n"
    await load(database, write(tmp_path / "b", guide=changed))
    await exported(database, tmp_path / "c")
    problems: list[Problem] = []
    documents = [*read_documents(tmp_path / "c", problems)]
    assert not problems
    drafts = {each.content["slug"]: each.content.get("draft") for each in documents}
    assert drafts == {"backend-belgium": True, "belgium": None, "backend-developer": None}


async def test_a_text_of_an_unknown_locale_is_exported_where_it_is(
    database: str, tmp_path: Path
) -> None:
    """The row is older than the column that says which locale the text comes from."""
    await load(database, seeds(tmp_path / "a"))
    await rows(database, "update live.location set name_locale = null")
    changed = PLACE.replace("en: Belgium", "en: Changed") + "    draft: true\n"
    await load(database, write(tmp_path / "b", place=changed))
    await exported(database, tmp_path / "c")
    problems: list[Problem] = []
    [place] = [
        each.content
        for each in read_documents(tmp_path / "c", problems)
        if each.content["slug"] == "belgium"
    ]
    assert not problems
    names = [each["name"] for each in place["live"]]
    assert names == [{"en": "Belgium", "fr": "Belgium", "nl": "België"}]


async def test_the_command_says_what_it_did_and_names_files_without_an_item(
    database: str, tmp_path: Path
) -> None:
    await load(database, write(tmp_path / "a", place=PLACE))
    there = write(tmp_path / "b", other=PLACE.replace("slug: belgium", "slug: other"))
    done = await asyncio.to_thread(run, "content", "export", str(there), DATABASE_URL=database)
    assert done.returncode == 0, done.stderr
    assert "1 files written, 0 unchanged" in done.stderr
    left = "the item does not exist; the file was left as it is"
    assert f"{there}/other.yaml: {left}" in done.stderr
    assert (there / "locations/belgium.yaml").exists()


async def test_two_files_about_one_item_are_a_problem_and_nothing_is_written(
    database: str, tmp_path: Path
) -> None:
    await load(database, write(tmp_path / "a", place=PLACE))
    old = PLACE.replace("nl: België", "nl: Het land")
    there = write(tmp_path / "b", one=old, two=old)
    before = files(there)
    with pytest.raises(ContentError, match=r"two.yaml:2: slug: is also the slug of .*one.yaml;"):
        await exported(database, there)
    assert files(there) == before


async def test_a_new_file_is_none_that_is_about_another_item(database: str, tmp_path: Path) -> None:
    await load(database, write(tmp_path / "a", place=PLACE))
    other = {"belgium": PLACE.replace("slug: belgium", "slug: other")}
    there = write(tmp_path / "b" / "locations", **other)
    before = files(there)
    assert await exported(database, tmp_path / "b") == (1, 0, [there / "belgium.yaml"])
    assert files(there).items() > before.items()
    assert parsed((there / "belgium-2.yaml").read_text())["slug"] == "belgium"


async def test_how_a_file_is_written_in_bytes_stays(database: str, tmp_path: Path) -> None:
    await load(database, write(tmp_path / "a", place=PLACE))
    there = write(tmp_path / "b", place=PLACE.replace("nl: België", "nl: Het land"))
    file = there / "place.yaml"
    odd = b"\xef\xbb\xbf# One\n" + file.read_bytes()
    file.write_bytes(odd.replace(b"\n", b"\r\n"))
    assert await exported(database, there) == (1, 0, [])
    found = odd.replace(b"Het land", "België".encode()).replace(b"\n", b"\r\n")
    assert file.read_bytes() == found.replace(b"\r\n    ", b"\r\n")
    assert await exported(database, there) == (0, 1, [])


async def test_what_is_exported_over_anchors_is_what_is_applied_again(
    database: str, tmp_path: Path
) -> None:
    role = "type: Role\nslug: x\nname: &n {en: A, nl: B} # both\nplural: *n\n"
    there = write(tmp_path, role=role)
    await load(database, there)
    for names in ({"plural": {"en": "C"}}, {"name": {"en": "D"}, "plural": {"en": "C"}}):
        wanted = {"type": "Role", "slug": "x", "name": {"en": "A", "nl": "B"}, **names}
        await load(database, write(tmp_path / "other", role=as_yaml(wanted)))
        (tmp_path / "other/role.yaml").unlink()
        assert (await exported(database, there)).written == 1
        assert parsed((there / "role.yaml").read_text()) == wanted
        assert await load(database, there) == (0, 0, 1, 0)


async def test_a_file_that_cannot_be_written_is_an_error_in_a_line(
    database: str, tmp_path: Path
) -> None:
    await load(database, write(tmp_path / "a", place=PLACE))
    (tmp_path / "b").write_text("no folder")
    command = ("content", "export", str(tmp_path / "b"))
    done = await asyncio.to_thread(run, *command, DATABASE_URL=database)
    assert done.returncode == 1
    file = f"{tmp_path}/b/locations/belgium.yaml"
    assert done.stderr == f"error: {file} cannot be written: Not a directory\n"


def test_every_text_comes_back() -> None:
    def check(first: dict[str, Any], other: dict[str, Any]) -> None:
        text = as_yaml(first)
        assert renewed(text, first) == text
        assert parsed(text) == first
        assert parsed(renewed(text, other)) == other

    for number in rounds(SETTINGS.max_examples, share=0.5):
        seeded(SETTINGS(given(first=FIELDS, other=FIELDS)(check)), number)()


@pytest.mark.parametrize("text", ["NO", "y", "off", "012", "1_0", "1:30", "0o7", "=", "<<", "~"])
def test_readers_of_yaml_1_1_read_the_same(text: str) -> None:
    document = {"a": text, "b": [text], "no": {text: text}, "c": 0.00001, "d": 1, "e": True}
    older = YAML(typ="safe", pure=True)
    older.version = (1, 1)
    exported = as_yaml(document)
    assert older.load(exported) == value_of(exported) == document
    changed = renewed("a: {}\n", {"a": document})
    assert older.load(changed) == value_of(changed) == {"a": document}


def parsed(text: str) -> Mapping[str, Any]:
    """What a file with this text says."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.yaml").write_text(text, encoding="utf-8", newline="")
        problems: list[Problem] = []
        [document] = read_documents(Path(folder), problems)
    assert not problems
    return document.content
