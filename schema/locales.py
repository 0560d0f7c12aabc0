"""The locales that content is served in, as a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Locales:
    """The known locales, and the default one, which is served if a request names none."""

    codes: frozenset[str]
    default: str
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """By locale, the locales that its missing texts are taken from, in order."""

    def match(self, tag: str) -> str | None:
        """The locale with a tag, in upper or lower case as BCP 47 has it; None if there is none."""
        return self._by_tag.get(tag.lower())

    @cached_property
    def _by_tag(self) -> Mapping[str, str]:
        return {code.lower(): code for code in self.codes}

    def chain(self, code: str) -> tuple[str, ...]:
        """The locale itself, then its fallbacks: the order in which a text is looked up."""
        return (code, *self.fallbacks.get(code, ()))

    def in_order(self, codes: Iterable[str]) -> list[str]:
        """The default locale first, and every locale after its fallbacks."""
        return sorted(codes, key=lambda code: (code != self.default, len(self.chain(code)), code))
