"""The soak: `make soak`, or `python -m tests.soak [--minutes 30] [--seed 123] [--only kills]`.

The long random tests one after the other, each in a pytest of its own, with a bound on its time;
then what came of them, and for every round that failed the command that repeats it. The exit code
is 1 where one failed.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import randbelow
from typing import NamedTuple

from tests import runs
from tests.databases import PROJECT
from tests.soaking import VARIABLE, Recorded, Soak, recorded

MINUTES = 10.0
GRACE = 600.0
"""Seconds that a part may take on top of its time.

To begin, and to end the round that it is in; hypothesis looks for a shorter example of a failure
for five minutes.
"""
ENDING = 30.0
"""Seconds after which what was asked to end is killed."""
INTERRUPTED = 128 + signal.SIGINT


class Part(NamedTuple):
    """Tests that are soaked together, and what they count."""

    tests: Sequence[str]
    unit: str = "rounds"


PARTS: Mapping[str, Part] = {
    "machine": Part(["tests/machine/test_machine.py"], "examples"),
    "differential": Part(["tests/differential/test_differential.py"], "examples"),
    "dependencies": Part(["tests/dependencies/test_dependencies.py"], "steps"),
    "histories": Part(
        [
            "tests/migrations/test_histories.py",
            "tests/migrations/test_model_histories.py",
            "tests/migrations/test_branches.py",
            "tests/migrations/test_edited_downgrades.py",
        ],
        "examples",
    ),
    "kills": Part(["tests/test_kills.py", "tests/migrations/test_kills.py"]),
    "freshness": Part(["tests/test_freshness.py::test_no_reader_gets_less_than_was_acknowledged"]),
    "races": Part(["tests/test_races.py"]),
    "hostile": Part(
        ["tests/test_hostile.py::test_however_often_it_is_sent_the_process_does_not_grow"]
    ),
    "round-trips": Part(
        ["tests/test_round_trip.py", "tests/test_exporting.py::test_every_text_comes_back"],
        "examples",
    ),
    "rewriting": Part(["tests/test_rewriting.py"], "examples"),
}


class Outcome(NamedTuple):
    """What came of a part."""

    name: str
    result: str
    done: str
    seconds: float
    seed: int
    again: list[str]
    """Commands that repeat the rounds that failed."""


def say(line: str = "") -> None:
    """A line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Soak, and print the report; the exit code."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for each part")
    parser.add_argument("--seed", type=int, help="the number of the first round")
    parser.add_argument("--only", default=",".join(PARTS), help="parts: all are %(default)s")
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := {*names} - {*PARTS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}, but {', '.join(PARTS)}")
    seed = randbelow(1_000_000) if given.seed is None else given.seed
    outcomes: list[Outcome] = []
    with suppress(KeyboardInterrupt):
        # One by one: those that are done are reported also after Ctrl-C.
        for name in names:
            outcome = soak(name, PARTS[name], Soak(given.minutes * 60, seed))
            outcomes.append(outcome)
    _report(outcomes)
    if len(outcomes) < len(names):
        return INTERRUPTED
    return int(any(each.result == "failed" for each in outcomes))


def soak(name: str, part: Part, wanted: Soak, grace: float = GRACE) -> Outcome:
    """Soak a part; one that has not ended `grace` seconds after its time is up has failed."""
    say(f"\n{name}: seed {wanted.seed}, {wanted.seconds / 60:g} minutes")
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record"
        code = _pytest(part.tests, wanted._replace(record=record), wanted.seconds + grace)
        found = recorded(record)
    if code is None:
        say(f"{name} did not end, and was killed")
    result = _result(code, found)
    return Outcome(
        name,
        result,
        f"{found.done} {part.unit}",
        time.monotonic() - start,
        wanted.seed,
        _again(part, wanted, found) if result == "failed" else [],
    )


def _result(code: int | None, found: Recorded) -> str:
    # Tests that are skipped, or take no rounds, prove nothing.
    if code != 0 or not found.done:
        return "failed"
    return "out of time" if found.short else "passed"


def _again(part: Part, wanted: Soak, found: Recorded) -> list[str]:
    """The commands that repeat what failed: rounds, or else the whole part, in a round each."""
    rounds = [(number, [test]) for test, number in found.open] or [(wanted.seed, [*part.tests])]
    python = Path(sys.executable)
    with suppress(ValueError):
        python = python.relative_to(PROJECT)
    return [
        shlex.join([f"{VARIABLE}={Soak(0, number)}", str(python), "-m", "pytest", "-q", *tests])
        for number, tests in rounds
    ]


def _pytest(tests: Sequence[str], soak: Soak, seconds: float) -> int | None:
    """Run tests; the exit code, or None where they had to be ended."""
    # The bound on the time of one test is for suites in which tests are short.
    command = [sys.executable, "-m", "pytest", "-q", "-o", "faulthandler_timeout=0", *tests]
    with suppress(subprocess.TimeoutExpired), _process(command, soak) as process:
        return process.wait(seconds)
    # What was killed has not removed what it made.
    runs.sweep()
    return None


@contextmanager
def _process(command: Sequence[str], soak: Soak) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which ends with the context at the latest."""
    environment = {**os.environ, VARIABLE: str(soak)}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            # pytest then says where it was, and ends what it began.
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _report(outcomes: Sequence[Outcome]) -> None:
    say(f"\n{'part':14}{'result':13}{'done':>18}{'seconds':>9}{'seed':>9}")
    for name, result, done, seconds, seed, _ in outcomes:
        say(f"{name:14}{result:13}{done:>18}{seconds:9.0f}{seed:9}")
    for each in outcomes:
        for command in each.again:
            say(f"{each.name} again: {command}")


if __name__ == "__main__":
    sys.exit(main())
