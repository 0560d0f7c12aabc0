"""What the content is: its types, the GraphQL schema derived from them, and the planner.

    entities     the content types
    tables       what the service stores besides content
    model        the content types as one value, from which everything is derived
    attributes   the attributes of a content type: its fields and its relations
    computed     fields that Python computes
    reflection   the content types as the tables of an older database have them
    delivery     the rows that are served of an item, one for each locale
    statuses     the status of an item in each locale, as SQL
    releases     the state of releases, as SQL
    planner      from a selection to one SQL statement
    graphql      the GraphQL schema
    editing      the enumerations of everything that changes content
    errors       the codes of all errors, and the GraphQL errors of a request
    locales      locales and their fallbacks
    texts        Unicode normalization
    expressions  the type of SQL expressions
    aliases      aliases of tables, which are made faster

Nothing here opens a connection, reads the environment or knows HTTP.
"""
