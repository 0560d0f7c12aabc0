"""The project as a stranger finds it: what is said is true, and what is shipped is right."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from service.settings import settings_table
from tests.asking import Asker
from tests.databases import PROJECT, SEEDS

README = (PROJECT / "README.md").read_text("utf-8")
LOCKS = [PROJECT / "requirements.lock", PROJECT / "requirements-runtime.lock"]


def blocks(language: str) -> list[str]:
    """The code blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


async def test_the_query_of_the_readme_has_the_answer_of_the_readme(seeds: Asker) -> None:
    queries = (re.search("query='(.*)'", block, re.DOTALL) for block in blocks("sh"))
    [query] = [found[1] for found in queries if found]
    response = await seeds.http.get("/graphql", params={"query": query})
    [shown] = blocks("json")
    # White space aside, an ellipsis stands for anything.
    pattern = ".*".join(re.escape("".join(part.split())) for part in shown.split("…"))
    pattern = pattern.replace(re.escape("},]"), r"\}.*\]").replace(re.escape(",]"), r".*\]")
    answer = "".join(json.dumps(response.json(), ensure_ascii=False).split())
    assert re.fullmatch(pattern, answer), answer


async def test_the_other_queries_of_the_readme_run(seeds: Asker) -> None:
    queries = [each for each in blocks("graphql") if "mutation" not in each and "DRAFT" not in each]
    answers = [await seeds(query) for query in queries]
    filtered, below, groups, statistics, search = answers
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


def test_the_settings_of_the_readme_are_those_of_the_code() -> None:
    rows = [
        f"| `{name}` | {type_} | {f'`{default}`' if default else ''} | {help_} |"
        for name, type_, default, help_ in settings_table()
    ]
    shown = [line for line in README.splitlines() if re.match(r"\| `[A-Z_]+` ", line)]
    assert shown == rows


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


@pytest.mark.parametrize("folder", ["service/explorer", "tests/audit"])
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


def test_links_in_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert links
    assert not [link for link in links if not (PROJECT / link).exists()]


def test_the_declaration_in_the_readme_is_the_one_that_is_tested() -> None:
    tested = (PROJECT / "tests/test_new_type.py").read_text("utf-8")
    [declaration] = (each for each in blocks("python") if "class " in each)
    lines = [line.strip() for line in declaration.splitlines()]
    assert not [line for line in lines if line not in tested]
