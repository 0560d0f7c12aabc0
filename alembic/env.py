"""How alembic reaches the database: see `service.database` and `service.migrations`.

All revisions of one command run in one transaction. A second command waits, and finds nothing left
to do.
"""

import asyncio
import sys
from logging.config import fileConfig
from typing import Any

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from schema import entities, tables  # noqa: F401  # declares every table
from schema.entities.content import Base
from service.database.address import database_url
from service.errors import GuidepostError
from service.migrations import content as content_migrations
from service.migrations.generating import prepare, render_item
from service.migrations.lock_retry import until_signalled, with_lock_retry
from service.migrations.scripts import SETTINGS
from service.migrations.watching import watch
from service.settings import Settings

SCHEMAS = {"draft", "live", "service"}

OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "include_schemas": True,
    "process_revision_directives": prepare,
}


def say(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"{line}\n")


def include_name(name: str | None, type_: str, _: Any) -> bool:
    """Compare our schemas and nothing else that may be in the database."""
    return type_ != "schema" or name in SCHEMAS


def migrate(connection: Connection, outer: AsyncConnection) -> None:
    """Run the revisions that the command asks for."""
    ran: list[Any] = []
    context.configure(
        connection,
        include_name=include_name,
        render_item=render_item,
        on_version_apply=lambda step, **_: ran.append(step),
        **OPTIONS,
    )
    content_migrations.attach(context, connection, outer, say)
    with context.begin_transaction():
        context.run_migrations()
        if ran:
            watch(connection)


async def migrate_online(connection: AsyncConnection) -> None:
    """Migrate over a connection."""
    await connection.run_sync(migrate, connection)


def connect_and_migrate(settings: Settings) -> None:
    """Migrate the database of the settings."""
    with database_url(settings, say) as url:
        asyncio.run(until_signalled(with_lock_retry(url, settings, say, migrate_online)))


given = context.config.attributes.get(SETTINGS)
if context.config.config_file_name and not given:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    content_migrations.attach_printing(context)
    with context.begin_transaction():
        context.run_migrations()
elif given:
    connect_and_migrate(given)
else:
    try:
        connect_and_migrate(Settings.read())
    except GuidepostError as error:
        raise CommandError(str(error)) from error
