"""Random tests that go on for as long as there is time.

Such a test does its work once for every number that `rounds` yields, and takes all its chance from
that number. An ordinary run has one round, the same each time. A soak, which `make soak` starts,
has one after the other:

    GUIDEPOST_SOAK=600:123 pytest tests/machine    rounds 123, 124, … for ten minutes
    GUIDEPOST_SOAK=0:126 pytest tests/machine      round 126 and no other
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from hypothesis import seed
from hypothesis.stateful import RuleBasedStateMachine

T = TypeVar("T", bound=Callable[..., None] | type[RuleBasedStateMachine])

VARIABLE = "GUIDEPOST_SOAK"
"""The environment variable that makes a run a soak."""
ORDINARY = 0
"""The number of the one round of an ordinary run."""


class Soak(NamedTuple):
    """For how long a soak goes on, where it begins, and the file that it keeps a record in."""

    seconds: float
    seed: int
    record: Path | None = None

    @classmethod
    def read(cls, given: str) -> Self:
        """One that is written as `seconds:seed` or `seconds:seed:record`."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+)(?::(.+))?", given)
        if not found:
            raise ValueError(f"{VARIABLE}={given!r} is not of the form seconds:seed")
        return cls(float(found[1]), int(found[2]), Path(found[3]) if found[3] else None)

    def __str__(self) -> str:
        end = f":{self.record}" if self.record else ""
        return f"{self.seconds:g}:{self.seed}{end}"

    def keep(self, **event: Any) -> None:
        """Add an event to the record; one that is there stays, whatever becomes of the process."""
        if self.record:
            test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
            with self.record.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps({'test': test, **event})}\n")


SOAK = Soak.read(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None
"""What this run is, if it is a soak."""


def rounds(
    size: int = 1, *, most: int | None = None, share: float = 1.0, soak: Soak | None = SOAK
) -> Iterator[int]:
    """The numbers of the rounds to do: one in an ordinary run, growing ones in a soak.

    A soak has at least one round, and ends with the one in which its time is up or `most` is
    reached. A round counts as `size`. `share` is the part of the time that the test may take, where
    others are soaked beside it.
    """
    if soak is None:
        yield ORDINARY
        return
    end = time.monotonic() + soak.seconds * share
    done = 0
    for number in count(soak.seed):
        soak.keep(begun=number)
        yield number
        done += size
        soak.keep(done=number, size=size)
        if most is not None and done >= most:
            break
        if time.monotonic() >= end:
            if most is not None:
                soak.keep(short=most - done)
            break


def seeded(test: T, number: int) -> T:
    """A test of hypothesis's whose examples, in a soak, come of the number of the round.

    In an ordinary run `derandomize` decides. `test` is one that nothing else has a hold of.
    """
    return seed(number)(test) if SOAK else test


class Recorded(NamedTuple):
    """What the record of a soak says."""

    done: int
    """How much was done in rounds that were good."""
    open: list[tuple[str, int]]
    """The tests whose last round did not come to a good end, with its number."""
    short: int
    """How much more should have been done, had there been time."""


def recorded(path: Path) -> Recorded:
    """Read a record, also one that a process has left that was killed."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    events = [json.loads(each) for each in lines if each.endswith("\n")]
    sums: Counter[str] = Counter()
    begun: dict[str, int] = {}
    for each in events:
        sums["done"] += each.get("size", 0)
        sums["short"] += each.get("short", 0)
        if "begun" in each:
            begun[each["test"]] = each["begun"]
        if "done" in each:
            del begun[each["test"]]
    return Recorded(sums["done"], [*begun.items()], sums["short"])
