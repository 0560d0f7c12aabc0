"""Rounds: one in an ordinary run, as many as there is time for in a soak; and its report."""

import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.soak import Part, soak
from tests.soaking import ORDINARY, Soak, recorded, rounds

LONG = 3600.0
SOAKED = """
import time
from tests.soaking import rounds

def test_it():
    for number in rounds(most=2):
        {0}
"""


def taken(numbers: Iterable[int], at_most: int) -> list[int]:
    """The first of some numbers: the next one fails, as a test does."""
    found = []
    for each in numbers:
        found.append(each)
        if len(found) > at_most:
            raise AssertionError
    return found


def test_an_ordinary_run_has_one_round() -> None:
    assert [*rounds(soak=None)] == [ORDINARY]
    assert [*rounds(100, most=50_000, share=0.5, soak=None)] == [ORDINARY]


def test_a_soak_ends_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def passing() -> float:
        nonlocal now
        now += 1
        return now

    monkeypatch.setattr(time, "monotonic", passing)
    assert [*rounds(soak=Soak(4, 7))] == [7, 8, 9, 10]
    assert [*rounds(share=0.5, soak=Soak(4, 7))] == [7, 8]


def test_a_soak_ends_when_enough_is_done(tmp_path: Path) -> None:
    soak = Soak(LONG, 7, tmp_path / "record")
    assert [*rounds(100, most=250, soak=soak)] == [7, 8, 9]
    assert recorded(tmp_path / "record") == (300, [], 0)


def test_what_there_was_no_time_for_is_recorded(tmp_path: Path) -> None:
    soak = Soak(0, 7, tmp_path / "record")
    assert [*rounds(100, most=250, soak=soak)] == [7]
    assert recorded(tmp_path / "record") == (100, [], 150)


def test_a_round_is_repeated_by_its_number() -> None:
    soak = Soak(LONG, 123)
    first = [*rounds(most=5, soak=soak)]
    assert first == [*rounds(most=5, soak=soak)] == [123, 124, 125, 126, 127]
    assert [*rounds(soak=Soak(0, first[3]))] == [126]


def test_the_round_that_failed_is_recorded(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    record = tmp_path / "record"
    assert recorded(record) == (0, [], 0)
    with pytest.raises(AssertionError):
        taken(rounds(10, soak=Soak(LONG, 7, record)), 3)
    with record.open("a") as file:
        file.write('{"test": "written by one that was kil')
    assert recorded(record) == (30, [(request.node.nodeid, 10)], 0)


@pytest.mark.parametrize("soak", [Soak(600, 123), Soak(0.5, 0, Path("/tmp/a:b c"))])
def test_a_soak_is_read_as_it_is_written(soak: Soak) -> None:
    assert Soak.read(str(soak)) == soak


@pytest.mark.parametrize("given", ["600", "600:", ":1", "600:x", "-1:1", "600:1:"])
def test_what_is_no_soak_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=f"GUIDEPOST_SOAK='{given}'"):
        Soak.read(given)


@pytest.mark.parametrize(
    ("work", "result", "done", "again"),
    [
        ("pass", "passed", "2 rounds", None),
        ("assert number < 8", "failed", "1 rounds", 8),
        ("time.sleep(1)", "out of time", "1 rounds", None),
    ],
)
def test_the_report_says_what_came_of_a_part(
    tmp_path: Path, work: str, result: str, done: str, again: int | None
) -> None:
    (tmp_path / "test_it.py").write_text(SOAKED.format(work))
    outcome = soak("part", Part([str(tmp_path / "test_it.py")]), Soak(1, 7))
    assert (outcome.result, outcome.done, outcome.seed) == (result, done, 7)
    assert [each.split()[0] for each in outcome.again] == (
        [] if again is None else [f"GUIDEPOST_SOAK=0:{again}"]
    )
    assert all(each.endswith("test_it.py::test_it") for each in outcome.again)


def test_what_hangs_is_ended_and_has_failed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SOAKED.format("time.sleep(1000)"))
    outcome = soak("part", Part([str(tmp_path / "test_it.py")]), Soak(0, 7), grace=3)
    assert (outcome.result, outcome.done) == ("failed", "0 rounds")
    [again] = outcome.again
    assert again.startswith("GUIDEPOST_SOAK=0:7 ")


def test_what_takes_no_rounds_has_failed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass")
    outcome = soak("part", Part([str(tmp_path / "test_it.py")]), Soak(0, 7))
    assert outcome.result == "failed"
