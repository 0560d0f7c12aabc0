"""Rich text: Markdown rendered once, when it is written."""

from collections.abc import Iterable, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

# CommonMark with tables. Raw HTML stays text: nh3 is the second lock on the same door.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


Forms = dict[str, str]
"""The forms of a text; see `schema.entities.twins.RICH_TEXT_FORMS`."""


def render(markdown: str) -> Forms:
    """The forms of `schema.entities.twins.RICH_TEXT_FORMS`."""
    tokens = _PARSER.parse(markdown)
    html = nh3.clean(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return {"markdown": markdown, "html": html.strip(), "text": _text(tokens)}


def render_all(markdown: Iterable[str]) -> dict[str, Forms]:
    """The forms of many texts, by what they are written as."""
    return {each: render(each) for each in markdown}


def _text(tokens: Sequence[Token]) -> str:
    """What remains without markup, a blank line between blocks."""
    blocks = (_inline(token) if token.type == "inline" else token.content for token in tokens)
    return "\n\n".join(filter(None, (block.strip() for block in blocks)))


def _inline(token: Token) -> str:
    """The text of a token's children; of an image that which stands for it."""
    return "".join(
        _BREAKS.get(child.type) or (_inline(child) if child.children else child.content)
        for child in token.children or ()
    )


_BREAKS = {"softbreak": " ", "hardbreak": "\n"}
