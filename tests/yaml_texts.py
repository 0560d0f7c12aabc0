"""YAML as people write it, made up by chance: every style, comments, anchors, tags and tabs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from service.documents.rendering import flow

T = TypeVar("T")

PLAIN = [
    *("x", "two words", "é", "漢", "12", "yes", "NO", "no", "=", "<<", "2026-01-31", "1:30", "0o7"),
    *("true", "null", "~", "", "a: b", "a #b", "- a", "[a", "{a", "'", '"', "&a", "*a", "!a", "%a"),
    *(
        "one\ntwo",
        "one\n\n two\n",
        "end\n",
        "end\n\n",
        " lead",
        "trail ",
        "tab\there",
        "\u00a0",
        "?",
    ),
]
SCALARS = st.sampled_from(PLAIN) | st.integers(-20, 20) | st.booleans() | st.none()
NAMES = st.sampled_from(["a", "b", "c", "en", "no", "long name"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=5)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The text of a file; it is not always one that can be read."""
    writer = _Writer(draw)
    document = draw(DOCUMENTS)
    head = draw(
        st.sampled_from(["", "", "# head\n\n", "---\n", "--- # head\n", "%YAML 1.2\n---\n"])
    )
    is_flow = draw(st.integers(0, 9)) == 0
    body = f"{writer.flow(document, 0)}\n" if is_flow else writer.mapping(document, 0)
    text = head + body + draw(st.sampled_from(["", "", "# foot\n", "...\n", "\n\n"]))
    if draw(st.integers(0, 4)) == 0:
        place = draw(st.integers(0, len(text)))
        end = place + draw(st.integers(0, 2))
        odd = draw(
            st.sampled_from(
                ["\t", " ", "\n", "#", "? ", "- ", ",", "&a ", "!", "\u2028", "\x85", ":"]
            )
        )
        text = text[:place] + odd + text[end:]
    return draw(st.sampled_from([text, text, text, text.rstrip("\n")]))


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """A value, or something like it."""
    match value:
        case Mapping():
            found = {str(key): draw(changed(each)) for key, each in value.items() if draw(_MOSTLY)}
            more = draw(st.dictionaries(NAMES, VALUES, max_size=1))
            return draw(st.sampled_from([found, {**more, **found}, {**found, **more}]))
        case list():
            kept = [draw(changed(each)) for each in value if draw(_MOSTLY)]
            return draw(st.permutations(kept + draw(st.lists(VALUES, max_size=1))))
    return value if draw(_MOSTLY) else draw(VALUES)


_MOSTLY = st.sampled_from([True, True, True, False])


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._anchors: list[str] = []
        self._comments = 0
        # Few texts have tabs, and those that do are often none that can be read.
        self._wide = self._of(["  ", "  ", "  ", "\t"])

    def mapping(self, value: Mapping[str, Any], column: int) -> str:
        """A map in block style."""
        lines = [
            f"{self._above(column)}{' ' * column}{self._name(name)}:{self._value(each, column)}"
            for name, each in value.items()
        ]
        if self._anchors and self._chance(15):
            lines.append(f"{' ' * column}<<: *{self._of(self._anchors)}{self._comment()}\n")
        return "".join(lines)

    def sequence(self, value: list[Any], column: int) -> str:
        """A list in block style."""
        return "".join(self._above(column) + self._item(each, column) for each in value)

    def _item(self, value: Any, column: int) -> str:
        if isinstance(value, dict) and value and self._chance(60):
            return f"{' ' * column}- {self.mapping(value, column + 2).lstrip(' ')}"
        return f"{' ' * column}-{self._value(value, column)}"

    def _value(self, value: Any, column: int) -> str:
        """A value behind a key or a dash, to the end of its last line."""
        if self._anchors and self._chance(12):
            return f" *{self._of(self._anchors)}{self._comment()}\n"
        named = self._property(value)
        if not value or not isinstance(value, dict | list) or self._chance(30):
            return f"{named}{self._scalar_or_flow(value, column)}"
        if isinstance(value, dict):
            inner = column + self._of([1, 2, 2, 4])
            return f"{named}{self._comment()}\n{self.mapping(value, inner)}"
        return f"{named}{self._comment()}\n{self.sequence(value, column + self._of([0, 2, 2]))}"

    def _scalar_or_flow(self, value: Any, column: int) -> str:
        if isinstance(value, str) and "\n" in value and self._chance(70):
            return self._block_scalar(value, column)
        if value is None and self._chance(50):
            return f"{self._comment()}\n"
        text = self.flow(value, column)
        return f"{self._gap()}{text}{self._comment()}\n"

    def _block_scalar(self, value: str, column: int) -> str:
        style = self._of(["|", "|-", "|+", ">", ">-", "|2", "|2-"])
        margin = " " * (column + 2)
        lines = "".join(f"{margin}{line}\n" if line else "\n" for line in value.split("\n"))
        return f" {style}{self._comment()}\n{lines}"

    def flow(self, value: Any, column: int) -> str:
        """A value in flow style, or a scalar."""
        gap = f"\n{' ' * (column + 4)}" if self._chance(20) else ""
        match value:
            case dict() if value:
                entries = [
                    f"{self._json(name)}: {self.flow(each, column)}" for name, each in value.items()
                ]
                return f"{{{self._joined(entries, gap)}}}"
            case list() if value:
                return f"[{self._joined([self.flow(each, column) for each in value], gap)}]"
            case str():
                return self._json(value)
        return flow(value)

    def _joined(self, entries: list[str], gap: str) -> str:
        if not gap:
            return ", ".join(entries) + self._of(["", "", " ", ","])
        comments = [self._comment() for _ in entries]
        between = (f",{comment}" for comment in comments)
        lines = (f"{gap}{entry}{end}" for entry, end in zip(entries, between, strict=True))
        return "".join(lines) + gap

    def _json(self, text: str) -> str:
        return self._of([flow(text), json.dumps(text), json.dumps(text, ensure_ascii=False)])

    def _name(self, name: str) -> str:
        return self._of([flow(name), flow(name), json.dumps(name)])

    def _property(self, value: Any) -> str:
        if self._chance(20):
            self._anchors.append(self._of(["a", "b", "c"]))
            return f" &{self._anchors[-1]}"
        tags = {dict: "!!map", list: "!!seq", str: "!!str", int: "!!int", bool: "!!bool"}
        return f" {tags[type(value)]}" if self._chance(5) and value is not None else ""

    def _above(self, column: int) -> str:
        if not self._chance(20):
            return self._of(["", "", "", "\n"])
        self._comments += 1
        return f"{' ' * column}# above {self._comments}\n{self._of(['', '', chr(10)])}"

    def _comment(self) -> str:
        if not self._chance(20):
            return ""
        self._comments += 1
        return f"{self._gap()}# beside {self._comments}, [yes]"

    def _gap(self) -> str:
        return self._of([" ", " ", self._wide])

    def _chance(self, percent: int) -> bool:
        return self._draw(st.integers(0, 99)) < percent

    def _of(self, choices: Sequence[T]) -> T:
        return self._draw(st.sampled_from(choices))
