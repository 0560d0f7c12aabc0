"""Clients in Python read a guide, with its times as times."""

import pytest

from tests.clients.projects import NOT_INSTALLED, PACKAGES, PAGE, Project
from tests.clients.test_caches import FRENCH
from tests.documentation import blocks, section


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        ("gql", 'guide["title"], guide["updatedAt"].tzinfo'),
        ("sgqlc", "guide.title, guide.updated_at.tzinfo"),
    ],
)
def test_python(project: Project, client: str, shown: str) -> None:
    packages = PACKAGES / client
    assert packages.exists(), NOT_INSTALLED
    project.follow("Python")
    [generate] = blocks(section(PAGE, "## Python"), "sh")
    project.write("generate.sh", generate)
    if client == "sgqlc":
        project.run("sh", "-e", "generate.sh", packages=packages)
    code = f"from with_{client} import guide; print({shown}, sep=chr(10))"
    printed = project.run("python", "-W", "error", "-c", code, packages=packages)
    assert printed.splitlines() == [FRENCH, "UTC"]
