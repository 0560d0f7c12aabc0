"""Clients that send ids in the place of documents, as the documentation sets them up."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clients.conftest import serving_seeds
from tests.clients.projects import PAGE, SCHEMA, Project
from tests.clients.test_caches import FRENCH
from tests.databases import Server
from tests.documentation import blocks, files, section
from tests.processes import run

TITLES = [
    "Recruiting Backend Developers in Belgium",
    FRENCH,
    "Backendontwikkelaars aanwerven in België",
]
GUIDE = """query Guide($slug: String!, $locale: Locale) {
  guide(slug: $slug, locale: $locale) {
    ...Top
  }
}
fragment Top on Guide {
  id
  title
}
"""
REGISTERED = section(PAGE, "### Registered documents")


class Site(NamedTuple):
    """A project of somebody without a token, where only registered documents are answered."""

    project: Project
    database: str

    def take_schema(self) -> None:
        """Take the schema from the repository: the service does not tell it to everybody."""
        self.project.write("schema.graphql", SCHEMA.read_text("utf-8"))

    def bundle(self, program: str) -> None:
        """Make one program of TypeScript."""
        options = ("--bundle", "--platform=node", "--format=esm", "--outfile=bundled.mjs")
        self.project.run("esbuild", program, *options)

    async def register(self, manifest: str) -> str:
        """Check and register a manifest as the documentation does; what is said."""
        for command in ("check", "register"):
            file = str(self.project.folder / manifest)
            done = await asyncio.to_thread(
                run, "documents", command, file, DATABASE_URL=self.database
            )
            assert (done.returncode, done.stdout) == (0, ""), done.stderr + done.stdout
        return done.stderr


@pytest.fixture
async def site(server: Server, template: str, tmp_path: Path) -> AsyncIterator[Site]:
    """A site of one test's own."""
    async with serving_seeds(server, template, GUIDEPOST_DOCUMENTS="registered") as found:
        yield Site(Project(tmp_path, found.url, ""), found.database)


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_a_hash_that_is_not_known_is_sent_with_the_document_once(
    editing: Project, client: str
) -> None:
    editing.follow("Persisted documents")
    [publish] = blocks(section(PAGE, "## Normalized caches"), "graphql")
    editing.write("publish.graphql", publish)
    editing.take("requests.mjs", "operations.mjs", f"hashes-{client}.mjs")
    found = editing.show("node", f"hashes-{client}.mjs")
    assert found["titles"] == TITLES
    miss, text, *hits = found["sent"]
    assert miss == "GET"
    assert text in {"GET text", "POST text"}
    assert hits == ["GET", "GET"]
    # It is known to others, too.
    again = editing.show("node", f"hashes-{client}.mjs")
    assert again == {"titles": TITLES, "sent": ["GET"] * 3}


async def test_apollo_sends_the_ids_of_its_manifest(site: Site) -> None:
    [name] = re.findall(r"`(apollo-registered.js)`", REGISTERED)
    site.project.write(name, files(REGISTERED)[name])
    site.project.write("src/Guide.graphql", GUIDE)
    site.project.take("requests.mjs", "registered-apollo.mjs")
    await asyncio.to_thread(site.project.run, "generate-persisted-query-manifest")
    assert "1 registered" in await site.register("persisted-query-manifest.json")
    found = await asyncio.to_thread(site.project.show, "node", "registered-apollo.mjs")
    assert found == {"title": FRENCH, "sent": ["GET"]}


@pytest.mark.parametrize(
    ("program", "kept", "mode", "sent"),
    [("fetch", "src/send.ts", "string", "POST"), ("urql", "src/client.ts", "", "GET")],
)
async def test_codegen_tells_documents_their_ids(
    site: Site, program: str, kept: str, mode: str, sent: str
) -> None:
    project = site.project
    project.follow("GraphQL Code Generator")
    project.write(kept, files(REGISTERED)[kept])
    [preset, *_] = blocks(REGISTERED, "ts")
    project.change("codegen.ts", 'preset: "client",', f'preset: "client",\n{preset}')
    if mode:
        assert 'documentMode: "string"' in REGISTERED
        project.change("codegen.ts", "config: {", f'config: {{ documentMode: "{mode}",')
    site.take_schema()
    project.take("requests.mjs", "tsconfig.json", f"registered-{program}.mjs")
    await asyncio.to_thread(project.run, "graphql-codegen")
    await asyncio.to_thread(project.run, "tsc", "--project", ".")
    assert "1 registered" in await site.register("src/gql/persisted-documents.json")
    await asyncio.to_thread(site.bundle, f"registered-{program}.mjs")
    found = await asyncio.to_thread(project.show, "node", "bundled.mjs")
    assert found == {"title": FRENCH, "sent": [sent]}


async def test_relay_sends_the_ids_of_its_compiler(site: Site) -> None:
    project = site.project
    project.follow("Relay")
    [line] = blocks(REGISTERED, "json")
    project.change("relay.config.json", '"src": "src",', f'"src": "src",\n{line}')
    old, new = re.findall(r"`(\w+: request\.\w+)`", " ".join(REGISTERED.split()))[::-1]
    project.change("src/environment.ts", old, new)
    site.take_schema()
    project.write("persisted.json", "{}")
    project.take("requests.mjs", "registered-relay.mjs")
    project.take("Pages.ts", to="src")
    await asyncio.to_thread(project.run, "relay-compiler", "--noWatchman")
    manifest = json.loads((project.folder / "persisted.json").read_text("utf-8"))
    assert {len(each) for each in manifest} == {32}, "they are MD5"
    await site.register("persisted.json")
    await asyncio.to_thread(site.bundle, "registered-relay.mjs")
    found = await asyncio.to_thread(project.show, "node", "bundled.mjs")
    assert found == {"title": FRENCH, "sent": ["POST"]}
