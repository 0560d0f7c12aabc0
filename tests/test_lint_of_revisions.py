"""Revisions that would hold up or break a service that goes on are found, and others are not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.copies import add_revision, copy_revisions
from tests.databases import PROJECT
from tests.revisions import problems

NEW_TABLE = """
    op.create_table(
        "fair", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("place", sa.Uuid()),
        sa.ForeignKeyConstraint(["place"], ["draft.location.id"]), schema="draft",
    )
    op.create_index("ix_fair_place", "fair", ["place"], schema="draft")
    op.create_check_constraint("named", "fair", "place is not null", schema="draft")
"""

ADDING = {
    "a column": 'op.add_column("guide", sa.Column("x", sa.Text()), schema="live")',
    "a column with a default": """
        added = sa.Column("x", sa.Integer(), server_default="0", nullable=False)
        op.add_column("guide", added, schema="live")
    """,
    "a table": NEW_TABLE,
    "an index, concurrently": """
        with op.get_context().autocommit_block():
            op.create_index("i", "guide", ["title"], schema="live", postgresql_concurrently=True)
    """,
    "a key that is checked later": """
        op.create_foreign_key(
            "fk", "guide", "role", ["role_id"], ["id"], source_schema="live",
            referent_schema="live", postgresql_not_valid=True,
        )
    """,
    "rows": "op.execute(\"update live.guide set title = 'x'\")",
    "content": 'op.note("not an operation of alembic\'s")',
}

HARMFUL = {
    "ban-drop-column": 'op.drop_column("guide", "title", schema="live")',
    "ban-drop-table": 'op.drop_table("guide", schema="live")',
    "renaming-table": 'op.rename_table("guide", "guides", schema="live")',
    "renaming-column": """
        op.alter_column("guide", "title", new_column_name="heading", schema="live")
    """,
    "changing-column-type": """
        op.alter_column("guide", "title", type_=sa.LargeBinary(), schema="live")
    """,
    "adding-not-nullable-field": """
        op.alter_column("guide", "subtitle", nullable=False, schema="live")
    """,
    "adding-required-field": """
        op.add_column("guide", sa.Column("x", sa.Text(), nullable=False), schema="live")
    """,
    "require-concurrent-index-creation": """
        op.create_index("i", "guide", ["title"], schema="live")
    """,
    "ban-concurrent-index-creation-in-transaction": """
        op.create_index("i", "guide", ["title"], schema="live", postgresql_concurrently=True)
    """,
    "disallowed-unique-constraint": """
        op.create_unique_constraint("u", "guide", ["title"], schema="live")
    """,
    "adding-foreign-key-constraint": """
        op.create_foreign_key(
            "fk", "guide", "role", ["role_id"], ["id"], source_schema="live", referent_schema="live"
        )
    """,
    "constraint-missing-not-valid": """
        op.create_check_constraint("c", "guide", "title <> ''", schema="live")
    """,
    "ban-drop-constraint": 'op.execute("alter table live.guide drop constraint pk_guide")',
    "locking-a-table": 'op.execute("lock table live.guide")',
    "hiding-statements": """
        op.execute("do $$ begin alter table live.guide drop column title; end $$")
    """,
    "needing-a-database": """
        for row in op.get_bind().execute(sa.text("select 1")).all():
            pass
    """,
}

OPERATION = '''
from alembic.operations import MigrateOperation, Operations


@Operations.register_operation("note")
class NoteOp(MigrateOperation):
    """An operation that needs a database."""

    @classmethod
    def note(cls, operations, text):
        operations.invoke(cls())


@Operations.implementation_for(NoteOp)
def note(operations, operation):
    raise RuntimeError
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy_revisions(tmp_path)
    return tmp_path


def rules(project: Path) -> set[str]:
    """The rules that the last revision of a project breaks."""
    return {each.rule for script, each in problems(project) if script.revision == "a" * 12}


def test_the_revisions_of_the_project_are_fine() -> None:
    assert [*problems(PROJECT)] == []


@pytest.mark.parametrize("body", ADDING.values(), ids=ADDING)
def test_a_revision_that_only_adds_is_fine(project: Path, body: str) -> None:
    with (project / "alembic/env.py").open("a") as env:
        env.write(OPERATION)
    add_revision(project, body)
    assert rules(project) == set()


@pytest.mark.parametrize(("rule", "body"), HARMFUL.items(), ids=HARMFUL)
def test_what_does_harm_is_found(project: Path, rule: str, body: str) -> None:
    add_revision(project, body)
    assert rule in rules(project)


def accept(project: Path, accepts: str) -> None:
    """Let the last revision accept something."""
    with (project / f"alembic/versions/{'a' * 12}.py").open("a") as revision:
        revision.write(f"\n\naccepts = {accepts}\n")


def test_a_revision_can_say_why_it_may(project: Path) -> None:
    add_revision(
        project, "\n".join(HARMFUL[rule] for rule in ("ban-drop-column", "locking-a-table"))
    )
    accept(project, '{"ban-drop-column": "Nobody reads it."}')
    assert rules(project) == {"locking-a-table"}


@pytest.mark.parametrize("accepts", ['{"ban-drop-column": ""}', '{"ban-drop-table": "Why not."}'])
def test_it_has_to_say_why_and_of_what_it_does(project: Path, accepts: str) -> None:
    add_revision(project, HARMFUL["ban-drop-column"])
    accept(project, accepts)
    assert "ban-drop-column" in rules(project)


def test_what_is_accepted_and_not_done_is_found(project: Path) -> None:
    add_revision(project, ADDING["a column"])
    accept(project, '{"ban-drop-table": "Why not."}')
    assert rules(project) == {"ban-drop-table"}


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    """The command that `make lint` runs."""
    return subprocess.run(
        [sys.executable, "-m", "tests.revisions", str(project)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_names_file_rule_and_statement(project: Path) -> None:
    done = lint(project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    add_revision(project, HARMFUL["ban-drop-column"])
    done = lint(project)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{project}/alembic/versions/{'a' * 12}.py: ban-drop-column: " in done.stdout
    assert "    ALTER TABLE live.guide DROP COLUMN title" in done.stdout
    assert "accepts = {" in done.stdout


def test_the_gate_runs_it() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    assert "-m tests.revisions\n" in makefile[makefile.index("\nlint:") :]
    assert "make lint" in (PROJECT / ".ci/run").read_text("utf-8")
