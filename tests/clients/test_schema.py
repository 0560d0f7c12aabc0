"""What linters of schemas say of the contract: nothing."""

import json

from tests.clients.projects import SCHEMA, Project
from tests.documentation import PAGES, blocks


def test_graphql_eslint_has_nothing_to_say(project: Project) -> None:
    project.take("eslint.config.js")
    project.write("schema.graphql", SCHEMA.read_text("utf-8"))
    project.run("eslint", "--max-warnings=0", "schema.graphql")


def test_graphql_inspector_has_nothing_to_say(project: Project) -> None:
    """It finds types that are alike, too: those of content types are, on purpose."""
    project.take_schema()
    project.take("inspector.mjs")
    project.write("committed.graphql", SCHEMA.read_text("utf-8"))
    operations = [each for page in PAGES for each in blocks(page.read_text("utf-8"), "graphql")]
    project.write("operations.json", json.dumps(operations))
    assert project.show("node", "inspector.mjs") == []
