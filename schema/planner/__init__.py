"""From a GraphQL operation to one SQL statement that answers it with finished JSON.

    plan          the whole operation as one statement
    selection     the fields that are selected, with fragments and directives resolved
    arguments     the parameters of a statement, and where their values come from
    shapes        the shapes of arguments, which is all that a plan may depend on
    rows          the rows of a field, joined to those of its parent
    objects       rows as JSON objects
    lists         rows as lists in their editors' order
    pages         rows as Relay connections
    connections   the connections of items
    nodes         items by their ids
    conditions    `where`
    comparisons   the operators of `where`
    formats       what a format is to the planner
    orders        `orderBy`, and cursors
    values        the value of a field, for conditions and orders
    aggregates    numbers about many rows
    groups        rows grouped by a value, with aggregates
    search        full-text search
    terms         the text of a search, parsed
    words         the words of an item, as search finds them
    revisions     revisions, and what differs between two
    releases      releases
    schedules     what is scheduled for an item
    statuses      the status of an item in each locale
    redirects     former slugs
    computations  fields that Python computes
    ids           ids as clients see them
    json          JSON as PostgreSQL makes it
    weights       how much work it is to plan a selection, before it is planned
    templates     statements of root fields that are made once for each shape
    compiled      SQL that is compiled once, and used in many statements

Nothing here runs a statement: a plan is made once, and its parameters are bound for each request.
"""
