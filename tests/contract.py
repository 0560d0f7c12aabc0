"""Breaking changes of the GraphQL schema since the last release: `python -m tests.contract`.

`schema/released.graphql` is the schema of that release. A change that breaks queries or generated
types has to be in CHANGELOG.md, below "Unreleased", in an entry that begins with `**Breaking`, with
its schema coordinate: `Query.node(locale:)`, `GuideInput.slug`, `Stage.DRAFT` or `Tool`.
"""

import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

from graphql import GraphQLInputObjectType, GraphQLSchema, build_schema, find_breaking_changes

from tests.databases import PROJECT

_MEMBER = re.compile(r"@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?")
_TYPE = re.compile(r"(?:^.* union type |^Standard scalar |^)(\w+)")
_ENTRY = re.compile(r"^- \*\*Breaking.*?(?=^- |^#|\Z)", re.MULTILINE | re.DOTALL)


class Break(NamedTuple):
    """A change that breaks queries or generated types."""

    coordinate: str
    description: str


def breaks(released: str, current: str) -> Iterator[Break]:
    """What breaks between two schemas, given as SDL."""
    old, new = build_schema(released), build_schema(current)
    for change in find_breaking_changes(old, new):
        text = change.description
        found = _MEMBER.findall(text) or _TYPE.findall(text)
        yield Break(found[0], text)
    yield from _restricted(old, new)


def _restricted(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Break]:
    """Inputs that take exactly one field now; graphql-core does not look at that."""
    for name in sorted(_choices(new) - _choices(old)):
        if isinstance(old.get_type(name), GraphQLInputObjectType):
            yield Break(name, f"{name} takes exactly one field.")


def _choices(schema: GraphQLSchema) -> set[str]:
    inputs = (each for each in schema.type_map.values() if isinstance(each, GraphQLInputObjectType))
    return {each.name for each in inputs if each.is_one_of}


def listed(changelog: str) -> set[str]:
    """The coordinates that a changelog lists as breaking in the next release."""
    _, _, below = changelog.partition("\n## [Unreleased]\n")
    unreleased, _, _ = below.partition("\n## [")
    return {code for entry in _ENTRY.findall(unreleased) for code in re.findall("`([^`]+)`", entry)}


def problems(released: str, current: str, changelog: str) -> list[Break]:
    """The breaking changes that the changelog does not list."""
    known = listed(changelog)
    return [each for each in breaks(released, current) if each.coordinate not in known]


def main() -> int:
    """Print every problem; 1 if there is one."""
    names = ("schema/released.graphql", "schema/schema.graphql", "CHANGELOG.md")
    found = problems(*((PROJECT / name).read_text("utf-8") for name in names))
    for each in found:
        sys.stdout.write(f"schema/schema.graphql: {each.coordinate}: {each.description}\n")
    if found:
        sys.stdout.write(__doc__.partition("\n\n")[2])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
