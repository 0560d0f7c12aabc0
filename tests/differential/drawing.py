"""What chance decides, and the variables that an operation gets."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

_NUMBERS: dict[tuple[int, int], st.SearchStrategy[int]] = {}


class Chance(ABC):
    """Choices."""

    @abstractmethod
    def number(self, low: int, high: int) -> int:
        """A number from one to another, both among them."""

    def pick(self, values: Sequence[Any]) -> Any:
        """One of the values."""
        return values[self.number(0, len(values) - 1)]

    def chance(self, percent: int) -> bool:
        """Whether it is so; small draws say no, so that what shrinks becomes simple."""
        return self.number(0, 99) >= 100 - percent


class Drawn(Chance):
    """Those of hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        """A number from one to another, both among them."""
        strategy = _NUMBERS.get((low, high))
        if strategy is None:
            strategy = _NUMBERS[low, high] = st.integers(low, high)
        return self._draw(strategy)


class Rolled(Chance):
    """Those of random numbers."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def number(self, low: int, high: int) -> int:
        """A number from one to another, both among them."""
        return self._random.randint(low, high)


class Variables:
    """The variables of an operation."""

    def __init__(self, drawn: Chance) -> None:
        self._drawn = drawn
        self._names = 0
        self.declared: list[str] = []
        self.values: dict[str, Any] = {}

    @property
    def declaration(self) -> str:
        """As an operation declares them."""
        return f"({', '.join(self.declared)})" if self.declared else ""

    def next(self) -> int:
        """A number that no name in the operation has yet."""
        self._names += 1
        return self._names

    def add(self, type_: str, value: Any, literal: str | None = None) -> str:
        """Declare a variable for a value, which may be its default; how it stands in its place."""
        name = f"v{self.next()}"
        if literal is not None and not type_.endswith("!") and self._drawn.chance(25):
            self.declared.append(f"${name}: {type_} = {literal}")
        else:
            self.declared.append(f"${name}: {type_}")
            self.values[name] = value
        return f"${name}"
