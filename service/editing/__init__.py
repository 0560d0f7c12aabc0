"""Every way to change content.

Mutations, the command line, releases and content migrations call these functions. Each takes an
`Edit`, which is a transaction. It raises `ContentError` with every problem that it finds; rolling
back to a savepoint around the call then undoes whatever it had written.

    edits         the transaction of an edit, and its author
    saving        saves documents in the working copy
    loading       saves very many documents in the working copy
    renaming      gives items other slugs
    former_slugs  which items documents rename
    deleting      deletes items from both copies
    publishing    copies items from the working copy into the live copy
    unpublishing  items out of the live copy
    live          the statement that copies items into the live copy
    live_locales  the live copy in a locale
    consequences  the statement that follows the copying: problems, revisions and search entries
    search_index  the entries of full-text search
    scheduling    publishing and unpublishing later
    releases      releases, as they are stored
    releasing     carries out the releases that are due
    versions      puts items back to an older version while that is published
    history       revisions
    restoring     restores items from a revision
    change_log    the log of what each version of the content changed
    change_log    the log of what each version of the content changed
    changes       the difference between two documents
    merging       the three-way merge of documents
    statuses      the status of items in each locale
    locales       the locales of content
    translations  the texts that content has in a locale
    idempotency   the responses to mutations with an `Idempotency-Key`
    statements    statements that are compiled once
"""
