"""What people write to search for something, taken apart.

    java spring           both
    java or kotlin        one of them
    "spring boot"         next to each other, and as they are
    -php                  not this one

Which words there are in each is told by the database, as it tells those of the items.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_PIECE = re.compile(r'(?P<negated>-?)(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+))')
_OR = "or"


class Term(NamedTuple):
    """Words that belong together: those within quotes, or what is written without a space."""

    text: str
    quoted: bool = False
    negated: bool = False


Alternatives = list[list[Term]]
"""One of these lists has to fit, and all terms that are in it."""


def terms(written: str) -> Alternatives:
    """What a text asks for."""
    found: Alternatives = [[]]
    for each in _pieces(written):
        if each is None:
            found.append([])
        else:
            found[-1].append(each)
    return [each for each in found if each]


def as_json(written: str) -> str:
    """What a text asks for, as the database takes it."""
    return json.dumps([[each._asdict() for each in items] for items in terms(written)])


def _pieces(written: str) -> Iterator[Term | None]:
    """Terms, and None where an alternative begins."""
    pieces = [*_PIECE.finditer(written)]
    for number, piece in enumerate(pieces):
        if piece["word"] is None:
            yield Term(piece["quoted"], quoted=True, negated=bool(piece["negated"]))
        elif piece[0].lower() == _OR and 0 < number < len(pieces) - 1:
            yield None
        else:
            yield Term(piece["word"], negated=bool(piece["negated"]))
