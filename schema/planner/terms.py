"""The text of a search, parsed.

    java spring           both words
    java or kotlin        at least one of the words
    "spring boot"         exactly these words, next to each other
    -php                  not this word

The database splits terms into words, in the same way as the texts of items.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_PIECE = re.compile(r'(?P<negated>-?)(?:"(?P<quoted>[^"]*)"?|(?P<word>[^\s"]+))')
_OR = "or"


class Term(NamedTuple):
    """Words that belong together: those in quotes, or a text without white space."""

    text: str
    quoted: bool = False
    negated: bool = False


Alternatives = list[list[Term]]
"""Lists of terms: an item has to match all terms of at least one list."""


def terms(written: str) -> Alternatives:
    """Parse the text of a search."""
    found: Alternatives = [[]]
    for each in _pieces(written):
        if each is None:
            found.append([])
        else:
            found[-1].append(each)
    return [each for each in found if each]


def as_json(written: str) -> str:
    """The terms of a text, as JSON for the database function `service.search_query`."""
    return json.dumps([[each._asdict() for each in items] for items in terms(written)])


def _pieces(written: str) -> Iterator[Term | None]:
    """The terms, with None before each further alternative."""
    pieces = [*_PIECE.finditer(written)]
    for number, piece in enumerate(pieces):
        if piece["word"] is None:
            yield Term(piece["quoted"], quoted=True, negated=bool(piece["negated"]))
        elif piece[0].lower() == _OR and 0 < number < len(pieces) - 1:
            yield None
        else:
            yield Term(piece["word"], negated=bool(piece["negated"]))
