"""Pieces of messages: values, names and problems, so that neither a line nor a list is too long."""

from collections.abc import Iterable, Sequence

LONGEST_LINE = 2_000
"""The most characters in a line of a message."""
FEW = 3
"""How many of many names or equal problems are listed."""


def shortened(text: str, longest: int = LONGEST_LINE) -> str:
    """The text, or its beginning and its length if it has more than `longest` characters."""
    if len(text) <= longest:
        return text
    return f"{text[: longest - 1]}… ({len(text):,} characters)"


def some(names: Sequence[str]) -> str:
    """Names in a line; of many, the first few and the number of the others."""
    if len(names) <= FEW + 1:
        return ", ".join(names)
    return f"{', '.join(names[:FEW])} and {len(names) - FEW:,} others"


def listed(problems: Iterable[tuple[str, str, object]]) -> list[str]:
    """Problems as lines; equal ones are one line if there are more than a few.

    A problem is where it is, what it is, and a key that equal problems share.
    """
    equal: dict[object, list[tuple[str, str]]] = {}
    for where, what, key in problems:
        equal.setdefault(key, []).append((where, what))
    return [line for group in equal.values() for line in _lines(group)]


def _lines(group: Sequence[tuple[str, str]]) -> list[str]:
    """The lines for equal problems."""
    lines = [shortened(": ".join(filter(None, each))) for each in group]
    if len(group) <= FEW:
        return lines
    places = [where for where, _ in group[1:FEW] if where]
    also = f": also {', '.join(places)} and {len(group) - FEW:,} others" if places else ""
    return [f"{lines[0]} ({len(group):,} times{also})"]
