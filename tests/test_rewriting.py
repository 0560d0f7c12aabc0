"""Texts in YAML, changed where they say something else, and comments with their entries."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from service.documents.emitting import renewed
from service.documents.matching import frozen, same
from service.documents.parsing import value_of
from tests.soaking import rounds, seeded
from tests.yaml_texts import changed, texts

FEW = settings(max_examples=40)

EXAMPLES = [
    # The entry goes, and its comment.
    (
        "a:\n  - swift  # source 2024\n  - proximus  # by phone\n",
        {"a": ["proximus"]},
        "a:\n  - proximus  # by phone\n",
    ),
    # It moves, and its comments.
    (
        "a:\n# one\n# of two\n- one # 1\n- two\n# b\nb: x\n",
        {"a": ["two", "one"], "b": "x"},
        "a:\n- two\n# one\n# of two\n- one # 1\n# b\nb: x\n",
    ),
    # What a blank line divides from an entry is about more than that one.
    (
        "a:\n  # all of them\n\n  # one\n  - one\n  - two\n  # and so on\nb: x\n",
        {"a": ["two"], "b": "x"},
        "a:\n  # all of them\n\n  - two\n  # and so on\nb: x\n",
    ),
    # A key of a map.
    (
        "# head\n\na: x # a\n# b\nb:\n  c: y # c\n  # in b\n# d\nd: z # d\n",
        {"a": "w", "d": "one\ntwo"},
        "# head\n\na: w # a\n# d\nd: |- # d\n  one\n  two\n",
    ),
    ("a: | # a\n  one\n\n# b\nb: x\n", {"a": "two", "b": "x"}, "a: two # a\n\n# b\nb: x\n"),
    # New ones stand behind what is before them.
    (
        "a: 1 # a\nc: 3 # c\n",
        {"a": 1, "b": {"en": "x"}, "c": 3, "d": ["w"]},
        "a: 1 # a\nb:\n  en: x\nc: 3 # c\nd:\n  - w\n",
    ),
    # Parts are known by what tells them apart.
    (
        "parts:\n  # j\n  - level: A # 1\n    to: 1\n  # m\n  - level: B # 2\n    to: 2 # b\n",
        {"parts": [{"level": "C", "to": 1}, {"level": "B", "to": 3}]},
        "parts:\n  - level: C\n    to: 1\n  # m\n  - level: B # 2\n    to: 3 # b\n",
    ),
    (
        "parts: [{level: MID, to: 1}, {level: LEAD, to: 2}] # all\n",
        {"parts": [{"level": "LEAD", "to": 3}, {"level": "MID", "to": 1}]},
        "parts: [{level: LEAD, to: 3}, {level: MID, to: 1}] # all\n",
    ),
    # Or by being most alike.
    (
        "a:\n  - {en: x, nl: y} # one\n  - {en: z} # two\n",
        {"a": [{"en": "z", "nl": "w"}, {"en": "x", "nl": "v"}]},
        "a:\n  - {en: z, nl: w} # two\n  - {en: x, nl: v} # one\n",
    ),
    # Anchors stay as long as what they stand for is the same.
    (
        "name: &n {en: x} # n\nplural: *n # p\n",
        {"name": {"en": "x"}, "plural": {"en": "w"}},
        "name: &n {en: x} # n\nplural: # p\n  en: w\n",
    ),
    (
        "name: &n {en: x} # n\nplural: *n # p\n",
        {"name": {"en": "w"}, "plural": {"en": "x"}},
        "name: &n {en: w} # n\nplural: # p\n  en: x\n",
    ),
    (
        "name: &n {en: x}\nplural: *n # p\nabout: {en: z}\n",
        {"name": {"en": "x"}, "plural": {"en": "x"}, "about": {"en": "w"}},
        "name: &n {en: x}\nplural: *n # p\nabout: {en: w}\n",
    ),
    (
        "name: &n\n  en: x # e\nplural:\n  <<: *n # m\n  nl: y\n",
        {"name": {"en": "x"}, "plural": {"en": "z", "nl": "y"}},
        "name: &n\n  en: x # e\nplural:\n  en: z\n  <<: *n # m\n  nl: y\n",
    ),
    (
        "name: &n\n  en: x # e\nplural:\n  <<: *n # m\n  nl: y # n\n",
        {"name": {"en": "x"}, "plural": {"nl": "y"}},
        "name: &n\n  en: x # e\nplural:\n  nl: y # n\n",
    ),
    # Tags and odd spaces.
    (
        "a:   !!str 12 # a\n'b' :\t!!str 13\t# b\n",
        {"a": "12", "b": "14"},
        "a:   !!str 12 # a\n'b' : '14'\t# b\n",
    ),
    ("--- {a: x, b: y} # all\n...\n", {"a": "z", "c": "w"}, "--- {a: z, c: w} # all\n...\n"),
]
"""A text, what it has to say, and the text that does."""


def test_a_file_says_what_is_exported_whatever_it_said_and_however() -> None:
    def check(text: str, data: st.DataObject) -> None:
        try:
            before = value_of(text)
            # No document holds itself, as a text can.
            frozen(before)
            wanted = data.draw(changed(before))
        except (YAMLError, ValueError, LookupError, TypeError, RecursionError):
            assume(False)
        assume(isinstance(before, dict) and wanted)
        assert same(value_of(renewed(text, wanted)), wanted)
        assert renewed(text, before) == text

    for number in rounds(FEW.max_examples, share=0.5):
        seeded(FEW(given(text=texts(), data=st.data())(check)), number)()


def test_a_comment_belongs_to_the_entry_that_it_stands_at_or_above() -> None:
    def check(data: st.DataObject) -> None:
        text, before = data.draw(commented())
        after = data.draw(st.permutations([*before, "new"]))[data.draw(st.integers(0, 3)) :]
        found = renewed(text, {"a": after, "b": ["last"]})
        assert value_of(found) == {"a": after, "b": ["last"]}
        kept = {f"{where} {each}" for each in [*before, "last"] for where in ("above", "beside")}
        kept = {each for each in kept if f"# {each}\n" in text}
        kept -= {each for each in kept if each.split()[1] not in [*after, "last"]}
        lines = found.splitlines()
        said = re.findall("# ((?:above|beside) .*)", found)
        assert sorted(said) == sorted(kept)
        for line, following in pairwise([*lines, ""]):
            if beside := re.search("(.*)# beside (.*)", line):
                assert beside[2] in beside[1]
            if above := re.search("# above (.*)", line):
                assert above[1] in following

    for number in rounds(FEW.max_examples, share=0.5):
        seeded(FEW(given(data=st.data())(check)), number)()


@st.composite
def commented(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text with comments at the items of a list, and those items."""
    items = draw(
        st.lists(st.sampled_from(["one", "two", "three", "four"]), min_size=1, unique=True)
    )
    flow, some = draw(st.booleans()), st.booleans()
    above, beside = st.sampled_from(["", "    # above {}\n"]), st.sampled_from(["", " # beside {}"])
    dash, comma, margin = ("", ",", 4) if flow else ("- ", "", draw(st.sampled_from([0, 2])))
    lines = [
        f"{draw(above).format(each)[4 - margin :]}{' ' * margin}{dash}{each}"
        f"{comma}{draw(beside).format(each)}\n"
        for each in items
    ]
    opened, closed = ("a: [\n", "    ]\n") if flow else ("a:\n", "")
    last = f"{draw(st.sampled_from(['', '# above last' + chr(10)]))}b: [last]"
    return (
        f"{opened}{''.join(lines)}{closed}{last}{' # beside last' if draw(some) else ''}\n",
        items,
    )


@pytest.mark.parametrize(("text", "wanted", "found"), EXAMPLES)
def test_what_is_different_is_put_where_it_belongs(
    text: str, wanted: dict[str, Any], found: str
) -> None:
    assert renewed(text, wanted, {"parts": ["level"]}) == found
    assert value_of(found) == wanted
