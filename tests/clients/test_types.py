"""Types for TypeScript: strict, and the same from introspection and from a file."""

import re

import pytest
from graphql import GraphQLScalarType, build_schema, is_specified_scalar_type

from tests.clients.projects import PAGE, SCHEMA, Project
from tests.documentation import files, section

MAPS = {
    "GraphQL Code Generator": "codegen.ts",
    "gql.tada": "src/graphql.ts",
    "Relay": "relay.config.json",
    "Houdini": "houdini.config.js",
}
"""Where each section of the documentation maps scalars to types."""
MODULES = ("guide.ts", "operations.ts")
"""Queries in `src`, as codegen finds them."""


@pytest.mark.parametrize("heading", MAPS)
def test_every_scalar_has_a_type_in_the_documentation(heading: str) -> None:
    types = build_schema(SCHEMA.read_text("utf-8")).type_map.values()
    scalars = [each for each in types if isinstance(each, GraphQLScalarType)]
    text = files(section(PAGE, f"## {heading}"))[MAPS[heading]]
    mapped = {*re.findall(r'^\s+"?([A-Z]\w+)"?:', text, re.MULTILINE)}
    assert mapped == {each.name for each in scalars if not is_specified_scalar_type(each)}


def test_codegen(project: Project) -> None:
    project.follow("GraphQL Code Generator")
    project.take_schema()
    project.take("tsconfig.json")
    project.take("operations.ts", "types.ts", "one_of.ts", to="src")
    project.run("graphql-codegen")
    project.run("tsc", "--project", ".")
    served = generated(project)
    project.change("codegen.ts", "schema.graphql", str(SCHEMA))
    project.run("graphql-codegen")
    assert generated(project) == served


def generated(project: Project) -> dict[str, str]:
    """What codegen has made."""
    folder = project.folder / "src/gql"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


def test_gql_tada(project: Project) -> None:
    project.follow("GraphQL Code Generator", "gql.tada")
    project.take("operations.ts", "types.ts", to="src")
    for name in MODULES:
        project.change(f"src/{name}", '"./gql"', '"./graphql"')
    project.run("gql.tada", "generate-output")
    project.run("tsc", "--project", ".")
    project.run("gql.tada", "check")
    made = project.folder / "src/graphql-env.d.ts"
    served = made.read_text("utf-8")
    project.change("tsconfig.json", f"{project.url}/graphql", str(SCHEMA))
    made.unlink()
    project.run("gql.tada", "generate-output")
    assert made.read_text("utf-8") == served
