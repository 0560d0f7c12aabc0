"""Content that moves with the schema: alembic operations, their way back, and autogenerate.

    op.save · op.delete · op.rename · op.publish · op.unpublish · op.add_locale · op.transform
        → service.editing, in the transaction of the revision
        → service.before_image → downgrade

`alembic/env.py` calls `attach` and imports this package, which registers the operations.
"""

from service.migrations.content import (  # noqa: F401  # they register themselves
    generating,
    operations,
    transforming,
)
from service.migrations.content.steps import attach as attach
