"""The GraphQL schema as data, and an executable schema made from that.

The schema is used to validate GraphQL documents and to coerce arguments. That needs only its types
and nothing else of Strawberry's: no resolver is ever called. So the schema is built from a
description: the result of introspection, the Python enumeration of each GraphQL enumeration, and
the parser of each scalar. Making the description takes most of a second of CPU time; building the
schema from it takes a few hundredths: see `service.schema_cache`.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLScalarType,
    GraphQLSchema,
    build_client_schema,
    introspection_from_schema,
)

Description = dict[str, Any]
"""JSON with the keys `introspection`, `enumerations` and `parsers`; the last two by type name."""


def describe(
    schema: GraphQLSchema, enumerations: Mapping[str, Any], parsers: Mapping[str, Any]
) -> Description:
    """The description of a schema; raises `TypeError` for a parser that cannot be imported."""
    return {
        "introspection": introspection_from_schema(
            schema, specified_by_url=True, directive_is_repeatable=True, one_of=True
        ),
        "enumerations": {name: _enumeration(each) for name, each in enumerations.items()},
        "parsers": {name: _name(each) for name, each in parsers.items()},
    }


def executable(description: Description) -> GraphQLSchema:
    """The executable schema of a description."""
    schema = build_client_schema(description["introspection"], assume_valid=True)
    for name, said in description["enumerations"].items():
        enumeration = _made(name, said)
        for member, value in cast(GraphQLEnumType, schema.type_map[name]).values.items():
            value.value = enumeration[member]
    for name, said in description["parsers"].items():
        scalar = cast(GraphQLScalarType, schema.type_map[name])
        # The old and the new name of the parser in graphql-core.
        scalar.parse_value = scalar.coerce_input_value = _found(said)  # type: ignore[method-assign]
    return schema


def _enumeration(enumeration: Any) -> Any:
    """The name of an enumeration, or if it is derived from the model, its base and members."""
    if _is_named(enumeration):
        return _name(enumeration)
    members = {name: enumeration[name].value for name in enumeration.__members__}
    return {"base": _name(enumeration.__base__), "members": members}


def _made(name: str, said: Any) -> Any:
    if isinstance(said, str):
        return _found(said)
    return _found(said["base"])(name, said["members"])


def _is_named(something: Any) -> bool:
    module = import_module(something.__module__)
    return getattr(module, something.__qualname__, None) is something


def _name(something: Any) -> str:
    if not _is_named(something):
        raise TypeError(f"{something!r} is nothing that its module has under its name")
    return f"{something.__module__}:{something.__qualname__}"


def _found(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
