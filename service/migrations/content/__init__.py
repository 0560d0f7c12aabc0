"""Content that moves with the schema: alembic operations, their downgrade, and autogenerate.

    op.save · op.delete · op.rename · op.publish · op.unpublish · op.add_locale · op.transform
        → service.editing, in the transaction of the migration
        → the table service.before_image → downgrade

    steps         a migration that is being run, up or down
    operation     what all operations have in common
    operations    the operations
    transforming  `op.transform`
    images        before-images: items before and after a migration
    undoing       the downgrade of a migration
    conflicts     conflicts between a downgrade and what others changed
    indexing      search entries after the tables have changed
    generating    autogenerate
    ordering      puts operations into an order in which they can be run
    needs         references to items that are not there, or will not be
    source        operations as Python source

`alembic/env.py` calls `attach`, or `attach_printing` for `--sql`, and imports this package, which
registers the operations.
"""

from service.migrations.content import (  # noqa: F401  # they register themselves
    generating,
    operations,
    transforming,
)
from service.migrations.content.steps import attach as attach
from service.migrations.content.steps import attach_printing as attach_printing
