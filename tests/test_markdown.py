"""Rich text, from Markdown to its forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.entities.fields import Format
from schema.model import content_model
from service.documents.formats import reader_of
from service.documents.markdown import _CLEANER, LARGEST_HTML, render

FIELD = next(each for each in content_model()["Guide"].written() if each.format is Format.RICH_TEXT)


def test_the_forms() -> None:
    forms = render("a\nb  \nc ![i *j*](k.png)\n\n| x |\n|---|\n| 1 |\n\n    code")
    assert forms["text"] == "a b\nc i j\n\nx\n\n1\n\ncode"
    assert "<table>" in forms["html"]
    assert forms["markdown"].startswith("a\nb")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# *a* `b < c`\n\n- d\n- e\n  1. f\n\n> g", "a b < c\n\nd\n\ne\n\nf\n\ng"),
        ("- a\n  ***\n  b", "a\n\nb"),
        ("```sh\nmake  test\n\nmake\n```", "make  test\n\nmake"),
        ("A list of type `List<T>`, or List<T>", "A list of type List<T>, or List<T>"),
        ("see <https://example.org>", "see https://example.org"),
    ],
)
def test_the_text_is_what_remains_without_markup(markdown: str, text: str) -> None:
    assert render(markdown)["text"] == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("a <b>*c*</b> <!-- d -->", "a <b>c</b> <!-- d -->"),
        ('a <i title="`*x*`">b', 'a <i title="`*x*`">b'),
        ("<div>\n    *a* &amp;\n\n</div>", "<div> *a* &amp;\n\n</div>"),
        ("> - <pre>\n>   1. a\n>\n>   b\n>   </pre>", "<pre> 1. a\n\nb </pre>"),
        ("<!-- a\n\n    b\n-->", "<!-- a\n\nb -->"),
        ("é <script>alert(1)</script>", "é <script>alert(1)</script>"),
        # A table is none any more after what was HTML, and the two lines are one tag.
        ("- </p>\n| a |\n|---|\n<a\n b='`'>", "</p> | a | |---| <a b='`'>"),
    ],
)
def test_html_stays_text(markdown: str, text: str) -> None:
    assert render(markdown)["text"] == text


PIECES = [*"a*`|\\\n", "\n\n", "    ", "- ", "1. ", "> ", "|-|\n", "[a](b)", "&lt;"]
PIECES += ["[^1]", "[^1]: ", "[x] ", "~~", "```\n"]
TAGS = [
    "<i>",
    "</i>",
    "<p>\n",
    "</p>\n",
    "<!-- ",
    "-->",
    "<script>",
    "</script>",
    "<",
    "<a\nb='`'>",
]


@given(st.lists(st.sampled_from(PIECES + TAGS), max_size=12).map("".join))
def test_no_html_gets_through(markdown: str) -> None:
    html = render(markdown)["html"]
    assert not any(tag in html for tag in ("<i>", "<script", "<!--"))
    # Of links there are those of Markdown only.
    assert html.count("<a ") == html.count('href="b"')
    if "script" in markdown and 'class="language-' not in html:
        assert "script" in render(markdown)["text"]


def test_what_nests_too_deep_is_refused() -> None:
    read = reader_of(FIELD)
    # A list and its item are two levels, and what is said in the last one.
    assert render(read("- " * 49 + "> a"))["html"].count("<li>") == 49
    with pytest.raises(ValueError, match=r"nests 102 levels deep; at most 100 are allowed"):
        read("- " * 50 + "> a")
    with pytest.raises(ValueError, match="nests 99,999 levels deep"):
        read(">" * 99_999)
    # Quotes that were HTML are quotes where HTML is text.
    with pytest.raises(ValueError, match="nests 5,000 levels deep"):
        read("<div>\n" + ">" * 5_000)
    with pytest.raises(ValueError, match="nests 5,000 levels deep"):
        read("<!--\n" + "> " * 5_000)


def test_what_becomes_much_more_html_than_it_is_text_is_refused() -> None:
    read = reader_of(FIELD)
    head = "|a" * 100 + "\n" + "|-" * 100 + "\n"
    assert len(render(read(head + "a\n" * 900))["html"]) < LARGEST_HTML
    message = r"renders to 1,0\d\d,\d\d\d characters of HTML; at most 1,000,000 are allowed"
    with pytest.raises(ValueError, match=message):
        read(head + "a\n" * 1_100)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            "|a|b|\n|:-:|-|\n|1|2|",
            '<td align="center">1</td><td>2</td>',
        ),
        ("```python\nx\n```", '<pre><code class="language-python">x\n</code></pre>'),
        # HTML knows a class by its name, up to white space of any kind.
        ("```c++\tevil&#10;class\nx\n```", '<code class="language-c++">'),
        ("```&quot;><i>\nx\n```", '<code class="language-&quot;&gt;&lt;i&gt;">'),
        ("- [x] a", '<li><input disabled="" type="checkbox" checked="">\na</li>'),
        ("~~a~~ ~b~", "<p><del>a</del> <del>b</del></p>"),
        ("a[^1]\n\n[^1]: b *c*", "<p>a[^1]</p>\n<p>[^1]: b <em>c</em></p>"),
        ("[^1]\n\n[^1]: b", "<p>[^1]</p>\n<p>[^1]: b</p>"),
        ("https://example.org", "<p>https://example.org</p>"),
        ("<https://example.org>", '<p><a href="https://example.org" rel="noopener noreferrer">'),
    ],
)
def test_what_is_supported(markdown: str, html: str) -> None:
    assert html in render(markdown)["html"]


def test_the_second_lock_lets_through_what_markdown_becomes_and_nothing_else() -> None:
    assert _CLEANER.clean(
        '<table><thead><tr><th align="justify" class="x">a</th></tr></thead><tbody>'
        '<tr><td style="text-align: center" align="left" onclick="x">b</td></tr></tbody></table>'
        '<form action="x">c</form><p class="language-a" id="location"><code class="evil">d</code>'
        '<input disabled="" type="text" name="x"><a href="javascript:x" target="x">e</a></p>'
    ) == (
        "<table><thead><tr><th>a</th></tr></thead><tbody>"
        '<tr><td align="left">b</td></tr></tbody></table>'
        "c<p><code>d</code>"
        '<input disabled="" type="checkbox"><a rel="noopener noreferrer">e</a></p>'
    )
