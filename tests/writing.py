"""Documents to load."""

from pathlib import Path
from textwrap import dedent

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
    for name, text in documents.items():
        (directory / f"{name}.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return directory


def seeds(directory: Path, **documents: str) -> Path:
    """A guide with its place and its role, and more documents or others in their stead."""
    return write(directory, **{"place": PLACE, "role": ROLE, "guide": GUIDE, **documents})
