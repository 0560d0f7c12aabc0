"""The planner turns a GraphQL operation into one SQL statement that returns finished JSON.

    plan          the plan of an operation
    selection     the selection of an operation, with fragments and directives resolved
    arguments     the parameters of a plan, and where their values come from
    shapes        the shapes of arguments, the only part of them that a plan depends on
    rows          the rows of a field, joined to those of its parent
    objects       rows as JSON objects
    lists         rows as JSON lists, in the order that editors gave them
    pages         rows as Relay connections
    connections   connections of items
    nodes         items by their ids
    conditions    `where`
    comparisons   the operators of `where`
    formats       how each format is compared, sorted, grouped and searched
    orders        `orderBy`, and positions in an order
    values        the values of fields in conditions and sort keys
    aggregates    aggregates over rows
    groups        rows grouped by shared values, with aggregates
    search        full-text search
    terms         the text of a search, parsed
    words         search entries: the words that search finds an item by
    revisions     revisions, and the differences between two
    releases      releases
    schedules     what is scheduled for an item
    locales       the locales of content
    statuses      the status of an item in each locale
    sitemap       the pages that items can have, in all locales
    translations  an item in each locale, and the locales that its texts come from
    sources       the locale that a text comes from
    redirects     former slugs, and where they lead
    slugs         the items that slugs find
    unions        connections of rows of several content types
    computations  fields that Python computes
    ids           ids as clients see them
    contexts      the locale and the stage of a read
    tags          what an answer depends on
    marks         marks of the items in an answer
    answers       what a statement returns, and its parts
    json          JSON, made by PostgreSQL
    weights       the estimated work of planning a selection
    templates     the SQL of root fields, made once for each shape
    compiled      SQL that is compiled once and used several times

Nothing here runs a statement: a plan is made once, and its parameters are bound for each request.
"""
