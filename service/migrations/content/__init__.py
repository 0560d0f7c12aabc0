"""Content that moves with the schema: alembic operations, their way back, and autogenerate.

    op.save · op.delete · op.rename · op.publish · op.unpublish · op.add_locale · op.transform
        → service.editing, in the transaction of the revision
        → the table service.before_image → downgrade

    steps         a revision that is run, up or down
    operation     what all operations have in common
    operations    the operations
    transforming  `op.transform`
    images        items before and after a revision
    undoing       the downgrade of a revision
    conflicts     conflicts of a downgrade with what others changed
    generating    autogenerate
    ordering      operations in an order in which each can be run
    source        operations as Python source

`alembic/env.py` calls `attach` and imports this package, which registers the operations.
"""

from service.migrations.content import (  # noqa: F401  # they register themselves
    generating,
    operations,
    transforming,
)
from service.migrations.content.steps import attach as attach
