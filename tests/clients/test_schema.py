"""What linters of schemas say of the contract: nothing."""

import json

from graphql import build_schema, is_object_type

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


def test_an_id_belongs_to_one_object() -> None:
    """Relay takes all objects with the same `id` for one, whatever their types."""
    schema = build_schema(SCHEMA.read_text("utf-8"))
    types = [each for each in schema.type_map.values() if is_object_type(each)]
    named = {each.name for each in types if "id" in each.fields}
    nodes = {each.name for each in types if "Node" in {it.name for it in each.interfaces}}
    assert named - nodes == {"Release", "Revision"}
