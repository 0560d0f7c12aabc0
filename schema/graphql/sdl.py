"""The schema in GraphQL's own language: the contract, as people read and review it."""

from graphql import GraphQLSchema, print_schema


def schema_language(schema: GraphQLSchema) -> str:
    """The schema as text; `schema/schema.graphql` is this."""
    return print_schema(schema) + "\n"
