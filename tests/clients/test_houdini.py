"""Houdini generates a client that reads, with the scalars of the documentation."""

import re

from tests.clients.projects import Project
from tests.clients.test_caches import FRENCH


def test_houdini(project: Project) -> None:
    project.follow("Houdini")
    project.take_schema()
    project.take("houdini.mjs")
    project.run("houdini", "generate")
    made = (project.folder / ".houdini/artifacts/Guide.ts").read_text("utf-8")
    assert {*re.findall(r"readonly (?:id|title|updatedAt): (\w+)", made)} == {"string"}
    bundle = ("--bundle", "--platform=node", "--format=esm", "--outfile=bundled.mjs")
    project.run("esbuild", "houdini.mjs", *bundle)
    assert project.show("node", "bundled.mjs")["guide"]["title"] == FRENCH
