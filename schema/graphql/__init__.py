"""The GraphQL schema, derived from the content model.

types          the object types, the root types, and the schema as a whole
field_specs    fields of GraphQL types as data, and Strawberry types made of them
inputs         `where` and `orderBy` of each type
scalars        the scalars, and the GraphQL type of each format
coercion       what scalars accept, and the Python values that they become
enumerations   the enumerations of `schema.editing`
search         the types of full-text search
summaries      the types of aggregates and groups
schedules      the types of releases and of what is scheduled
changes        the types of revisions and of differences between them
mutations      the inputs and payloads of mutations
executable     the schema as data, and an executable schema made of that
sdl            the schema as text: `schema/schema.graphql`
"""
