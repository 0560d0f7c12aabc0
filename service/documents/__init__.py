"""Documents: content as data, in the one form that people, files and programs share.

A document names its type and slug, refers to other items by their slugs, holds its parts and
writes localized text as a map of locales. Its keys are those of the GraphQL schema.

    document       a document as plain data
    unchecked      a document that a program sent
    files          documents in YAML files
    problems       what is wrong with documents, and where
    checking       documents checked against the model
    formats        what a format is to documents
    values         single values, checked
    markdown       rich text
    rules          what the database would refuse, checked before it does
    integrity      references, unique keys and cycles, checked against the database
    records        checked documents as data of the model
    serialization  records as documents
    store          records read from the working copy
    storing        records written to the working copy
    copies         what is published, as documents
    instants       the instant of a change
    bulk           many rows in one statement
    workers        other processes, which read very many documents
    json_schema    the JSON Schema of documents

YAML files are read and rewritten by these:

    parsing        YAML text as plain values
    syntax         YAML text as a tree of nodes with their places
    emitting       a document as YAML text, new or over an old one
    rewriting      YAML text with another content, and as little changed as possible
    pieces         the entries of maps and lists, with their comments
    matching       which entry of an old list an entry of a new one is
    rendering      values as YAML text
    replacing      files that are replaced whole or not at all
"""
