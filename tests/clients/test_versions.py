"""The documentation names the versions of clients that are tested."""

import json
import re

import pytest

from tests.clients.projects import CLIENTS, PAGE

TEXT = " ".join(PAGE.split())
PACKAGES = json.loads((CLIENTS / "package.json").read_text("utf-8"))["dependencies"]


@pytest.mark.parametrize(
    ("package", "label"),
    [
        ("@graphql-codegen/cli", "`@graphql-codegen/cli`"),
        ("@graphql-codegen/client-preset", "`@graphql-codegen/client-preset`"),
        ("gql.tada", "gql.tada"),
        ("typescript", "TypeScript"),
        ("@apollo/client", "Apollo Client"),
        ("@urql/core", "`@urql/core`"),
        ("@urql/exchange-graphcache", "`@urql/exchange-graphcache`"),
        ("@urql/exchange-persisted", "`@urql/exchange-persisted`"),
        (
            "@apollo/generate-persisted-query-manifest",
            "`@apollo/generate-persisted-query-manifest`",
        ),
        ("@apollo/persisted-query-lists", "`@apollo/persisted-query-lists`"),
        ("relay-compiler", "`relay-compiler` and `relay-runtime`"),
        ("relay-runtime", "`relay-compiler` and `relay-runtime`"),
        ("houdini", "Houdini"),
    ],
)
def test_the_documentation_names_the_version_of_a_package(package: str, label: str) -> None:
    assert f"{label} {PACKAGES[package].rpartition('.')[0]}" in TEXT


@pytest.mark.parametrize("package", ["gql", "sgqlc"])
def test_the_documentation_names_the_version_of_a_python_package(package: str) -> None:
    lock = (CLIENTS / f"{package}.lock").read_text("utf-8")
    [version] = re.findall(rf"^{package}==(\d+(?:\.\d+)?)", lock, re.MULTILINE)
    assert f"{package} {version}" in TEXT
