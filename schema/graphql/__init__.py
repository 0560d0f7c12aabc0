"""The GraphQL schema, derived from the content model.

types          the object types, the root types, and the schema as a whole
field_specs    fields of GraphQL types as data, and Strawberry types made from them
inputs         `where` and `orderBy` of each type
scalars        the scalars, and the GraphQL type of each format
coercion       the parsers of scalars, from input values to Python values
enumerations   the enumerations of `schema.editing`
search         the types of full-text search
summaries      the types of aggregates and groups
sitemap        the types of the sitemap
schedules      the types of releases, and of the schedules of items
redirects      the type of former slugs
changes        the types of revisions and of differences between them
mutations      the inputs and payloads of mutations
executable     the schema as data, and an executable schema made from that
sdl            the schema as text: `schema/schema.graphql`
"""
