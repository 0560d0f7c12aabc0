"""What docs/architecture.md and docs/glossary.md say."""

import re

from tests.databases import PROJECT

MOST_WORDS = 40


def test_everything_that_the_architecture_names_is_there() -> None:
    text = (PROJECT / "docs/architecture.md").read_text("utf-8")
    named = {*re.findall(r"(?:schema|service|alembic)/[\w/.]*\w", text)}
    assert len(named) > 20
    assert [each for each in sorted(named) if not (PROJECT / each).exists()] == []


def test_the_glossary_is_short_and_has_each_word_once() -> None:
    text = (PROJECT / "docs/glossary.md").read_text("utf-8")
    _, *words = re.findall(r"^\| ([^|]+?) +\| [^|]+ \|$", text, re.MULTILINE)
    assert len(words) == len({*words}) <= MOST_WORDS
    assert len(words) == text.count("\n| ") - 1


def test_only_three_modules_change_what_readers_see() -> None:
    writes = re.compile(
        r"\b(?:insert|update|delete)\(\s*(?:[\w\[\].]*\.)?live\b"
        r"|\.live\.(?:insert|update|delete)\(|\b(?:insert|update|delete)\(_?ENTRY\b"
    )
    files = (PROJECT / "service").rglob("*.py")
    found = {each.stem for each in files if writes.search(each.read_text("utf-8"))}
    assert found == {"live", "live_locales", "search_index"}
