"""Normalizing caches keep languages and drafts apart, and take in what is published."""

from typing import Any

import pytest

from tests.clients.projects import PAGE, Project
from tests.documentation import blocks, section

FRENCH = "Recruter des développeurs back-end en Belgique"


def shown(project: Project, heading: str, program: str, title: str) -> Any:
    """What a client shows, which saves and publishes a title."""
    project.follow(heading)
    project.take_schema()
    project.take("requests.mjs", "operations.mjs", program)
    [publish] = blocks(section(PAGE, "## Normalized caches"), "graphql")
    project.write("publish.graphql", publish)
    return project.show("node", program, title)


@pytest.mark.parametrize(
    ("heading", "program"), [("Apollo Client", "apollo.mjs"), ("urql", "urql.mjs")]
)
def test_a_cache(editing: Project, heading: str, program: str) -> None:
    title = f"Published by {heading}"
    found = shown(editing, heading, program, title)
    assert found["french"] == FRENCH
    # A watched page in English does not become French, nor what is only a draft.
    assert found["draft"] == title
    assert {*found["before"]} == {found["english"]}
    # What is published reaches it, and the French page in the cache.
    assert [*dict.fromkeys(found["after"])] == [found["english"], title]
    assert found["cached"] == f"{title} (fr)"
    # Two queries for parts of a text share it, and all of an answer is in the cache.
    assert found["html"]["guide"]["techScene"]["html"].startswith("<p>")
    assert found["again"] == found["everything"]
    assert all("id" in each for each in found["everything"]["search"]["nodes"])
    assert found["everything"]["search"]["nodes"]
