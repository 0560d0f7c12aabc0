"""What the content is: its types, the GraphQL schema derived from them, and the planner.

    entities     the content types
    tables       what the service stores besides content
    model        the content model as one value, from which everything else is derived
    attributes   the attributes of a content type: its fields and its relations
    computed     fields that Python computes
    reflection   the content model of an older database, inferred from its tables
    delivery     the rows that are served: one for each item and locale
    dependents   the items that show another one
    statuses     the publication status of an item in a locale, as SQL
    releases     the state and the items of releases, as SQL
    localized_slugs  the slugs of items in some locales, as SQL
    planner      from a selection to one SQL statement
    graphql      the GraphQL schema
    editing      the enumerations that describe changes to content
    errors       the error codes, and the GraphQL errors of a request
    locales      locales and their fallbacks
    texts        Unicode normalization
    expressions  the type of SQL expressions
    aliases      table aliases that create their columns on first read

Nothing here opens a connection, reads the environment or knows HTTP.
"""
