"""`guidepost squash`: one revision for all up to it, older databases and downgrades."""

import asyncio
import io
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from service.database.pools import reading
from service.migrations.revisions import Revisions, incompatibility
from service.migrations.scripts import SETTINGS
from service.migrations.squashing.choosing import SquashError
from service.migrations.squashing.replacing import replace
from service.migrations.squashing.rows import portions
from service.settings import Settings
from tests import processes
from tests.copies import HEAD, add_revision, copy_revisions
from tests.databases import PROJECT, Server, dump, rows, shape
from tests.migrations.history import ask
from tests.revisions import problems

BEFORE_CONTENT = "f43479f1bafa"
"""The last revision of the project's before there was content."""
OLDER = "e1b8c03f5a92"
"""A revision of the project's that is squashed."""
RUFF = str(Path(processes.GUIDEPOST).parent / "ruff")
QUERY = """{
    guide(slug: "recruiting-backend-developers-in-belgium") {
        id title techScene { html } companies { id name } salaryRanges { id display }
    }
    search(text: "micro-services") { edges { rank snippet node { ... on Node { id } } } }
}"""
EVERYTHING = """
    select 'function', oid::regprocedure::text,
        pg_get_functiondef(oid) || coalesce(proacl::text, '')
    from pg_proc where pronamespace = 'service'::regnamespace
    union all
    select 'table', oid::regclass::text, (
        select string_agg(each::text, ' ' order by each::text) from unnest(relacl) each
    ) from pg_class where relnamespace::regnamespace::text in ('draft', 'live', 'service', 'public')
    union all
    select 'schema', nspname, (
        select string_agg(each::text, ' ' order by each::text) from unnest(nspacl) each
    ) from pg_namespace where nspname in ('draft', 'live', 'service')
    union all
    select 'default', defaclnamespace::regnamespace || ' ' || defaclobjtype::text, (
        select string_agg(each::text, ' ' order by each::text) from unnest(defaclacl) each
    ) from pg_default_acl
    union all
    select 'comment', objoid::regclass::text, description
    from pg_description where objoid::regclass::text like 'draft.%'
    union all select 'image', migration || type || item_id, (to_jsonb(i) - 'live')::text
    from service.before_image i
    union all select 'revision', id::text, (to_jsonb(r) - 'at')::text from service.revision r
    union all select 'redirect', type || slug, item_id::text from live.redirect
    order by 1, 2, 3
"""
CHANGE = """
    op.save("Hub", {"slug": "the-pond", "website": "https://example.org/"})
    op.save("Hub", {"slug": "new", "name": {"en": "New"}, "location": "ghent"})
    op.publish("Hub", ["the-pond", "new"])
"""
BEFORE = {"r002": "r001", "r003": "r001", "r004": ("r002", "r003"), "r005": "r004"}
"""What the revisions of a small project come after."""
FIRST = 'op.execute("create schema service")'
FUNCTION = '''
    op.execute("""
    create function service.code() returns text language sql volatile
    as $$ select 'a:b' || 1 $$
    """)
    op.execute("create function service.gone(a integer) returns text language sql as 'select 1'")
    op.execute("drop function service.gone")
    op.execute("create sequence service.counter start 5")
    op.execute("create role guidepost_squashing")
'''
TABLES = """
    op.create_table(
        "one",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("code", sa.Text(), server_default=sa.text("service.code()"), nullable=False),
        sa.Column("two_id", sa.BigInteger(), comment="It's another"),
        sa.Column("price", sa.Numeric()),
        sa.Column("doubled", sa.Numeric(), sa.Computed("price * 2", persisted=True)),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()")),
        sa.UniqueConstraint("code", "two_id", name="uq_one", deferrable=True),
        schema="service",
    )
    op.create_table(
        "two",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("one_id", sa.BigInteger()),
        sa.Column("x", sa.Integer()),
        sa.Column("Odd", sa.JSON(), server_default="7"),
        sa.Column("none", sa.Integer(), server_default="7"),
        schema="service",
    )
    for one, other in (("one", "two"), ("two", "one")):
        op.create_foreign_key(
            f"fk_{one}", one, other, [f"{other}_id"], ["id"],
            source_schema="service", referent_schema="service",
        )
    op.create_table("gone", sa.Column("id", sa.Integer()), schema="service")
    op.execute("grant select on service.gone, service.two to guidepost_squashing")
    op.execute("alter default privileges in schema service grant select on tables to public")
    op.drop_table("gone", schema="service")
    op.rename_table("two", "three", schema="service")
"""
ROWS = r'''
    op.execute("insert into service.three (x, \"none\", \"Odd\")"
        " values (-1, null, '{\"a\": 1.50, \"b\": null}')")
    op.execute("insert into service.one (two_id, price) values (1, 1)")
    op.execute("delete from service.one")
    op.execute("insert into service.one (two_id, price) values (1, 98765432109876543210.10)")
    op.execute("update service.three set one_id = 2")
    op.execute("set constraints all immediate")
    op.execute("alter table service.three add constraint ck_x check (x > 0) not valid")
    op.execute("create view service.seen as select id from service.one")
    op.execute("""
    create function service.set_x() returns trigger language plpgsql
    as $$ begin new.x := 42; return new; end $$
    """)
    op.execute("create trigger setting before insert on service.three"
        " for each row execute function service.set_x()")
    op.execute("alter table service.three enable row level security")
'''


ONE = """
    select id, code, two_id, price::text, doubled::text, made_at > now() - interval '1 h'
    from service.one
"""


def config(folder: Path, url: str) -> Config:
    """alembic's settings for a project and a database."""
    found = Config(str(folder / "alembic.ini"), output_buffer=io.StringIO())
    found.attributes[SETTINGS] = Settings(project=folder, database_url=url)
    return found


async def guidepost(*arguments: str, project: Path, url: str = "") -> tuple[int, str]:
    """A command in a project: its exit code, and what it said."""
    settings = {"DATABASE_URL": url} if url else {}
    settings["GUIDEPOST_PROJECT"] = str(project)
    done = await asyncio.to_thread(processes.run, *arguments, **settings)
    return done.returncode, done.stderr + done.stdout


def run(*arguments: str) -> str:
    """Run another program; what it said if it failed."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def files(project: Path) -> dict[Path, bytes]:
    """All that is in the folder of alembic."""
    found = [each for each in (project / "alembic").rglob("*") if "__pycache__" not in each.parts]
    return {each: each.read_bytes() if each.is_file() else b"" for each in found}


def branched(folder: Path, *names: str, **bodies: str) -> Path:
    """A project with some revisions: r002 and r003 come after r001, and r004 joins them."""
    copy_revisions(folder)
    shutil.rmtree(folder / "alembic/versions")
    (folder / "alembic/versions").mkdir()
    for name in ("r001", *names):
        add_revision(folder, {"r001": FIRST, **bodies}.get(name, "pass"), name, "?")
        path = folder / f"alembic/versions/{name}.py"
        path.write_text(path.read_text().replace('"?"', repr(BEFORE.get(name))))
    return folder


@pytest.fixture(scope="module")
async def squashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with one revision; only to be copied."""
    folder = tmp_path_factory.mktemp("squashed")
    copy_revisions(folder)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    code, said = await guidepost("squash", "head", project=folder)
    assert code == 0, said
    return folder


@pytest.fixture(scope="module")
async def new(server: Server, squashed: Path) -> AsyncIterator[str]:
    """A database that the squashed revision has made; only to be copied."""
    async with server.new() as url:
        await asyncio.to_thread(command.upgrade, config(squashed, url), "head")
        yield url


async def test_a_new_database_is_the_same(new: str, seeded: str, squashed: Path) -> None:
    assert await shape(new) == await shape(seeded)
    assert await dump(new) == await dump(seeded)
    assert await rows(new, EVERYTHING) == await rows(seeded, EVERYTHING)
    assert await ask(new, QUERY) == await ask(seeded, QUERY)
    await asyncio.to_thread(command.check, config(squashed, new))


async def test_the_release_before_can_downgrade_it(server: Server, new: str) -> None:
    async with server.new(new) as url:
        await asyncio.to_thread(command.downgrade, config(PROJECT, url), BEFORE_CONTENT)
        assert await rows(url, "select count(*) from draft.guide") == [(0,)]


async def test_what_is_left_is_one_revision_that_lints(squashed: Path) -> None:
    versions = squashed / "alembic/versions"
    [source] = versions.glob("*.py")
    assert {each.name for each in versions.glob("*.*")} == {source.name, f"{HEAD}_1_rows.json"}
    assert (PROJECT / "alembic/versions" / source.name).exists()
    assert Revisions.of(squashed).known == {HEAD}
    assert [*problems(squashed)] == []
    for arguments in ("check", "format --check"):
        assert run(RUFF, *arguments.split(), "--no-cache", str(versions)) == ""


@pytest.mark.parametrize("made_by", ["new", "template"])
async def test_later_revisions_go_up_and_down(
    made_by: str, new: str, template: str, server: Server, squashed: Path, tmp_path: Path
) -> None:
    """In a database that the squashed revision has made, and in one that was there before."""
    project = tmp_path / "project"
    shutil.copytree(squashed, project)
    add_revision(project, CHANGE)
    async with server.new({"new": new, "template": template}[made_by]) as url:
        options = config(project, url)
        before = await dump(url)
        await asyncio.to_thread(command.upgrade, options, "head")
        made = (
            "select slug, website from live.hub where slug in ('new', 'the-pond') and locale = 'en'"
        )
        assert {*await rows(url, made)} == {("new", None), ("the-pond", "https://example.org/")}
        for target, reason in (
            ("base", f"revision {HEAD} cannot be downgraded"),
            ("-2", f"revision {HEAD} cannot be downgraded"),
            ("-3", f"revision {HEAD} cannot be downgraded"),
            (OLDER, f"there is no revision {OLDER} any more: it was squashed into {HEAD}"),
        ):
            with pytest.raises(CommandError, match=reason):
                await asyncio.to_thread(command.downgrade, options, target)
        assert {*await rows(url, made)} == {("new", None), ("the-pond", "https://example.org/")}
        await asyncio.to_thread(command.downgrade, options, "-1")
        assert await dump(url) == before
        with pytest.raises(CommandError, match="downgrade"):
            await asyncio.to_thread(command.downgrade, options, "-1")
        assert await dump(url) == before


async def test_what_cannot_be_printed_says_so(squashed: Path) -> None:
    options = config(squashed, "postgresql://nobody@nowhere/")
    with pytest.raises(CommandError, match=f"revision {HEAD} cannot be downgraded"):
        await asyncio.to_thread(command.downgrade, options, f"{HEAD}:base", sql=True)
    with pytest.raises(CommandError, match=f"{HEAD}_1_rows.json restores published content"):
        await asyncio.to_thread(command.upgrade, options, "head", sql=True)


async def test_an_older_database_is_told_what_to_do(
    server: Server, template: str, squashed: Path
) -> None:
    told = (
        f"the database is at revision {OLDER}, which was squashed into {HEAD}; migrate it to "
        f"{HEAD} with the last release that still has revision {OLDER}, and then with this one"
    )
    async with server.new(template) as url:
        await rows(url, "update alembic_version set version_num = $1", OLDER)
        for asked in ("migrate", "migrate --plan", "serve", "serve --migrate", "token list"):
            code, said = await guidepost(*asked.split(), project=squashed, url=url)
            assert (code, told in said) == (1, True), (asked, said)
        async with reading(url, 1) as reader:
            assert await incompatibility(reader, Revisions.of(squashed)) == told
        for run, target in ((command.upgrade, "head"), (command.downgrade, "base")):
            with pytest.raises(CommandError, match=told):
                await asyncio.to_thread(run, config(squashed, url), target)
        with pytest.raises(CommandError, match=told):
            await asyncio.to_thread(command.check, config(squashed, url))


async def test_what_revisions_made_in_other_ways_is_there(server: Server, tmp_path: Path) -> None:
    """Branches are squashed with the revision that joins them, and then with the one after it."""
    bodies = {"r002": FUNCTION, "r004": TABLES, "r005": ROWS}
    project = branched(tmp_path, "r002", "r003", "r004", "r005", **bodies)
    for name, known in (("r004", {"r004", "r005"}), ("head", {"r005"})):
        code, said = await guidepost("squash", name, project=project)
        assert code == 0, said
        assert Revisions.of(project).known == known
    assert {*Revisions.of(project).squashed} == {"r001", "r002", "r003", "r004"}
    [source] = (project / "alembic/versions").glob("*.py")
    assert "service.gone" not in source.read_text()
    try:
        async with server.new() as url:
            await asyncio.to_thread(command.upgrade, config(project, url), "head")
            [row] = await rows(url, ONE)
            numbers = "98765432109876543210.10", "197530864219753086420.20"
            assert row == (2, "a:b1", 1, *numbers, True)
            three = 'select id, one_id, x, "Odd"::text, "none" from service.three'
            assert await rows(url, three) == [(1, 2, -1, '{"a": 1.50, "b": null}', None)]
            await rows(url, "insert into service.three (x) values (1)")
            assert await rows(url, "select id, x from service.three where id > 1") == [(2, 42)]
    finally:
        await rows(server.url, "drop role if exists guidepost_squashing")


async def test_nothing_changes_if_a_new_database_would_differ(tmp_path: Path) -> None:
    """Alembic does not reflect the statistics of a column, and no text of JSON stays as it is."""
    table = 'op.create_table("one", sa.Column("id", sa.JSON()), schema="service")'
    hidden = """
    op.execute("alter table service.one alter column id set statistics 500")
    op.execute("insert into service.one values ('[ 1 ]')")
    """
    project = branched(tmp_path, "r002", "r003", "r004", r002=table, r004=hidden)
    before = files(project)
    code, said = await guidepost("squash", "head", project=project)
    assert code == 1
    assert "nothing was changed, because a new database would not be the same" in said
    assert "- ALTER TABLE ONLY service.one ALTER COLUMN id SET STATISTICS 500;" in said
    assert 'rows of service.one:\n  - {"id":"[ 1 ]"}\n  + {"id":"[1]"}' in said
    assert files(project) == before


@pytest.mark.parametrize(
    ("names", "asked", "message"),
    [
        ("r002", "r009", "Can't locate revision identified by 'r009'; `alembic history` lists"),
        ("r002", "base", "'base' names no revision; give the id of one, or head"),
        ("r002", "r001", "r001 is the first revision, and there are none before it to squash"),
        (
            "r002 r003",
            "r002",
            "several heads, r002 and r003; let one come after the other, or join",
        ),
        (
            "r002 r003 r004 r005",
            "r002",
            "r001, and not after r002, so it would have no place; squash r004, in which they come",
        ),
    ],
)
async def test_what_cannot_be_squashed_is_named(
    names: str, asked: str, message: str, tmp_path: Path
) -> None:
    project = branched(tmp_path, *names.split())
    before = files(project)
    code, said = await guidepost("squash", asked, project=project)
    assert (code, message in " ".join(said.split())) == (1, True), said
    assert files(project) == before


async def test_files_that_git_does_not_have_are_not_removed(tmp_path: Path) -> None:
    project = branched(tmp_path, "r002")
    assert run(str(shutil.which("git")), "init", str(project)) == ""
    before = files(project)
    code, said = await guidepost("squash", "head", project=project)
    assert (code, files(project)) == (1, before)
    assert "has changes that are not committed: alembic/" in said


def test_many_rows_are_in_several_files() -> None:
    tables = [
        ("one", [b"12", b"34", b"5"]),
        ("none", []),
        ("two", [b"6", b"789012"]),
        ("three", [b"3"]),
    ]
    assert [*portions(tables, 4)] == [
        [("one", [b"12", b"34"])],
        [("one", [b"5"]), ("two", [b"6"])],
        [("two", [b"789012"])],
        [("three", [b"3"])],
    ]


def test_files_are_replaced_all_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("1")
    two.write_text("2")
    with pytest.raises(SquashError, match="nothing was changed"):
        replace([one, two], {two: b"3", tmp_path / "missing/three.json": b"4"})
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "one.py": "1",
        "two.py": "2",
    }
    replace([one, two], {two: b"3", tmp_path / "three.json": b"4"})
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "two.py": "3",
        "three.json": "4",
    }
