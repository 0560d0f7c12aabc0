"""Documents: content as data, in the one form that people, files and programs share.

A document names its type and slug, refers to other items by their slugs, holds its parts and
writes localized text as a map of locales. Its keys are those of the GraphQL schema.

    files      documents in YAML files
    parsing    what a YAML text says
    syntax     where everything stands in it
    exporting  documents as YAML texts
    rewriting  a text that says something else, with all that can stay
    pieces     entries with their comments
    matching   which entry of another list an entry is
    rendering  values as YAML
    replacing  files that are written whole or not at all
    values     single values: what a document may say, and how it is kept
    entries    documents, checked against the model
    markdown   rich text
    helpers    other processes, for reading very many
    rules      what the database would refuse of parts
    surroundings   whether entries fit to what is there
    store      entries in the working copy of the database, as they are
    storing    entries into it
    bulk       many rows in one statement
"""
