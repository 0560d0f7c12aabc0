"""Rich text: Markdown rendered once, when it is written."""

import re
from collections.abc import Iterable
from typing import Any

import nh3
import pyromark

# CommonMark with tables.
_PARSER = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)

DEEPEST = 100
"""How deep quotes and lists may lie within one another: rendering takes the square of it."""

Forms = dict[str, str]
"""The forms of a text; see `schema.entities.twins.RICH_TEXT_FORMS`."""


def render(markdown: str) -> Forms:
    """The forms of `schema.entities.twins.RICH_TEXT_FORMS`.

    Raw HTML stays text: nh3 is the second lock on the same door.
    """
    source = _without_html(markdown) if "<" in markdown else markdown
    html = nh3.clean(_PARSER.html(source)).strip()
    return {"markdown": markdown, "html": html, "text": _text(_PARSER.events(source))}


def depth(markdown: str) -> int:
    """How deep quotes, lists and emphasis lie within one another."""
    now = most = 0
    for event in _PARSER.events(markdown, merge_text=False):
        if "Start" in event:
            now += 1
            most = max(most, now)
        elif "End" in event:
            now -= 1
    return most


_ROUNDS = 10
# But for the sign of a quote, which may stand before a line of a tag.
_PUNCTUATION = re.compile(rb"[!-/:-=?@[-`{-~]")


def _without_html(markdown: str) -> str:
    """The Markdown that reads as another one does with its HTML as text: each sign is escaped.

    What comes after may read differently then, and have HTML that was none before. Only nonsense
    has that again and again; nh3 takes it out.
    """
    for _ in range(_ROUNDS):
        source = markdown.encode()
        pieces, end = [], 0
        for event, place in _PARSER.events_with_range(markdown):
            if "Html" in event or "InlineHtml" in event:
                pieces.append(source[end : place["start"]])
                end = place["end"]
                # Lines that are indented would be code.
                html = source[place["start"] : end].lstrip(b" \t")
                pieces.append(_PUNCTUATION.sub(rb"\\\g<0>", html))
        if not pieces:
            break
        markdown = b"".join([*pieces, source[end:]]).decode()
    return markdown


_BREAKS = {"SoftBreak": " ", "HardBreak": "\n"}
_INLINE = {"Emphasis", "Strong", "Link", "Image"}


def _text(events: Iterable[Any]) -> str:
    """What remains without markup, a blank line between blocks; of an image what stands for it."""
    blocks = [""]
    for event in events:
        [(kind, value)] = [(event, "")] if isinstance(event, str) else event.items()
        if kind in {"Text", "Code"}:
            blocks[-1] += value
        elif kind in _BREAKS:
            blocks[-1] += _BREAKS[kind]
        elif (value if isinstance(value, str) else next(iter(value))) not in _INLINE:
            blocks.append("")
    return "\n\n".join(filter(None, (block.strip() for block in blocks)))
