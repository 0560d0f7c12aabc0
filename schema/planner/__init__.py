"""From a GraphQL operation to one SQL statement that answers it with finished JSON.

    selection   which fields are asked for, fragments and directives resolved
    rows        the rows that a field stands for, joined to those of its parent
    objects     rows as JSON objects and lists
    pages       rows as Relay connections
    arguments   where each bind parameter gets its value from
    plan        all of it as one statement

Nothing here runs anything: a plan is made once, and bound for each request.
"""
