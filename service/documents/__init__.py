"""Content as data: documents, the form that people, files and programs share.

A document names its type and slug, refers to other items by their slugs, contains its parts and
writes localized text as a map of locales. Its keys are those of the GraphQL schema.

    document       a document as plain data
    unchecked      a document that has not been checked, as a file or a program gives it
    files          documents in YAML files
    problems       what is wrong with documents, and where
    checking       checks documents against the model
    formats        the formats of fields, as documents read and describe them
    values         checks single values
    markdown       rich text
    rules          checks what the database would refuse
    integrity      checks references, unique values and cycles against the database
    records        checked documents, in the form that the code stores
    serialization  records as documents
    store          reads records from the working copy
    storing        writes records to the working copy
    copies         what is published, as documents
    required       required values that a document lacks
    unknown_names  names in stored content that enumerations do not have
    instants       the instant of a change
    bulk           many rows in one statement
    workers        other processes, which read very many documents
    json_schema    the JSON Schema of documents

These read and rewrite YAML files:

    parsing        YAML text as plain values
    syntax         YAML text as a tree of nodes with their positions
    emitting       a document as YAML text, new or in place of an old one
    rewriting      YAML text with another content, and as few changes as possible
    pieces         the entries of maps and lists, with their comments
    matching       finds the old entry of a list that a new entry corresponds to
    rendering      values as YAML text
    replacing      replaces files as a whole or not at all
"""
