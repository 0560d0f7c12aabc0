"""The schema in GraphQL's schema definition language, for reading and review."""

from graphql import GraphQLSchema, print_schema


def schema_language(schema: GraphQLSchema) -> str:
    """The text of a schema, which is committed as `schema/schema.graphql`."""
    return print_schema(schema) + "\n"
