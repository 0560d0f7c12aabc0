"""Every way in which content is changed.

Mutations, the command line and content migrations call these functions. Each takes an `Edit`,
which is a transaction, and raises `ContentError` with everything that is wrong. Then it has changed
nothing that a savepoint around the call would not roll back.

    edits         the transaction of an edit, and its author
    saving        documents into the working copy
    loading       very many documents into the working copy
    renaming      items under another slug
    deleting      items out of both copies
    publishing    items from the working copy into the live copy, and out of it
    live          the statement that copies items into the live copy
    consequences  the statement that follows the copying: problems, revisions and search entries
    search_index  the entries that full-text search looks at
    scheduling    publishing and unpublishing later
    releases      scheduled releases, as they are stored
    releasing     releases that are due
    versions      items in an older version, for as long as that is published
    history       revisions
    restoring     items as they were in a revision
    changes       the difference between two documents
    merging       the three-way merge of documents
    statuses      the status of items in each locale
    locales       the locales of content
    idempotency   the responses to mutations with an `Idempotency-Key`
    statements    statements that are compiled once
"""
