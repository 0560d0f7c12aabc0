"""Content that moves with the schema: alembic operations, their downgrade, and autogenerate.

    op.save · op.delete · op.rename · op.publish · op.unpublish · op.transform · op.add_locale …
        → service.editing, in the transaction of the migration
        → the table service.before_image → downgrade

    steps           a migration that is being run, up or down
    branches        the order of downgrades where the history has branches
    operation       what all operations have in common
    operations      the operations
    transforming    `op.transform`
    locales         `op.add_locale`, `op.change_locale`, `op.remove_locale`, `op.rename_locale`
    view            what a migration sees of the content
    merging         what operations say, merged with what others did since
    publishing      publishes what a migration wrote, and nothing of others
    patches         changes of long values: `op.changed_text`, `op.changed_list`
    frozen          documents in a file beside a revision
    planning        what operations would do
    planned         content as pending migrations will find it
    planned_names   its names, as pending migrations will find them
    resolutions     conflicts with others, and who decides them
    renaming        `op.rename_type`, `op.rename_field`, `op.rename_value`
    tables          renames of tables and columns
    written         what was written as documents, under new names
    renames         autogenerate for renames
    restoring       `op.restore_rows`, of squashed migrations
    images          before-images: items before and after a migration
    locale_images   before-images of locales, and their downgrade
    undoing         the downgrade of a migration
    constraints     constraints in a downgrade
    dropped         what goes with columns and tables, and comes back with them
    entries         says who has the entries of lists that begin to inherit
    ddl             alembic's operations on tables, which keep that
    table_comments  the comments of the working copy
    conflicts       what a downgrade does to an item
    gone            items that others have deleted, and a downgrade need not bring back
    indexing        search entries after the tables have changed
    generating      autogenerate
    locale_changes  autogenerate for locales
    comments        what readers will see of a generated revision
    ordering        puts operations into an order in which they can be run
    item_order      items, each after those that it refers to
    uniqueness      values of items that have to be unique
    needs           what items refer to or require, and will not have, or have twice
    source          operations as Python source

`alembic/env.py` calls `attach`, or `attach_printing` for `--sql`, and imports this package, which
registers the operations.
"""

from service.migrations.content import (  # noqa: F401  # they register themselves
    ddl,
    generating,
    locales,
    operations,
    renames,
    renaming,
    restoring,
    transforming,
)
from service.migrations.content.steps import attach as attach
from service.migrations.content.steps import attach_printing as attach_printing
