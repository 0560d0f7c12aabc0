"""Rich text against the examples of the specifications that it follows.

CommonMark's and GitHub's are in `tests/markdown`, with their licence.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from service.documents.markdown import render

EXAMPLES = Path(__file__).parent / "markdown"
HTML_IS_TEXT = {
    *(21, 31, *range(148, 192), 308, 309, 344, 475, 476, 477, 491, 524, 536),
    *(*range(613, 618), 623, *range(625, 632), 642, 643),
    # What was no address because of its HTML is one.
    *(201, 494),
}
NOT_A_LINK = {598, 599, 601}
"""The address has a scheme that no browser knows."""


@pytest.mark.parametrize(
    ("specification", "differing"),
    [("commonmark", HTML_IS_TEXT | NOT_A_LINK), ("gfm", set[int]())],
)
def test_it_is_rendered_as_the_specification_says(specification: str, differing: set[int]) -> None:
    examples = json.loads((EXAMPLES / f"{specification}.json").read_text("utf-8"))["examples"]
    assert examples
    found = {
        each["example"]
        for each in examples
        if meaning(render(each["markdown"])["html"]) != meaning(each["html"])
    }
    assert found == differing


def test_what_makes_a_difference() -> None:
    assert meaning("<p>a <em>b</em>\n</p>\n") == meaning("<p> a <em>b</em></p>")
    assert meaning("<p>a <em>b</em></p>") != meaning("<p>a<em>b</em></p>")
    assert meaning("<pre>a \n b</pre>") != meaning("<pre>a b</pre>")
    assert meaning('<a href="b" rel="c">') == meaning('<a href="b">') != meaning("<a>")


def meaning(html: str) -> list[object]:
    """HTML without what makes no difference, and without what is said of every link."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return parser.found


_INLINE = {"a", "br", "code", "del", "em", "img", "input", "strong"}


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = [""]
        self._kept = 0
        self._after_block = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, (tag, sorted(each for each in attrs if each[0] != "rel")))
        self._kept += tag == "pre"

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._kept -= tag == "pre"
        self._tag(tag, f"/{tag}")

    def handle_data(self, data: str) -> None:
        text = f"{self.found.pop()}{data}"
        if not self._kept:
            text = re.sub("[ \n\t]+", " ", text)
            text = text.lstrip(" ") if self._after_block else text
        self.found.append(text)

    def handle_comment(self, data: str) -> None:
        self.found.append(data)

    def _tag(self, tag: str, said: object) -> None:
        self._after_block = tag not in _INLINE
        if self._after_block and not self._kept:
            self.found.append(str(self.found.pop()).rstrip(" "))
        self.found += [said, ""]
