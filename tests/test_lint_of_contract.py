"""The lint of the contract: what breaks clients is in the changelog."""

import pytest

from tests.contract import breaks, listed, main, problems

OLD = """
directive @cached(seconds: Int) on FIELD
interface Node { id: ID! }
type Guide implements Node { id: ID! title: String! }
type Tool implements Node { id: ID! }
union Result = Guide | Tool
enum Stage { DRAFT LIVE }
scalar Date
input Key { type: Stage slug: String }
input Filter { and: Int or: Int }
type Query { node(id: ID!, locale: String): Node find(key: Key, filter: Filter): [Result!]! }
"""
CHANGELOG = """# Changelog

## [Unreleased]

### Changed

- **Breaking:** `node` takes ids and nothing else: `Query.node(locale:)` and
  `Key.slug` are gone.
- `Stage.DRAFT` is described.
- **Breaking** for generated types: `Guide.title`.

### Fixed

- `Tool`

## [0.1.0]

- **Breaking:** `Query.find`
"""


def test_what_breaks_is_in_the_changelog(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "coordinate"),
    [
        ("id: ID!, locale: String", "id: ID!", "Query.node(locale:)"),
        ("id: ID!, locale: String", "id: ID!, locale: String!", "Query.node(locale:)"),
        ("id: ID!, locale: String", "id: ID!, locale: String, at: ID!", "Query.node(at:)"),
        ("title: String!", "title: String", "Guide.title"),
        ("title: String!", "", "Guide.title"),
        ("slug: String", "slug: String!", "Key.slug"),
        ("slug: String", "slug: String, at: Int!", "Key.at"),
        ("DRAFT LIVE", "LIVE", "Stage.DRAFT"),
        ("Guide | Tool", "Guide", "Result"),
        ("Tool implements Node", "Tool", "Tool"),
        ("scalar Date", "", "Date"),
        ("scalar Date", "enum Date { NOW }", "Date"),
        ("input Filter {", "input Filter @oneOf {", "Filter"),
        ("directive @cached(seconds: Int) on FIELD", "", "@cached"),
        ("(seconds: Int)", "", "@cached(seconds:)"),
    ],
)
def test_a_breaking_change_is_named_by_its_coordinate(old: str, new: str, coordinate: str) -> None:
    assert OLD.count(old) == 1
    [found] = breaks(OLD, OLD.replace(old, new))
    assert found.coordinate == coordinate


def test_an_addition_breaks_nothing() -> None:
    added = OLD.replace("slug: String", "slug: String, at: Int").replace("LIVE", "LIVE OLD")
    assert [*breaks(OLD, added)] == []


def test_only_breaking_entries_of_the_next_release_list_changes() -> None:
    assert listed(CHANGELOG) == {"node", "Query.node(locale:)", "Key.slug", "Guide.title"}


def test_a_breaking_change_that_is_not_listed_is_a_problem() -> None:
    new = OLD.replace("DRAFT LIVE", "LIVE").replace("title: String!", "title: String")
    [found] = problems(OLD, new, CHANGELOG)
    assert found == ("Stage.DRAFT", "Enum value Stage.DRAFT was removed.")
