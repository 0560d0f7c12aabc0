"""Declarations that change, and what autogenerate writes of it, run unedited."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.copies import Copy
from tests.databases import SEEDS, Server, dump, rows, shape

Edit = Callable[[str], str]


def without(*patterns: str) -> Edit:
    """Remove what the patterns match."""
    return lambda text: re.sub("|".join(patterns), "", text, flags=re.MULTILINE)


def attribute(name: str) -> str:
    """The pattern of a declared attribute."""
    return rf"^    {name}: (.*\)|.*\(\n(        .*\n)*    \))\n"


def key(name: str) -> str:
    """The pattern of a key of a document, with its value."""
    return rf"^{name}:.*\n([ ].*\n)*"


FIELDS: Mapping[str, Edit] = {
    "schema/entities/hub.py": without(attribute("kind")),
    "schema/entities/skill.py": without(attribute("kind")),
    "schema/entities/guide.py": without(
        attribute("level"), r'^        UniqueConstraint\("owner_id", "level"\),\n'
    ),
    "seeds/hubs/*": without(key("kind")),
    "seeds/skills/*": without(key("kind")),
    "seeds/guides/*": without(r"level: .*\n    "),
}
TYPES: Mapping[str, Edit] = {
    "schema/entities/__init__.py": without("^.*import Hub.*\n"),
    "schema/entities/location.py": without("^.*import Hub\n", attribute("hubs")),
    "schema/entities/guide.py": without(
        "^.*import Hub\n",
        attribute("hubs"),
        r"^class SalaryRange(.|\n)*?(?=^class)",
        attribute("salary_ranges"),
        attribute("career_path"),
        "CareerStep, ",
    ),
    "schema/entities/role.py": without(
        r"^class CareerStep(.|\n)*?(?=^class)", attribute("career_path")
    ),
    "seeds/hubs/*": without(r"(.|\n)*"),
    "seeds/locations/*": without(key("hubs")),
    "seeds/guides/*": without(key("salaryRanges")),
    "seeds/roles/*": without(key("careerPath")),
}
"""A type with its enumeration, and parts: one with enumerations, one in a list of another name."""

RUN = """
import sys
from alembic.config import main

for arguments in sys.argv[1:]:
    main(arguments.split())
"""
GENERATE = ["upgrade head", "revision --autogenerate -m gone"]


def changed_copy(folder: Path, url: str, edits: Mapping[str, Edit]) -> Copy:
    """The project with other declarations and documents, on a database."""
    copy = Copy(folder, url)
    shutil.copytree(SEEDS, folder / "seeds")
    with (folder / "alembic.ini").open("r+", encoding="utf-8") as options:
        text = options.read().replace("[alembic]\n", "[alembic]\ncontent = %(here)s/seeds\n")
        options.seek(0)
        options.write(text)
    for pattern, edit in edits.items():
        for file in folder.glob(pattern):
            file.write_text(edit(file.read_text("utf-8")), "utf-8")
            if not file.read_text("utf-8"):
                file.unlink()
    return copy


async def test_fields_that_are_no_longer_declared(server: Server, tmp_path: Path) -> None:
    async with server.new() as url:
        copy = changed_copy(tmp_path / "project", url, FIELDS)
        said = await copy.run("-c", RUN, *GENERATE, "upgrade head", "check")
        assert "Detected removed column 'draft.hub.kind'" in said
        assert not await rows(
            url,
            """select * from information_schema.columns
            where table_schema in ('draft', 'live')
            and (table_name, column_name) in
            (('hub', 'kind'), ('skill', 'kind'), ('salary_range', 'level'))
            """,
        )


async def test_types_that_are_no_longer_declared(server: Server, tmp_path: Path) -> None:
    async with server.new() as url:
        copy = changed_copy(tmp_path / "project", url, TYPES)
        await copy.run("-c", RUN, *GENERATE)
        before = await shape(url)
        await copy.run("-c", RUN, "upgrade head", "check")
        gone = await shape(url), await dump(url)
        assert [each for each in gone[1] if re.search("hub|salary|career", each)] == []
        await copy.run("-c", RUN, "downgrade -1")
        assert await shape(url) == before
        await copy.run("-c", RUN, "upgrade head", "check")
        assert (await shape(url), await dump(url)) == gone
