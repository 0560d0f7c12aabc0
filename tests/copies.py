"""The project in another folder, to be changed there."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

from service.migrations.revisions import Revisions
from tests.databases import PROJECT
from tests.processes import environment

REVISION = '''"""One more revision."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{after}"


def upgrade():
{body}


def downgrade():
    pass
'''
HEAD = str(Revisions.of(PROJECT).head)


def add_revision(folder: Path, body: str, revision: str = "a" * 12, after: str = HEAD) -> None:
    """Write one more revision into a project's folder; its body is Python."""
    text = REVISION.format(
        revision=revision, after=after, body=indent(dedent(body).strip(), " " * 4)
    )
    (folder / f"alembic/versions/{revision}.py").write_text(text)


def copy_revisions(folder: Path) -> None:
    """Make a folder a project that has its own revisions, and runs the code of this one.

    It has no documents that its content should be.
    """
    # With what Python has compiled of it, which is found to be of the same code.
    shutil.copytree(PROJECT / "alembic", folder / "alembic")
    options = (PROJECT / "alembic.ini").read_text().splitlines(keepends=True)
    kept = (line for line in options if not line.startswith("content ="))
    (folder / "alembic.ini").write_text("".join(kept))


class Copy:
    """The project in another folder, with a database of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._environment = environment(
            DATABASE_URL=url, GUIDEPOST_PROJECT=str(folder), PYTHONPATH=str(folder), PORT="0"
        )
        for name in ("schema", "service"):
            ignored = shutil.ignore_patterns("node_modules")
            shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
        copy_revisions(folder)

    async def run(self, *command: str) -> str:
        """Run a Python module in the copy; what it said."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, *command],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    async def guidepost(self, *arguments: str) -> str:
        """Run the command line in the copy."""
        return await self.run("-c", "from service.cli import main; main()", *arguments)

    async def ask(self, *queries: str) -> str:
        """Ask the copy's application in a process of its own; an answer in each line."""
        return await self.run("-c", ASK, *queries)


ASK = dedent(
    """
    import asyncio, json, sys
    from service.access import Access, Scope
    from service.application import create_app
    from service.api.compiler import Caller
    from service.api.requests import Sent
    from service.settings import Settings

    async def ask():
        app = create_app(Settings.read())
        async with app.router.lifespan_context(app) as state:
            caller = Caller(Access("somebody", frozenset({Scope.ADMIN})))
            for query in sys.argv[1:]:
                sent = Sent(json.dumps({"query": query}).encode(), "application/json")
                response = await state["executor"].answer(sent, caller)
                print(json.dumps(json.loads(response.body)["data"]))

    asyncio.run(ask())
    """
)
