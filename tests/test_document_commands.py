"""The commands that register, check, list and retire the documents of clients."""

import asyncio
import json
import re
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

from service.commands import documents
from service.database.pools import writing
from service.errors import GuidepostError
from service.manifests.reading import APOLLO
from service.persisted_documents import NewDocument, register
from tests.databases import PROJECT, blocked, rows
from tests.naming import hash_of, md5_of, registered
from tests.processes import run

SDL = (PROJECT / "schema/schema.graphql").read_text("utf-8")
GUIDE = """query Guide($slug: String!) {
  guide(slug: $slug) {
    ...Top
    companies(where: { name: { eq: "x" } }) {
      name
    }
  }
}

fragment Top on Guide {
  title
  subtitle
}
"""
OTHER = "query Other($stage: Stage = DRAFT) { tools(stage: $stage) { totalCount } }"
SAVE = "mutation Save($document: SkillInput!) { saveSkill(document: $document) { skill { id } } }"
STORED = "select id, text, operations, clients from service.persisted_document order by id"


def manifest(*operations: dict[str, Any]) -> str:
    """An Apollo manifest."""
    return json.dumps({"format": APOLLO, "version": 1, "operations": operations})


def operation(body: str, id_: str | None = None) -> dict[str, Any]:
    """An operation of an Apollo manifest."""
    [(type_, name)] = re.findall(r"^(\w+) (\w+)", body)
    return {"id": id_ or hash_of(body), "body": body, "name": name, "type": type_}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file in each format."""
    (tmp_path / "apollo.json").write_text(manifest(operation(GUIDE), operation(SAVE)), "utf-8")
    (tmp_path / "relay.json").write_text(json.dumps({md5_of(OTHER): OTHER}), "utf-8")
    (tmp_path / "codegen.json").write_text(json.dumps({f"sha256:{hash_of(OTHER)}": OTHER}), "utf-8")
    (tmp_path / "tools.graphql").write_text("{ tools { totalCount } }\n", "utf-8")
    return tmp_path


async def command(database: str, *arguments: object, **settings: str) -> CompletedProcess[str]:
    """A command with a database, to its end."""
    given = map(str, arguments)
    return await asyncio.to_thread(run, "documents", *given, DATABASE_URL=database, **settings)


def check(*arguments: object, **settings: str) -> CompletedProcess[str]:
    """`check` without any database, to its end."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    return run("documents", "check", *map(str, arguments), DATABASE_URL=nowhere, **settings)


def files(folder: Path) -> list[Path]:
    """The files in a folder."""
    return sorted(folder.iterdir())


async def test_documents_in_every_format_are_registered_once(database: str, folder: Path) -> None:
    done = await command(database, "register", *files(folder), "--client", "site")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "documents of 'site': 5 registered, 0 unchanged\n"
    found = {id_: (text, operations, clients) for id_, text, operations, clients in
             await rows(database, STORED)}  # fmt: skip
    tools = "{ tools { totalCount } }\n"
    assert found == {
        hash_of(GUIDE): (GUIDE, ["query Guide"], ["site"]),
        hash_of(SAVE): (SAVE, ["mutation Save"], ["site"]),
        hash_of(OTHER): (OTHER, ["query Other"], ["site"]),
        md5_of(OTHER): (OTHER, ["query Other"], ["site"]),
        hash_of(tools): (tools, ["query"], ["site"]),
    }
    again = await command(database, "register", *files(folder), "--client", "site")
    assert again.stderr == "documents of 'site': 0 registered, 5 unchanged\n"
    other = await command(
        database, "register", folder / "relay.json", folder / "tools.graphql", "--client", "app",
        "--json",
    )  # fmt: skip
    assert json.loads(other.stdout) == {
        "registered": sorted([hash_of(tools), md5_of(OTHER)]),
        "unchanged": 0,
        "warnings": [],
    }
    clients = {id_: clients for id_, _, _, clients in await rows(database, STORED)}
    assert clients[hash_of(tools)] == ["app", "site"]
    assert clients[hash_of(OTHER)] == ["site"]


async def test_nothing_is_registered_if_anything_is_wrong(database: str, folder: Path) -> None:
    bad = GUIDE.replace("subtitle", "subtitel").replace("name: {", "nome: {")
    (folder / "bad.json").write_text(manifest(operation(OTHER), operation(bad)), "utf-8")
    done = await command(database, "register", *files(folder), "--json")
    assert done.returncode == 1
    assert await rows(database, STORED) == []
    assert f"{folder}/bad.json: query Guide: 4:24: CompanyWhere.nome: " in done.stderr
    assert f"{folder}/bad.json: query Guide: 12:3: Guide.subtitel: Cannot query" in done.stderr
    where, field = json.loads(done.stdout)["error"]["problems"]
    assert (where["coordinate"], where["line"], where["column"]) == ("CompanyWhere.nome", 4, 24)
    assert field == {
        "source": str(folder / "bad.json"),
        "id": hash_of(bad),
        "operations": ["query Guide"],
        "coordinate": "Guide.subtitel",
        "line": 12,
        "column": 3,
        "message": field["message"],
    }
    assert "Did you mean 'subtitle'" in field["message"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "[]", "is not a JSON object; expected a manifest"),
        ("a.json", '{"a": 1}', "a: has no text of a document; expected a manifest"),
        ("a.json", '{"format": "x", "version": 1}', "has the format 'x', version 1"),
        ("a.json", f'{{"format": "{APOLLO}", "version": 2}}', "version 2"),
        ("a.json", f'{{"format": "{APOLLO}", "version": 1}}', "each of `operations` has to be"),
        ("a.json", manifest({"body": OTHER}), "each of `operations` has to be"),
        ("a.json", manifest({"id": "a"}), "a: has no text of a document"),
        ("a.json", json.dumps({"x-a:1": OTHER}), "x-a:1: the scheme 'x-a' is not supported"),
        ("a.json", json.dumps({"a b": OTHER}), "a b: an id has 1 to 200 characters"),
        ("a.json", json.dumps({"sha256:1": OTHER}), "there have to be 64 hexadecimal digits"),
        (
            "a.json",
            json.dumps({f"sha256:{hash_of('x')}": OTHER}),
            f"has another hash: sha256:{hash_of(OTHER)}",
        ),
        ("a.json", json.dumps({"a": "# \0"}), "a: contains the character U+0000"),
        ("a.json", json.dumps({"a": "query A { tools"}), "a: 1:16: Syntax Error: Expected Name"),
        ("a.json", json.dumps({"a": "{" * 300}), "a: "),
        ("a.json", json.dumps({"a": ""}), "Syntax Error: Unexpected <EOF>"),
        ("a.graphql", "fragment A on Tool { name }", "There is no operation"),
        ("a.graphql", "query A { ...B }", "query A: 1:14: Unknown fragment"),
        ("a.gql", "query A { a }", "query A: 1:11: Query.a: Cannot query field 'a' on type 'Q"),
        ("a.gql", "query A { tool(slug: 1) { id } }", "query A: 1:22: Query.tool(slug:): String"),
        ("a.gql", "query A { tools(x: 1) { totalCount } }", "Query.tools(x:): Unknown argument"),
        ("a.gql", "query A { tools(stage: X) { totalCount } }", "1:24: Stage.X: Value 'X' does"),
        ("a.gql", "query A($x: X) { tools { totalCount } }", "1:13: X: Unknown type 'X'"),
        ("a.gql", "query A { tools @x { totalCount } }", "1:17: @x: Unknown directive '@x'"),
        ("a.gql", "query A { tool { id } }", "1:11: Query.tool: "),
        (
            "a.gql",
            "query A($s: Int!) { tool(slug: $s) { id } }",
            "query A: 1:9: Query.tool(slug:): Variable '$s' of type 'Int!'",
        ),
        (
            "a.gql",
            (
                "query A { ...F } query B { ...G } fragment F on Query { ...G } "
                "fragment G on Query { nope }"
            ),
            "query A, query B: 1:86: Query.nope: Cannot query",
        ),
        ("a.gql", "{ " + " ".join(f"a{n}: __typename" for n in range(300)) + " }", "300 aliases"),
    ],
)
def test_a_wrong_file_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    done = check(tmp_path / name)
    assert done.returncode == 1
    printed = done.stdout + done.stderr
    assert f"{tmp_path / name}: " in printed
    assert said in printed
    assert "Traceback" not in printed


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"a": "\xe9"}')
    done = check(tmp_path / "none.json", tmp_path, tmp_path / "latin.json", "--json")
    assert done.returncode == 1
    assert f"{tmp_path / 'none.json'}: cannot be read: No such file or directory" in done.stderr
    assert f"{tmp_path}: cannot be read: Is a directory" in done.stderr
    assert f"{tmp_path / 'latin.json'}: is not UTF-8" in done.stderr
    assert len(json.loads(done.stdout)["error"]["problems"]) == 3


def test_an_id_stands_for_one_document(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_text(json.dumps({"a": OTHER}), "utf-8")
    two.write_text(json.dumps({"a": SAVE, "b": OTHER}), "utf-8")
    done = check(one, two)
    assert done.returncode == 1
    assert f"{two}: a: has the id of another document in {one}" in done.stderr


async def test_an_id_is_never_given_to_another_document(database: str, tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"a": OTHER, "b": OTHER}), "utf-8")
    await command(database, "register", file)
    await command(database, "retire", "a")
    before = await rows(database, STORED)
    file.write_text(json.dumps({"a": SAVE, "c": SAVE}), "utf-8")
    done = await command(database, "register", file, "--client", "other")
    assert done.returncode == 1
    assert "other documents have these ids already: a (query Other). An id is " in done.stderr
    assert await rows(database, STORED) == before


async def test_two_commands_at_once_do_not_give_one_id_to_two_documents(database: str) -> None:
    async with writing(database) as engine, engine.begin() as first:
        await register(first, "one", [NewDocument("a", OTHER, ["query Other"])])
        second = asyncio.create_task(registered(database, SAVE, ids=["a"], client="two"))
        await blocked(database)
        await first.commit()
        with pytest.raises(GuidepostError, match=r"these ids already: a \(query Other\)"):
            await second
    assert await rows(database, STORED) == [("a", OTHER, ["query Other"], ["one"])]


def test_valid_files_pass_without_a_database(folder: Path) -> None:
    done = check(*files(folder))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "documents: 5 checked, 0 refused\n"
    found = check(*files(folder), "--json")
    assert json.loads(found.stdout) == {"documents": 5, "problems": [], "warnings": []}


def test_limits_are_those_of_the_settings(folder: Path) -> None:
    done = check(folder / "apollo.json", GUIDEPOST_DEPTH_LIMIT="2")
    assert done.returncode == 1
    assert "nests fields 3 levels deep; the limit is 2" in done.stdout


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Changes of the schema, as texts to replace in the SDL."""
    changes: list[tuple[str, str]] = []

    def schema(_: Any) -> GraphQLSchema:
        text = SDL
        for old, new in changes:
            assert re.search(old, text)
            text = re.sub(old, new, text, count=1)
        return build_schema(text)

    monkeypatch.setattr(documents, "executable_schema", schema)
    return changes


DROP_SUBTITLE = (
    r'(type Guide implements (?:.|\n)*?)\n  """[^"]*"""\n  subtitle: String\n',
    r"\1\n",
)


async def test_a_change_of_the_schema_shows_which_page_it_breaks(
    database: str, folder: Path, changed: list[tuple[str, str]]
) -> None:
    await command(database, "register", *files(folder), "--client", "site")
    await command(database, "register", folder / "apollo.json", "--client", "app")
    # The code is ahead of the database, or behind it.
    await rows(database, "update alembic_version set version_num = 'ffffffffffff'")
    assert (await command(database, "check")).returncode == 0
    changed.append(DROP_SUBTITLE)
    done = await command(database, "check")
    assert done.returncode == 1
    assert done.stdout == (
        "app, site: query Guide: 12:3: Guide.subtitle: Cannot query field 'subtitle' on type "
        "'Guide'. Did you mean 'seoTitle' or 'title'?\n"
    )
    assert done.stderr == "documents: 5 checked, 1 refused\n"
    [problem] = json.loads((await command(database, "check", "--json")).stdout)["problems"]
    assert problem["operations"] == ["query Guide"]
    assert problem["coordinate"] == "Guide.subtitle"
    # The frontend's side of it needs no database.
    assert check(folder / "apollo.json").returncode == 1
    await rows(database, "update service.persisted_document set retired_at = now()")
    assert (await command(database, "check")).returncode == 0


async def test_what_is_deprecated_is_a_warning(
    database: str, folder: Path, changed: list[tuple[str, str]]
) -> None:
    text = (
        'query Old($w: CompanyWhere) { guide(slug: "x") { ...F companies(where: $w, first: 1) '
        '{ name } } tools(stage: DRAFT, where: {name: {eq: "x"}}) { totalCount } } '
        "fragment F on Guide { subtitle }"
    )
    (folder / "old.graphql").write_text(text, "utf-8")
    reason = '@deprecated(reason: "It goes.")'
    changed += [
        (r"(type Guide implements [^{]*\{(?:.|\n)*?\n  subtitle: String)\n", rf"\1 {reason}\n"),
        (r"(enum Stage \{(?:.|\n)*?\n  DRAFT)\n", rf"\1 {reason}\n"),
        (r"(input ToolWhere \{(?:.|\n)*?\n  name: \w+)\n", rf"\1 {reason}\n"),
        (r"(type Guide (?:.|\n)*?\n  companies\((?:.|\n)*?first: Int\b)", rf"\1 {reason}"),
    ]
    found = json.loads(check(folder / "old.graphql", "--json").stdout)
    assert found["problems"] == []
    assert {each["message"] for each in found["warnings"]} == {"is deprecated: It goes."}
    assert {tuple(each["operations"]) for each in found["warnings"]} == {("query Old",)}
    places = {each["coordinate"]: (each["line"], each["column"]) for each in found["warnings"]}
    assert {name: re.split("[ ,:]", text[at - 1 :])[0] for name, (_, at) in places.items()} == {
        "Guide.companies(first:)": "first",
        "Guide.subtitle": "subtitle",
        "Stage.DRAFT": "DRAFT",
        "ToolWhere.name": "name",
    }
    done = check(folder / "old.graphql")
    assert done.returncode == 0
    assert "warning: " in done.stdout
    registered = await command(database, "register", folder / "old.graphql")
    assert registered.returncode == 0
    assert "Guide.subtitle: is deprecated: It goes." in registered.stderr


async def test_documents_are_listed_and_retired(database: str, folder: Path) -> None:
    await command(database, "register", folder / "relay.json", "--client", "site")
    await command(database, "register", folder / "relay.json", "--client", "app")
    await command(database, "register", folder / "codegen.json")
    kept = await command(database, "retire", md5_of(OTHER), "--client", "site")
    assert kept.returncode == 0
    assert "documents: 0 retired" in kept.stderr
    assert f"{md5_of(OTHER)}: other clients use it, or it was retired before" in kept.stderr
    gone = await command(database, "retire", f"sha256:{hash_of(OTHER)}")
    assert gone.stderr == "documents: 1 retired\n"
    listed = (await command(database, "list")).stdout
    shown = re.sub(r"\d{4}-\d\d-\d\dT[\d:]{8}Z", "now", listed)
    lines = [re.split(" {2,}", line) for line in shown.splitlines()]
    assert lines[0] == ["operations", "id", "clients", "registered", "state"]
    assert sorted(lines[1:]) == sorted(
        [
            ["query Other", hash_of(OTHER), "now", "retired now"],
            ["query Other", md5_of(OTHER), "app", "now", "active"],
        ]
    )
    printed = (await command(database, "list", "--json")).stdout
    found = {each["id"]: each for each in json.loads(printed)}
    assert found[md5_of(OTHER)]["sha256"] == hash_of(OTHER)
    assert found[md5_of(OTHER)]["retired_at"] is None
    # Registering it again brings it back.
    again = await command(database, "register", folder / "codegen.json")
    assert again.stderr == "documents of 'default': 1 registered, 0 unchanged\n"
    back = json.loads((await command(database, "list", "--json")).stdout)
    assert [each["retired_at"] for each in back] == [None, None]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retire", "nothing"], "error: there are no documents with the ids nothing; `guidepost"),
        (["retire", "x-a:1"], "error: 'x-a:1' is no id of a document: the scheme 'x-a' is not"),
        (["register", "{folder}/relay.json", "--client", " "], "error: --client ' ' is no name"),
    ],
)
async def test_a_wrong_argument_is_said(
    database: str, folder: Path, arguments: list[str], said: str
) -> None:
    done = await command(database, *(each.format(folder=folder) for each in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


@pytest.mark.parametrize("arguments", [["list"], ["retire", "a"], ["register", "{file}"]])
async def test_a_database_at_another_revision_is_refused(
    database: str, folder: Path, arguments: list[str]
) -> None:
    await rows(database, "update alembic_version set version_num = 'ffffffffffff'")
    given = [each.format(file=folder / "relay.json") for each in arguments]
    done = await command(database, *given)
    assert done.returncode == 1
    assert "the database is at revision ffffffffffff, which this code does not know" in done.stderr


async def test_a_database_without_the_table_is_said(database: str) -> None:
    await rows(database, "drop table service.persisted_document")
    done = await command(database, "check")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "guidepost migrate" in done.stderr
    assert "Traceback" not in done.stderr
