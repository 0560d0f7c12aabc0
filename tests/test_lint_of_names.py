"""The lint of names: a name means one thing."""

from pathlib import Path

import pytest

from tests.databases import PROJECT
from tests.names import TWICE, problems

PLAN = "class Plan:\n    pass\n"


def test_the_names_are_as_they_are_to_be() -> None:
    assert [*problems(PROJECT)] == []


@pytest.mark.parametrize(
    "second", [PLAN, "Plan = dict[str, int]\n", "class _Outer:\n    class Plan:\n        pass\n"]
)
def test_a_second_thing_of_a_name_is_a_problem(tmp_path: Path, second: str) -> None:
    (tmp_path / "schema").mkdir()
    (tmp_path / "service").mkdir()
    (tmp_path / "schema/plan.py").write_text(PLAN)
    (tmp_path / "service/plans.py").write_text(f"FIRST = Second = 1\n{second}")
    [found] = problems(tmp_path)
    assert found.startswith("service/plans.py:")
    assert found.endswith("there is a Plan already: schema/plan.py:1")


def test_a_module_is_called_after_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "service/utils").mkdir(parents=True)
    (tmp_path / "service/utils/texts.py").write_text("")
    (tmp_path / "service/helpers.py").write_text("")
    assert [*problems(tmp_path)] == [
        "service/helpers.py: name the module after what is in it",
        "service/utils/texts.py: name the module after what is in it",
    ]


def test_what_may_be_there_twice_is() -> None:
    """Otherwise it is no exception any more."""
    found = [file.read_text("utf-8") for file in (PROJECT / "schema").rglob("*.py")]
    for name in TWICE:
        assert sum(f"\n{name} = " in each or f"\nclass {name}" in each for each in found) == 2


def test_a_package_lists_all_of_its_modules_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "service/inner").mkdir(parents=True)
    (tmp_path / "service/__init__.py").write_text('"""A list.\n\n    here   a\n    gone   b\n"""')
    (tmp_path / "service/inner/__init__.py").write_text("")
    (tmp_path / "service/here.py").write_text("")
    assert [*problems(tmp_path)] == [
        "service/__init__.py: the docstring lists a module that is not there, gone",
        "service/__init__.py: the docstring lists no module inner",
    ]
