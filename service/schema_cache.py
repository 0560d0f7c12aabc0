"""The GraphQL schema, put together of a description that is kept: see `service.derived`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from graphql import GraphQLSchema

import schema
from schema.entities.content import Base
from schema.graphql.executable import executable
from schema.model import Model
from service.derived import derived

_LIBRARIES = ("graphql-core", "strawberry-graphql")


def executable_schema(model: Model) -> GraphQLSchema:
    """The executable schema of everything in the model, which was read off the entities."""

    def describe() -> object:
        # It brings Strawberry, which takes longer to import than all the rest here.
        from schema.graphql.types import schema_description  # noqa: PLC0415

        return schema_description(model)

    return executable(derived(_folder(), "schema", _sources(), _LIBRARIES, describe))


def _folder() -> Path:
    return Path(str(schema.__file__)).parent


def _sources() -> Iterator[Path]:
    """All that the schema is derived from: the package, and whatever module declares an entity."""
    yield from _folder().rglob("*.py")
    for mapper in Base.registry.mappers:
        file = Path(str(sys.modules[mapper.class_.__module__].__file__))
        if not file.is_relative_to(Path(*schema.__path__)):
            yield file
