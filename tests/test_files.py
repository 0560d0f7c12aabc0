"""Documents in files: what YAML may hold, and what is said of files that cannot be read."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.documents.files import DocumentFile, read_documents, read_files
from service.documents.parsing import _slow, value_of
from service.documents.problems import Problem
from service.errors import GuidepostError
from tests.asking import Asker
from tests.databases import Server, load, rows
from tests.writing import GUIDE, PLACE, refused, seeds, write


@pytest.fixture(scope="module")
async def empty(server: Server, migrated: str) -> AsyncIterator[str]:
    """A database that stays without content, as all that comes is refused."""
    async with server.new(migrated) as url:
        yield url


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "bad.yaml:1: expected a map with a `type` and a `slug`"),
        ("- a\n- b\n", "bad.yaml:1: expected a map with a `type` and a `slug`"),
        ("a: [1\nb: 2\n", "bad.yaml:2: is not valid YAML: "),
        ("type: Tool\nslug: a\nslug: b\n", "bad.yaml:3: is not valid YAML: "),
        ("type: Tool\nslug: \x07\n", "bad.yaml:1: cannot be read: "),
        (
            "type: Tool\nslug: x\ndraft: !!bool maybe\n",
            (
                "bad.yaml:3: is not valid YAML: 'maybe' does not fit its tag !!bool; "
                "change one of them"
            ),
        ),
        (
            "type: Tool\nslug: x\nname: {en: !!int x}\n",
            "bad.yaml:3: is not valid YAML: 'x' does not fit its tag !!int; change one of them",
        ),
        (
            "type: Tool\nslug: x\nname:\n  en: !binary x\n",
            "bad.yaml:4: is not valid YAML: documents cannot have the tag !binary; remove it",
        ),
        (
            "type: Tool\nslug: x\nname: !!set {en}\n",
            "bad.yaml:3: is not valid YAML: documents cannot have the tag !!set; remove it",
        ),
        ("type: Tool\nslug: x\n<<: {name: {en: 5}}\n", "bad.yaml:1: name.en: expected a text"),
        ('type: Tool\nslug: x\nname: {en: "a\\ud800"}\n', "bad.yaml:3: name.en: contains half a "),
        (
            f"type: Tool\nslug: {'x' * 201}\nname: {{en: x}}\n",
            "bad.yaml:2: slug: expected a slug of ",
        ),
        (
            "type: Tool\nslug: x\nname: {en: [a, b]}\n",
            "bad.yaml:3: name.en: expected a text, got a",
        ),
        (
            "type: Role\nslug: x\nname: &n {en: x}\nplural: *n\ncareerPath: [&a {b: 1}, *a, 5]\n",
            "bad.yaml:5: careerPath[0].b: there is no such field; the fields are titles",
        ),
        ("a: &a [*a]\ntype: Tool\nslug: x\n", "bad.yaml:1: a: there is no such field"),
        ("a: " + "[" * 3000, "bad.yaml:1: cannot be read: "),
        ("slug: a\n", "bad.yaml:1: type: `type` is missing; the types are Company, Guide, "),
        ("type: Guid\n", "bad.yaml:1: type: expected a type, got 'Guid'; did you mean Guide?"),
        ("type: SalaryRange\n", "bad.yaml:1: type: expected a type, got 'SalaryRange'"),
        (
            "type: [Guide]\n",
            "bad.yaml:1: type: expected a type, got a list; the types are Company, Guide",
        ),
        ("type: Tool\nslug: x\nname: {nl: Naam}\n", "bad.yaml:3: name: has no text in 'en'"),
        ("type: Tool\nslug: x\nname: {en: 5}\n", "bad.yaml:3: name.en: expected a text, got 5"),
        ("type: Tool\nslug: x\nname: {en: a}\n5: 6\n", "bad.yaml:4: [5]: there is no such field"),
    ],
)
async def test_bad_files_are_named(empty: str, tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, fine=PLACE)
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    [found, *_] = await refused(empty, tmp_path)
    assert found.startswith(problem)


RANGES = """    salaryRanges:
      - {{level: MID, minimum: 0, currency: EUR, period: DAY, basis: NET, maximum: {} }}
"""


@pytest.mark.parametrize("number", ["123456789012345", "0.1234"])
async def test_numbers(database: str, ask: Asker, tmp_path: Path, number: str) -> None:
    await load(database, seeds(tmp_path, guide=GUIDE + RANGES.format(number)))
    data = await ask('{ guide(slug: "backend-belgium") { salaryRanges { maximum } } }')
    assert data["guide"]["salaryRanges"] == [{"maximum": float(number)}]


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("1234567890123456", "at most 15 digits"),
        ("0.1234567890123456", "at most 15 digits"),
        ("1e300", "at most 15 digits"),
        (".nan", "at most 15 digits"),
        ("true", "expected a number, got True"),
        ("&a true", "expected a number, got True"),
        ("'1'", "expected a number, got '1'"),
    ],
)
async def test_what_is_no_number_or_too_long_a_one(
    empty: str, tmp_path: Path, number: str, problem: str
) -> None:
    found = await refused(empty, seeds(tmp_path, guide=GUIDE + RANGES.format(number)))
    assert any(problem in each for each in found), found


async def test_a_date_that_is_none_is_named_where_it_stands(empty: str, tmp_path: Path) -> None:
    text = """    salaryRanges:
      - level: MID
        asOf: 2026-02-30
"""
    found = await refused(empty, seeds(tmp_path, guide=GUIDE + text))
    assert (
        "guide.yaml:8: salaryRanges[0].asOf: expected a date such as 2026-01-31, got '2026-02-30'"
        in found
    )


async def test_odd_spellings_load_once(database: str, tmp_path: Path) -> None:
    place = PLACE.replace(
        "name: {en: Belgium, nl: België}", 'name: &n {en: "\\ud83d\\ude00", nl: &x x}'
    )
    directory = write(tmp_path, place=place + "    draft: &d false\n")
    assert (await load(database, directory)).created == 1
    assert (await load(database, directory)) == (0, 0, 1, 0)
    assert await rows(database, "select name->>'en' from draft.location") == [("😀",)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: =\n", "="),
        ("a: <<\n", "<<"),
        ("a: !!str 12\n", "12"),
        ("a: !!str 12 # with\ta tab\n", "12"),
        ("a:\t!!str 12\t# or two\n", "12"),
        ("\ufeffa: !!str 12\n", "12"),
        ("%YAML 1.2\n---\na: !!str 12\n", "12"),
        ("%YAML 1.1\n---\na: =\n", "="),
        ("a: !!int '5'\t\n", 5),
        ("a: !!map {b: !!seq [!!bool 'yes']}\t\n", {"b": [True]}),
        ("a: !!timestamp 2026-01-31\n", "2026-01-31"),
        ("a: &n x\nb: &n y\na2: *n\n", "x"),
    ],
)
def test_what_yaml_has_more_ways_to_write_is_read(tmp_path: Path, text: str, value: object) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    [found] = read_files([tmp_path / "a.yaml"])
    assert isinstance(found, DocumentFile)
    assert found.content["a"] == value


async def test_a_link_that_leads_nowhere_is_a_problem(empty: str, tmp_path: Path) -> None:
    write(tmp_path, fine=PLACE)
    (tmp_path / "gone.YAML").symlink_to(tmp_path / "nowhere")
    [found] = await refused(empty, tmp_path)
    assert found.startswith("gone.YAML:1: cannot be read: ")


async def test_a_file_in_another_encoding_is_named(empty: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_bytes("type: Tool\nslug: é\n".encode("latin-1"))
    [found] = await refused(empty, tmp_path)
    assert found.startswith("bad.yml:1: cannot be read: 'utf-8' codec")


async def test_a_folder_that_is_not_there_or_empty_is_an_error(empty: str, tmp_path: Path) -> None:
    with pytest.raises(GuidepostError, match=r"nowhere is not a folder"):
        await load(empty, tmp_path / "nowhere")
    with pytest.raises(GuidepostError, match=r"has no documents"):
        await load(empty, tmp_path)


async def test_a_file_that_cannot_be_read_hides_no_other_problem(
    empty: str, tmp_path: Path
) -> None:
    directory = write(tmp_path, bad="a: [", other="type: Tool\nslug: x\n")
    assert [line.split(":")[0] for line in await refused(empty, directory)] == [
        "bad.yaml",
        "other.yaml",
    ]


async def test_yaml_is_read_as_yaml_1_2(database: str, ask: Asker, tmp_path: Path) -> None:
    norway = PLACE.replace("slug: belgium", "slug: norway").replace("BE", "NO")
    await load(database, write(tmp_path, norway=norway))
    assert await ask('{ location(slug: "norway") { countryCode } }') == {
        "location": {"countryCode": "NO"}
    }


@pytest.mark.parametrize(
    "text",
    [
        "a: 2026-01-01\nb: .nan\nc: 1_000\nd: 0x1F\ne: 012\nf: ~\ng: yes\nh: 1e3\ni: +1\nj: .5\n",
        "a: &x {b: c}\nd: *x\n<<: *x\n",
        "a: |+\n  b\n\n\nc: >-\n  d\n  e\n\n  f\n",
        "a: {b: c,}\nd: ?x\ne: http://x:y\n",
        # What the parser in C reads differently, or not at all.
        "%YAML 1.1\n---\na: no\n",
        "a: b\u2028c\nd: 'e\x85f'\n",
        "a: {b:c}\n",
        "a: &é x\n",
        '"a": "b\tc"\n',
        '"a": "\\ud83d\\ude00"\n',
    ],
)
def test_both_parsers_read_the_same(text: str) -> None:
    """The one in C, and the one in Python that it stands in for."""
    found = (value_of(text), _slow().load(text))
    fast, slow = (json.dumps(each, sort_keys=True) for each in found)
    assert fast == slow


def test_values_far_within_one_another_are_a_problem_and_end_no_process(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: " + "[" * 100_000 + "]" * 100_000)
    problems: list[Problem] = []
    assert [*read_documents(tmp_path, problems)] == []
    assert [each.message[:14] for each in problems] == ["cannot be read"]
