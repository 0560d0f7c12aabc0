"""What can be done with content: the one way in which it is written.

Mutations, the command line and migrations of content call these functions. Each takes an `Edit`,
which is a transaction, and raises `ContentError` with all that is wrong, having changed nothing
that a savepoint around it would not take back.

    edits       who writes, and in which transaction
    changes     what is different between two documents
    merging     two sides' changes, brought together
    saving      documents into the working copy
    loading     very many documents into it
    renaming    items under another slug
    deleting    items, from both copies
    publishing  from the working copy to the live one, and back out of it
    copying     what publishing copies, as a statement
    consequences  what follows it, as a statement
    statuses    how items are to what is published of them
    locales     what content is written in
    scheduling  publishing and unpublishing later
    releasing   what is scheduled, when it is due
    releases    what is to happen later, as it is kept
    versions    items as they were in an older version, while that is published
    history     what was done, as revisions
    restoring   items as they were in a revision
    searching   what full-text search looks at
"""
