"""Documents to load, and what is said of those that cannot be."""

from pathlib import Path
from textwrap import dedent

import pytest

from service.documents.problems import ContentError
from tests.databases import load, rows

COUNT = "select count(*) from draft.location"

PLACE = """
    type: Location
    slug: belgium
    name: {en: Belgium, nl: België}
    kind: COUNTRY
    countryCode: BE
"""
ROLE = """
    type: Role
    slug: backend-developer
    name: {en: Backend Developer}
    plural: {en: Backend Developers}
"""
GUIDE = """
    type: Guide
    slug: backend-belgium
    role: backend-developer
    location: belgium
    title: {en: Backend in Belgium}
"""


def write(directory: Path, **documents: str) -> Path:
    """Put a document into each file; the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in dedented(**documents).items():
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    return directory


def dedented(**documents: str) -> dict[str, str]:
    """The texts of files as they stand there."""
    return {name: dedent(text).lstrip("\n") for name, text in documents.items()}


def seeds(directory: Path, **documents: str) -> Path:
    """A guide with its place and its role, and more documents or others in their stead."""
    return write(directory, **{"place": PLACE, "role": ROLE, "guide": GUIDE, **documents})


async def refused(url: str, directory: Path) -> list[str]:
    """The problems with a folder, files by their names; nothing of it is in the database."""
    before = await rows(url, COUNT)
    with pytest.raises(ContentError) as caught:
        await load(url, directory)
    assert await rows(url, COUNT) == before
    return [str(each).removeprefix(f"{directory}/") for each in caught.value.problems]
