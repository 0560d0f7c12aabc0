"""What is kept for the next time, within a budget of memory.

A segmented LRU cache. What is new is on trial, in a fifth of the budget; what is asked for again
moves to the rest. Who sends ever new documents thus pushes out other new ones, and not those that
are in use.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ON_TRIAL = 0.2


class Cache(Generic[K, V]):
    """Values by key, the least used given up where they weigh more than the budget together."""

    def __init__(self, budget: int) -> None:
        self._new = _Segment[K, V](int(budget * ON_TRIAL))
        self._used = _Segment[K, V](budget - self._new.budget)
        self.evictions = 0
        """How many values were given up for others."""

    def __len__(self) -> int:
        return len(self._new.entries) + len(self._used.entries)

    @property
    def weight(self) -> int:
        """What the values that are kept weigh together."""
        return self._new.weight + self._used.weight

    def get(self, key: K) -> V | None:
        """The value that is kept, if one is; it is in use from now on."""
        found = self._used.get(key)
        if found is None:
            found = self._new.take(key)
            if found is None:
                return None
            self._use(key, found)
        return found[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep a value on trial; one that weighs more than there is room for is not kept."""
        self._used.take(key)
        self._try(key, (value, weight))

    def _use(self, key: K, entry: tuple[V, int]) -> None:
        for demoted in self._used.put(key, entry):
            self._try(*demoted)

    def _try(self, key: K, entry: tuple[V, int]) -> None:
        self.evictions += len(self._new.put(key, entry))


class _Segment(Generic[K, V]):
    """Entries in the order in which they were used."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.weight = 0

    def get(self, key: K) -> tuple[V, int] | None:
        """The entry of a key, which is now the one that was used last."""
        found = self.entries.get(key)
        if found is not None:
            self.entries.move_to_end(key)
        return found

    def take(self, key: K) -> tuple[V, int] | None:
        """Remove and answer the entry of a key."""
        found = self.entries.pop(key, None)
        self.weight -= found[1] if found else 0
        return found

    def put(self, key: K, entry: tuple[V, int]) -> list[tuple[K, tuple[V, int]]]:
        """Add an entry; the ones that there is no room for any more, the oldest first."""
        self.take(key)
        self.entries[key] = entry
        self.weight += entry[1]
        given_up = []
        while self.weight > self.budget:
            oldest, (value, weight) = self.entries.popitem(last=False)
            self.weight -= weight
            given_up.append((oldest, (value, weight)))
        return given_up
