"""Whatever is done, one by one or at once, draft and live hold what a model in plain Python holds.

`make soak ONLY=machine` does more, longer, and other things each time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.databases import Server
from tests.machine.content import Content, Ids, expected, read
from tests.machine.drawing import FIRST, WISHES, Surroundings, Wish
from tests.machine.operations import Operation, Outcome, done
from tests.machine.publishing import HOUR, carry_out
from tests.machine.subject import Subject, running
from tests.machine.world import Uid, World
from tests.soaking import SOAK, rounds, seeded

SETTINGS = settings(max_examples=6 if SOAK else 4, stateful_step_count=50 if SOAK else 30)


class CarryingOut:
    """Doing what is due, as an operation on a world."""

    is_dry = False

    def __repr__(self) -> str:
        return "CarryingOut()"

    def do(self, world: World) -> Outcome:
        """See `publishing.carry_out`."""
        return carry_out(world)


class Machine(RuleBasedStateMachine):
    """Does things to the service and to a model of it."""

    subject: Subject

    def __init__(self) -> None:
        super().__init__()
        self.subject.run(self.subject.empty())
        self.beginning = datetime.now(UTC).replace(microsecond=0)
        self.worlds = [World()]
        self.revisions: dict[Any, list[str]] = {}
        self.ids: dict[Uid, str] = {}

    @property
    def world(self) -> World:
        """One that the service may hold: hardly ever are there two that read the same."""
        return self.worlds[0]

    @initialize()
    def begin(self) -> None:
        """Make a few items that refer to one another."""
        for each in FIRST:
            self._do([each])

    @rule(wish=WISHES, twice=st.booleans())
    def alone(self, wish: Wish, *, twice: bool) -> None:
        """Do one thing; sent twice with the same key, it is done once."""
        [operation] = self._made([wish])
        self._follow([operation], [self.subject.run(self.subject.do(operation, twice=twice))])

    @rule(wishes=st.lists(WISHES, min_size=2, max_size=4))
    def at_once(self, wishes: list[Wish]) -> None:
        """Do several things at once."""
        self._do(self._made(wishes))

    @rule(hours=st.integers(1, 3), due=st.integers(1, 2), wishes=st.lists(WISHES, max_size=2))
    def pass_time(self, hours: int, due: int, wishes: list[Wish]) -> None:
        """Let what is set come due, and do it, perhaps twice at once and beside other things."""
        self.subject.run(self.subject.advance(hours * HOUR))
        for each in self.worlds:
            each.now += hours * HOUR
        self._do(self._made(wishes), due)
        while self.subject.run(self.subject.carry_out()):
            self._follow([CarryingOut()], [1])

    def teardown(self) -> None:
        """What search looks at is made of what is published."""
        assert self.subject.run(self.subject.lost_words()) == []

    def _made(self, wishes: Sequence[Wish]) -> list[Operation]:
        around = Surroundings(self.world, self.revisions, self.beginning)
        return [each(around) for each in wishes]

    def _do(self, drawn: Sequence[Operation], due: int = 0) -> None:
        outcomes = self.subject.run(self.subject.all_at_once(drawn, due))
        self._follow([*drawn, *[CarryingOut()] * due], outcomes)

    def _follow(self, drawn: Sequence[Any], outcomes: Sequence[Outcome]) -> None:
        """Take over the worlds of the orders in which all that is found comes about."""
        content, ids = read(*self.subject.run(self.subject.read()), self.beginning)
        note(f"{drawn} came to {outcomes}")
        worlds = [
            world
            for before in self.worlds
            for world, found in _orders(before, drawn)
            if found == [*outcomes]
        ]
        fitting = [world for world in worlds if expected(world) == content]
        if not fitting:
            raise AssertionError(_explained(self.world, drawn, outcomes, worlds, content))
        self.worlds = [each for n, each in enumerate(fitting) if each not in fitting[:n]]
        self._learn(ids)

    def _learn(self, ids: Ids) -> None:
        """Remember ids; an item keeps its own, and no other has it."""
        for key, id_ in ids.items.items():
            assert self.ids.setdefault(self.world.draft[key].uid, id_) == id_
        assert len(set(self.ids.values())) == len(self.ids)
        self.revisions = ids.revisions


def _orders(world: World, drawn: Sequence[Any]) -> Iterator[tuple[World, list[Outcome]]]:
    """What comes of each order of what was done at once, with the outcomes in that of `drawn`."""
    for order in permutations(range(len(drawn))):
        made, found = world, dict.fromkeys(order)
        for number in order:
            made, found[number] = done(made, drawn[number])
        yield made, [found[number] for number in range(len(drawn))]


def _explained(
    world: World,
    drawn: Sequence[Any],
    outcomes: Sequence[Outcome],
    worlds: Sequence[World],
    content: Content,
) -> str:
    lines = [f"before: {world}", *map(str, drawn), f"came to {outcomes}"]
    if not worlds:
        wanted = [found for _, found in _orders(world, drawn)]
        return "\n".join([*lines, "and not to one of", *map(str, wanted)])
    for each in worlds:
        want_all = expected(each)
        for name in Content._fields:
            want, found = getattr(want_all, name), getattr(content, name)
            for part in want.keys() | found.keys():
                if want.get(part) != found.get(part):
                    lines += [f"{name} of {part}", f"  wanted {want.get(part)}"]
                    lines += [f"  found  {found.get(part)}"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def subject(server: Server, migrated: str) -> Iterator[Subject]:
    with running(server, migrated) as found:
        yield found


def test_nothing_is_lost(subject: Subject) -> None:
    for number in rounds(SETTINGS.max_examples):

        class Bound(Machine):
            pass

        Bound.subject = subject
        run_state_machine_as_test(seeded(Bound, number), settings=SETTINGS)
