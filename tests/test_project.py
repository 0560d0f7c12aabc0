"""The project as it is shipped: its locks, its packages and its data."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.databases import PROJECT, SEEDS

LOCKS = [PROJECT / "requirements.lock", PROJECT / "requirements-runtime.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_lock_is_whole_and_names_no_host(lock: Path) -> None:
    text = lock.read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==", text, re.MULTILINE)
    requirements = [line for line in text.splitlines() if re.match(r"\S", line)]
    assert len(pinned) == len(requirements) > 30
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text
    # Packages of ours have these names; a distribution that brings one would overwrite it.
    assert not {"schema", "service"} & set(pinned)


def test_the_runtime_lock_is_a_part_of_the_lock() -> None:
    whole, runtime = (
        set(re.findall(r"^(\S+==\S+)", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS
    )
    assert runtime < whole
    assert not [name for name in runtime if re.match("pytest|mypy|pixeltable|nodejs", name)]


@pytest.mark.parametrize("folder", ["service/explorer", "tests/audit", "tests/clients"])
def test_npm_s_lock_names_no_registry(folder: str) -> None:
    packages = json.loads((PROJECT / folder / "package-lock.json").read_text("utf-8"))
    assert not [each for each in packages["packages"].values() if "resolved" in each]


def test_the_distribution_is_never_uploaded() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]


def test_an_installation_exposes_two_packages_and_no_more() -> None:
    # Other distributions have folders by these names, too.
    code = """if True:
        from importlib.util import find_spec
        found = {name: find_spec(name) for name in %r}
        places = {name: str(it.submodule_search_locations) for name, it in found.items() if it}
        print(*(name for name, each in places.items() if "site-packages" not in each))
    """
    names = ["schema", "service", "tests", "seeds", "docs"]
    found = subprocess.run(
        [sys.executable, "-c", code % names],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["schema", "service"]


def test_seeds_are_data_only() -> None:
    others = {path.name for path in SEEDS.rglob("*") if path.is_file() and path.suffix != ".yaml"}
    assert others == {"guidepost.toml"}
