"""What a revision would do to a service that goes on: `python -m tests.revisions`.

squawk reads the statements of each revision. Those that lock a table for long, or take away what
the release before still uses, are problems, unless the revision says that it knows, and why it may:

    accepts = {"ban-drop-column": "The release before does not read it any more."}
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from alembic.config import Config
from alembic.operations import MigrateOperation, Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from service.database.pools import OLDEST_VERSION
from service.migrations.scripts import SETTINGS
from service.settings import Settings
from tests.databases import PROJECT

TASTE = (
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
)
DONE_FOR_THEM = ("require-lock-timeout", "require-statement-timeout")
"""`guidepost migrate` sets both."""

SQUAWK = [
    str(Path(sys.executable).parent / "squawk"),
    "--reporter=json",
    f"--pg-version={OLDEST_VERSION}",
    f"--exclude={','.join((*TASTE, *DONE_FOR_THEM))}",
    "--stdin-filepath=revision.sql",
]

OURS = {
    "locking-a-table": (
        r"\s*(?:cluster|lock|truncate|refresh\s+materialized\s+view(?!\s+concurrently))\b",
        "It locks a table until all revisions are done.",
    ),
    "hiding-statements": (r"\s*do\b", "What a block does is not looked at."),
}
"""What squawk has no rule for: patterns of statements, and what is wrong with them."""


class Problem(NamedTuple):
    """A statement that a revision should not have."""

    rule: str
    message: str
    statement: str = ""


class Statements(io.StringIO):
    """What alembic writes, a statement at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def write(self, text: str) -> int:
        """Take one."""
        self.found.append(text.strip())
        return len(text)


def problems(project: Path) -> Iterator[tuple[Script, Problem]]:
    """What is wrong with the revisions in a project's folder."""
    config = Config(project / "alembic.ini", output_buffer=io.StringIO())
    config.attributes[SETTINGS] = Settings(project=project)
    scripts = ScriptDirectory.from_config(config)
    # env.py may bring operations of its own.
    with EnvironmentContext(config, scripts, fn=lambda *_: [], as_sql=True):
        scripts.run_env()
    for script in scripts.walk_revisions():
        for each in _problems(script):
            yield script, each


def _problems(script: Script) -> Iterator[Problem]:
    statements = Statements()
    found = [*_run(script, statements), *_judged(statements.found)]
    accepted: dict[str, str] = getattr(script.module, "accepts", {})
    yield from (each for each in found if not accepted.get(each.rule))
    for rule in accepted.keys() - {each.rule for each in found}:
        yield Problem(rule, "The revision accepts this, and does nothing of the kind.")


def _run(script: Script, statements: Statements) -> Iterator[Problem]:
    """Write down what a revision runs, but for operations that are not alembic's own."""
    options = {"as_sql": True, "literal_binds": True, "output_buffer": statements}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context) as operations:
        invoke = operations.invoke

        def invoke_alembic_s(operation: MigrateOperation) -> Any:
            is_alembic_s = type(operation).__module__.startswith("alembic.")
            return invoke(operation) if is_alembic_s else None

        operations.invoke = invoke_alembic_s  # type: ignore[method-assign]  # of this one only
        try:
            script.module.upgrade()
        except Exception as error:  # noqa: BLE001  # whatever it needs the database for
            message = f"It runs with a database only, so that the rest is not looked at: {error!r}"
            yield Problem("needing-a-database", message)


def _judged(statements: list[str]) -> Iterator[Problem]:
    # `autocommit_block` ends the transaction, and begins another.
    text = "\n".join(("BEGIN;", *statements, "COMMIT;"))
    done = subprocess.run(SQUAWK, input=text, capture_output=True, text=True, check=False)
    if done.stderr:
        raise RuntimeError(done.stderr)
    lines = text.splitlines()
    for each in orjson.loads(done.stdout):
        message = " ".join(filter(None, (each["message"], each["help"])))
        yield Problem(each["rule_name"], message, lines[each["line"]].strip())
    for rule, (pattern, message) in OURS.items():
        for statement in statements:
            if re.match(pattern, statement, re.IGNORECASE):
                yield Problem(rule, message, statement.splitlines()[0])


def main(project: Path) -> int:
    """Print what is wrong; the exit code."""
    found = [*problems(project)]
    for script, each in found:
        sys.stdout.write(f"{script.path}: {each.rule}: {each.message}\n    {each.statement}\n")
    if found:
        sys.stdout.write(__doc__.partition("\n\n")[2])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT))
