"""The locales that content is served in, as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Locales:
    """The codes that are known, and the one served where a request names none."""

    codes: frozenset[str]
    default: str
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Where the texts come from that a locale lacks, in this order."""

    def chain(self, code: str) -> tuple[str, ...]:
        """The locales that a text of one of them is looked for in, in this order."""
        return (code, *self.fallbacks.get(code, ()))

    def in_order(self, codes: Iterable[str]) -> list[str]:
        """The default first, and each after those that it falls back to."""
        return sorted(codes, key=lambda code: (code != self.default, len(self.chain(code)), code))
