"""The documentation, README.md and docs/, as its readers find it: pages, sections, code blocks."""

import re
from pathlib import Path

from tests.databases import PROJECT

README = PROJECT / "README.md"
DOCS = PROJECT / "docs"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
"""Without the decisions, which are a history."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"`([^`\s]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


def page(name: str) -> str:
    """The text of a page, such as `docs/reading.md`."""
    return (PROJECT / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What is below a heading, such as `## Search`, up to the next one of its level or above."""
    lines, level, is_code = [], heading.index(" "), False
    below = iter(text.splitlines(keepends=True))
    assert heading in (line.rstrip() for line in below), f"there is no {heading!r}"
    for line in below:
        is_code ^= line.startswith("```")
        if not is_code and re.match(rf"#{{1,{level}}} ", line):
            break
        lines.append(line)
    return "".join(lines)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in one language."""
    return [code for found, code in _BLOCK.findall(text) if found == language]


def files(text: str) -> dict[str, str]:
    """The code blocks that are files: those below a line that ends with a name in backticks."""
    return dict(_FILE.findall(text))


def links(path: Path) -> list[str]:
    """Where a page leads to within the project; what is code leads nowhere."""
    text = _SPAN.sub("", _BLOCK.sub("", path.read_text("utf-8")))
    return re.findall(r"\]\((?!https?:)([^)\s]+)\)", text)


def anchors(path: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", _BLOCK.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
