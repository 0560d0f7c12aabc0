"""Revisions of a test's own, on top of the project's."""

import asyncio
import io
import shutil
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from schema.model import Model, content_model
from service.database.pools import writing
from service.documents.records import Key
from service.folders.exporting import documents
from service.migrations.scripts import SETTINGS
from service.settings import Settings
from tests.asking import asking
from tests.databases import PROJECT, Dump, dump, rows

HEAD = str(ScriptDirectory.from_config(Config(str(PROJECT / "alembic.ini"))).get_current_head())

REVISION = '''
"""{doc}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{revision}"
down_revision = "{before}"


{functions}
def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''

BELGIUM = '{"slug": "belgium", "name": {"en": "Belgium"}, "kind": "COUNTRY", "countryCode": "BE"}'
GHENT = '{"slug": "ghent", "name": {"en": "Ghent"}, "kind": "CITY", "parent": "belgium"}'
HUB = '{"slug": "the-pond", "name": {"en": "The Pond"}, "location": "ghent"}'
PLACES = f"""
    op.save("Location", {BELGIUM})
    op.save("Location", {GHENT})
    op.save("Hub", {HUB})
"""
PUBLISH = """
    op.publish("Location", ["belgium", "ghent"])
    op.publish("Hub", "the-pond")
"""

Content = dict[Key, dict[str, Any]]


class _Terminal(io.StringIO):
    """What alembic prints. It replaces characters that a stream cannot encode."""

    encoding = "utf-8"


class History:
    """Revisions in a folder, and a database that is taken through them."""

    def __init__(self, folder: Path, url: str, prefix: str = "r") -> None:
        self.folder = folder
        self.prefix = prefix
        self.url = url
        self.said = _Terminal()
        self.documents: Path | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.before = self._last = HEAD
        self._count = 0

    def add(self, *upgrade: str, downgrade: str = "pass", functions: str = "") -> str:
        """Write one more revision, of pieces of source; its name."""
        revision = self._next()
        bodies = {
            name: indent("\n".join(dedent(each).strip() for each in pieces), "    ")
            for name, pieces in (("upgrade", upgrade), ("downgrade", [downgrade]))
        }
        source = REVISION.format(
            doc=f"Revision number {self._count}",
            revision=revision,
            before=self._last,
            functions=dedent(functions),
            **bodies,
        )
        (self.folder / f"{revision}.py").write_text(source.lstrip(), "utf-8")
        self._last = revision
        return revision

    async def generate(self, content: Path, **options: str) -> list[str]:
        """Let alembic write a revision that makes the content what documents say; its lines."""
        self.documents = content
        revision = self._next()
        await self.run(
            partial(
                command.revision,
                message=f"Revision {revision}",
                autogenerate=True,
                rev_id=revision,
                version_path=str(self.folder),
            ),
            **options,
        )
        self._last = revision
        [file] = self.folder.glob(f"*{revision}*.py")
        return file.read_text("utf-8").splitlines()

    @property
    def last(self) -> str:
        """The newest revision."""
        return self._last

    def goes_on(self, other: "History") -> None:
        """Go on after the revisions of another one."""
        shutil.copytree(other.folder, self.folder, dirs_exist_ok=True)
        self._last, self._count = other._last, other._count
        self.documents = other.documents

    async def merge(self, others: Sequence["History"]) -> None:
        """Take the revisions of others that went on from here, and add one that merges them."""
        for each in others:
            shutil.copytree(each.folder, self.folder, dirs_exist_ok=True)
        heads = [each.last for each in others]
        revision = self._next()
        await self.run(command.merge, heads, message="Both", rev_id=revision)
        self._last = revision

    async def upgrade(self, to: str = "head", **options: str) -> None:
        """Bring the database up."""
        await self.run(command.upgrade, to, **options)

    async def downgrade(self, to: str = "-1", **options: str) -> None:
        """Bring the database down."""
        await self.run(command.downgrade, to, **options)

    def _next(self) -> str:
        self._count += 1
        return f"{self.prefix}{self._count:03}"

    def config(self, **options: str) -> Config:
        """alembic's settings; `options` are those of `-x`."""
        config = Config(str(PROJECT / "alembic.ini"), stdout=self.said)
        versions = (PROJECT / "alembic/versions", self.folder)
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", "\n".join(map(str, versions)))
        if self.documents:
            config.set_main_option("content", str(self.documents))
        config.attributes[SETTINGS] = Settings(project=PROJECT, database_url=self.url)
        given = ((name, value) for name, each in options.items() for value in each.split(","))
        config.cmd_opts = Namespace(x=[f"{name}={value}" for name, value in given])
        return config

    async def run(self, function: Any, *arguments: Any, **options: Any) -> Any:
        """Run a command of alembic's; `options` are those of `-x`."""
        return await asyncio.to_thread(function, self.config(**options), *arguments)

    async def content(self, model: Model | None = None) -> Content:
        """Every document of the working copy; those say `draft` that are not live as they are."""
        async with writing(self.url) as engine, engine.connect() as connection:
            return {key: it async for key, it in documents(connection, model or content_model())}

    async def history(self) -> list[tuple[Any, ...]]:
        """Who did what for what reason, and with what, in order."""
        return await rows(
            self.url, "select author, reason, action, type, slug from service.revision order by id"
        )

    async def dump(self) -> Dump:
        """Every row of both copies."""
        return await dump(self.url)


async def ask(url: str, query: str) -> Any:
    """What everybody reads."""
    async with asking(url) as asker:
        return await asker(query)
