"""Rich text: Markdown, rendered once, when it is saved.

It is CommonMark with GitHub's tables, strikethrough and task lists. HTML and footnotes stay text.
docs/markdown.md says so to authors.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import nh3
import pyromark
from pyromark import Options

_OPTIONS = Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_TASKLISTS
_PARSER = pyromark.Markdown(options=_OPTIONS)
_FINDER = pyromark.Markdown(options=_OPTIONS | Options.ENABLE_FOOTNOTES)
"""Parses footnotes too, so that they can be kept from being parsed as links."""

DEEPEST = 100
"""How deep quotes and lists may nest; the time to render them grows with the square of it."""

LARGEST_HTML = 1_000_000
"""The most characters of HTML; a wide table is large because its short rows are filled up."""

Forms = dict[str, str]
"""The forms of a text, by name; see `schema.entities.live_tables.RICH_TEXT_FORMS`."""


def render(markdown: str) -> Forms:
    """The forms of a text: its Markdown, sanitized HTML and plain text.

    Raw HTML stays text already; nh3 is the second lock on the same door.
    """
    source = _supported(markdown)
    html = _CLEANER.clean(_html(source)).strip()
    return {"markdown": markdown, "html": html, "text": _text(_PARSER.events(source))}


def check(markdown: str) -> None:
    """Raise `ValueError` for a text that would take long to render, or become very large."""
    source = _supported(markdown)
    if (levels := _depth(source)) > DEEPEST:
        raise ValueError(f"nests {levels:,} levels deep; at most {DEEPEST} are allowed")
    if (size := len(_html(source))) > LARGEST_HTML:
        raise ValueError(
            f"renders to {size:,} characters of HTML; at most {LARGEST_HTML:,} are allowed (every "
            "row of a table gets as many cells as its head)"
        )


def _depth(source: str) -> int:
    """How deep quotes, lists and emphasis nest."""
    now = most = 0
    for event in _PARSER.events(source, merge_text=False):
        if "Start" in event:
            now += 1
            most = max(most, now)
        elif "End" in event:
            now -= 1
    return most


_TABLES = {
    f'<{tag} style="text-align: {side}">': f'<{tag} align="{side}">'
    for tag in ("th", "td")
    for side in ("left", "center", "right")
} | {"<tbody>\n</tbody>": ""}
"""Replacements that make tables as in GitHub's specification.

That is without styles, which the content security policies of sites forbid.
"""


def _html(source: str) -> str:
    html = _PARSER.html(source)
    for made, wanted in _TABLES.items():
        html = html.replace(made, wanted)
    return html


_BLOCKS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_INLINES = {"a", "br", "code", "del", "em", "img", "input", "strong"}
_CELLS = {"table", "tbody", "td", "th", "thead", "tr"}
_ALIGNMENTS = {"align": {"left", "center", "right"}}


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute of an allowed tag; None removes the attribute.

    Of classes, only the language of a block of code stays.
    """
    if (tag, name) != ("code", "class"):
        return value
    language, *_ = value.split() or [""]
    return language if language.startswith("language-") else None


_CLEANER = nh3.Cleaner(
    tags=_BLOCKS | _INLINES | _CELLS,
    attributes={
        "a": {"href", "title"},
        "code": {"class"},
        "img": {"src", "alt", "title"},
        "ol": {"start"},
    },
    tag_attribute_values={
        "td": _ALIGNMENTS,
        "th": _ALIGNMENTS,
        "input": {"type": {"checkbox"}, "disabled": {""}, "checked": {""}},
    },
    set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
    attribute_filter=_attribute,
)
"""Keeps the HTML that Markdown becomes here, and nothing else."""

_ROUNDS = 10
# All punctuation except `>`, which may be the sign of a quote before a line of a tag.
_PUNCTUATION = re.compile(rb"[!-/:-=?@[-`{-~]")


def _supported(markdown: str) -> str:
    """Markdown in which HTML and footnotes are escaped, so that they stay text.

    What follows an escaped piece may parse differently then, and contain HTML that was none before.
    So this is repeated. Only nonsense is left after so many rounds; nh3 removes its HTML.
    """
    for _ in range(_ROUNDS):
        source = markdown.encode()
        pieces, end = [], 0
        for start, stop in _unsupported(markdown):
            # Indented lines of HTML would become code.
            signs = _PUNCTUATION.sub(rb"\\\g<0>", source[start:stop].lstrip(b" \t"))
            pieces += [source[end:start], signs]
            end = stop
        if not pieces:
            break
        markdown = b"".join([*pieces, source[end:]]).decode()
    return markdown


def _unsupported(markdown: str) -> Iterator[tuple[int, int]]:
    """The positions of HTML, and of the bracket at the start of a footnote or a reference to one.

    They are offsets in the text encoded as UTF-8.
    """
    if "<" not in markdown and "[^" not in markdown:
        return
    for event, place in _FINDER.events_with_range(markdown):
        if isinstance(event, str):
            continue
        if "Html" in event or "InlineHtml" in event:
            yield place["start"], place["end"]
        elif "FootnoteReference" in event or (
            "Start" in event and "FootnoteDefinition" in event["Start"]
        ):
            yield place["start"], place["start"] + 1


_BREAKS = {"SoftBreak": " ", "HardBreak": "\n"}
_INLINE = {"Emphasis", "Strong", "Strikethrough", "Link", "Image"}


def _text(events: Iterable[Any]) -> str:
    """The text without markup, with a blank line between blocks.

    An image is its alternative text.
    """
    blocks: list[list[str]] = [[]]
    for event in events:
        [(kind, value)] = [(event, "")] if isinstance(event, str) else event.items()
        if kind in {"Text", "Code"}:
            blocks[-1].append(value)
        elif kind in _BREAKS:
            blocks[-1].append(_BREAKS[kind])
        elif kind == "TaskListMarker":
            blocks[-1].append("[x] " if value else "[ ] ")
        elif (value if isinstance(value, str) else next(iter(value))) not in _INLINE:
            blocks.append([])
    return "\n\n".join(filter(None, map(_block, blocks)))


def _block(pieces: Iterable[str]) -> str:
    """The text of a block, without blank lines before it.

    Indentation at the start belongs to a line of code.
    """
    text = "".join(pieces).rstrip()
    return re.sub(r"\A\s*\n", "", text)
