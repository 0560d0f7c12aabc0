"""What the documentation says holds: its links, commands, queries, documents and tables."""

import asyncio
import json
import re
import shlex
from pathlib import Path

import pytest
from alembic import config as alembic
from graphql import GraphQLSchema, parse, validate
from ruamel.yaml import YAML

from schema.graphql.types import graphql_schema
from schema.model import content_model
from service import cli
from service.settings import settings_table
from tests.asking import Asker
from tests.databases import PROJECT, SEEDS, Server
from tests.documentation import DOCS, PAGES, README, anchors, blocks, links, page, section
from tests.editing import editing_app
from tests.processes import run
from tests.test_new_type import DECLARATION, IMPORT

READING, WRITING, FILES = (page(f"docs/{each}.md") for each in ("reading", "writing", "files"))
GUIDE = "recruiting-backend-developers-in-belgium"
NAMES = """query ($text: String!) {
    search(text: $text) { nodes { ... on Tool { name } ... on University { name } } }
}"""
COMMAND = re.compile(r"^(?:\.venv/bin/)?guidepost ([^|&;\n]+)", re.MULTILINE)

on_every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return graphql_schema(content_model())


@pytest.mark.parametrize(
    "path",
    [README, PROJECT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))],
    ids=lambda path: path.stem,
)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_readme_leads_to_every_page() -> None:
    assert {f"docs/{path.name}" for path in PAGES[1:]} <= {*links(README)}


@on_every_page
def test_every_command_is_one(path: Path) -> None:
    text = path.read_text("utf-8")
    typed = "".join(blocks(text, "sh"))
    for command in COMMAND.findall(typed):
        cli.app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)
    for command in re.findall(r"^\.venv/bin/alembic (.*)$", typed, re.MULTILINE):
        alembic.CommandLine().parser.parse_args(shlex.split(command))
    targets = re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert {*re.findall(r"(?:^|`|[A-Z]+=\S+ )make ([a-z]+)", text, re.MULTILINE)} <= {*targets}


@on_every_page
def test_every_setting_is_one(path: Path) -> None:
    known = {name for name, *_ in settings_table()} | {
        "GUIDEPOST_SCREENSHOT",
        "GUIDEPOST_SCREENSHOTS",
        "GUIDEPOST_CDN_",
        "GUIDEPOST_MIGRATION_",
    }
    assert {*re.findall(r"\bGUIDEPOST_\w+", path.read_text("utf-8"))} <= known


def test_the_settings_are_those_of_the_code() -> None:
    expected = [
        f"| `{name}` | {type_} | {f'`{default}`' if default else ''} | {help_} |"
        for name, type_, default, help_ in settings_table()
    ]
    lines = page("docs/settings.md").splitlines()
    assert [line for line in lines if re.match(r"\| `[A-Z_]+` ", line)] == expected


@on_every_page
def test_every_operation_fits_the_schema(path: Path, schema: GraphQLSchema) -> None:
    text = path.read_text("utf-8")
    found = blocks(text, "graphql") + re.findall(r"query='(.*?)'", text, re.DOTALL)
    found += re.findall(r"(?<![.\w])gql`(.*?)`", text, re.DOTALL)
    assert [error for each in found for error in validate(schema, parse(each))] == []


@pytest.mark.parametrize("name", ["README.md", "docs/reading.md"])
async def test_a_query_has_the_answer_that_is_shown(seeds: Asker, name: str) -> None:
    query = re.findall("query='(.*?)'", page(name), re.DOTALL)[0]
    response = await seeds.http.get("/graphql", params={"query": query})
    [shown] = blocks(page(name), "json")
    # White space aside, an ellipsis stands for anything.
    pattern = ".*".join(re.escape("".join(part.split())) for part in shown.split("…"))
    pattern = pattern.replace(re.escape("},]"), r"\}.*\]").replace(re.escape(",]"), r".*\]")
    answer = "".join(json.dumps(response.json(), ensure_ascii=False).split())
    assert re.fullmatch(pattern, answer), answer


async def test_the_query_to_start_with_finds_a_guide(seeds: Asker) -> None:
    [query] = blocks(README.read_text("utf-8"), "graphql")
    [guide] = (await seeds(query))["guides"]["nodes"]
    assert guide["salaryRanges"] == [{"display": "€60,000 – €85,000 a year"}]


async def test_the_queries_of_reading_find_what_they_are_for(seeds: Asker) -> None:
    queries = [each for each in blocks(READING, "graphql") if "DRAFT" not in each]
    answers = [await seeds(query) for query in queries]
    redirects, page_, filtered, below, groups, statistics, search, hits, dutch, *more = answers
    assert redirects["redirects"]["nodes"] == []
    assert page_["guides"]["nodes"][0]["slug"] == GUIDE
    [guide] = filtered["guides"]["nodes"]
    assert guide["companies"] == [{"name": "Swift"}, {"name": "Showpad"}]
    assert guide["salaryRanges"] == [{"level": "SENIOR", "maximum": 85000}]
    assert {each["location"]["name"] for each in below["guides"]["nodes"]} == {"Belgium"}
    kinds = groups["locations"]["groups"]["nodes"]
    assert [each["kind"] for each in kinds] == ["CITY", "REGION", "COUNTRY"]
    levels = [each["level"] for each in statistics["salaryStatistics"]["nodes"]]
    assert levels == ["JUNIOR", "MID", "SENIOR"]
    [first, *_] = search["search"]["edges"]
    assert "<mark>Microservices</mark>" in first["snippet"]
    assert {"title": "Recruiting Backend Developers in Belgium"} in hits["search"]["nodes"]
    assert dutch["guide"]["location"]["name"] == "België"
    known, sources, translations, lacking, pages = more
    assert [each["code"] for each in known["locales"]] == ["en", "fr", "nl"]
    assert sources["guide"]["aboutRole"]["locale"] in {"en", "nl"}
    complete = [each["isComplete"] for each in translations["guide"]["translations"]]
    assert len(complete) == 3
    assert lacking["companies"]["nodes"] == []
    assert {each["type"] for each in pages["sitemap"]["nodes"]} == {"GUIDE"}


async def test_the_words_of_reading_are_found(seeds: Asker) -> None:
    text = section(READING, "## Search")
    found = {}
    for word in ("uliege", "nodejs", "C#", ".NET", "jav", "pyhton"):
        assert f"`{word}`" in text
        nodes = (await seeds(NAMES, text=word))["search"]["nodes"]
        found[word] = {each["name"] for each in nodes if each}
    assert found == {
        "uliege": {"ULiège"},
        "nodejs": {"Node.js"},
        "C#": set(),
        ".NET": {".NET"},
        "jav": {"Java"},
        "pyhton": {"Python"},
    }


async def test_the_operations_of_writing_do_what_they_are_for(
    server: Server, template: str
) -> None:
    save, publish, schedule, look_back, rename, unpublish, releases, diff, restore = blocks(
        WRITING, "graphql"
    )
    [preview] = [each for each in blocks(READING, "graphql") if "DRAFT" in each]
    async with server.new(template) as url, editing_app(url) as editor:
        assert (await editor(preview))["guide"]["status"] == "DRAFT"
        for mutation in (save, publish, schedule):
            await editor.change(mutation)
        guide = (await editor(look_back))["guide"]
        assert guide["status"] == "SCHEDULED"
        [company] = (await editor.change(unpublish))["unpublished"]
        assert {"locale": "fr", "status": "DRAFT"} in company["statuses"]
        renamed = await editor.change(rename)
        assert renamed["company"]["slug"] == "acme-group"
        [release] = (await editor(releases))["releases"]["nodes"]
        assert [each["item"] for each in release["items"]] == [{"slug": GUIDE}]
        query = f'{{ revisions(type: GUIDE, slug: "{GUIDE}") {{ nodes {{ id }} }} }}'
        newest, *_, oldest = (each["id"] for each in (await editor(query))["revisions"]["nodes"])
        changes = (await editor(diff, **{"from": oldest, "to": newest}))["diff"]
        assert ["subtitle", "en"] in [each["path"] for each in changes]
        restored = await editor.change(restore, revision=oldest)
        assert [each["path"] for each in restored["changes"]] == [["subtitle", "en"]]


async def test_the_commands_of_files_can_be_followed(
    server: Server, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, edited, renamed, published = blocks(FILES, "yaml")
    assert first == (SEEDS / "universities/ku-leuven.yaml").read_text("utf-8")
    export, apply, plan, apply_again = COMMAND.findall("".join(blocks(FILES, "sh")))
    async with server.new(template) as url:

        async def follow(command: str, code: int = 0) -> str:
            done = await asyncio.to_thread(run, *shlex.split(command), DATABASE_URL=url)
            assert done.returncode == code, done.stderr
            return done.stdout + done.stderr

        await follow(export)
        assert "0 created, 0 changed, 0 deleted" in await follow(apply)
        assert (tmp_path / "content/guidepost.toml").exists()
        (tmp_path / "content/universities/ku-leuven.yaml").write_text(edited, "utf-8")
        assert "0 to create, 1 to update" in await follow(plan, 2)
        (tmp_path / "content/universities/ku-leuven.yaml").write_text(renamed, "utf-8")
        place = tmp_path / "content/locations/belgium.yaml"
        text = place.read_text("utf-8")
        new = text.replace("- ku-leuven\n", "- katholieke-universiteit-leuven\n")
        place.write_text(new, "utf-8")
        assert "renamed from ku-leuven" in await follow(plan, 2)
        (tmp_path / "content/companies/cegeka.yaml").write_text(published, "utf-8")
        said = await follow(apply_again)
        assert "1 changed" in said
        assert "katholieke-universiteit-leuven: renamed from ku-leuven" in said
        # What is published is as the document says, and is exported so.
        await follow("content export exported")
    exported = (tmp_path / "exported/companies/cegeka.yaml").read_text("utf-8")
    assert YAML(typ="safe").load(exported) == YAML(typ="safe").load(published)


def test_the_content_type_is_the_one_that_is_tested() -> None:
    shown = "".join(blocks(section(page("docs/content-types.md"), "## Add a type"), "python"))
    lines = [line for line in shown.splitlines() if line]
    assert lines == [line for line in (DECLARATION + IMPORT).splitlines() if line]
