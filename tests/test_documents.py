"""Loading documents: what is refused and how, and that nothing is written then."""

import asyncio
from pathlib import Path

import pytest

from schema.model import content_model
from service.content import load_content
from service.database import writing
from service.documents.problems import DocumentsError
from service.errors import GuidepostError
from tests.asking import Asker
from tests.databases import DRAFTS, SEEDED, SEEDS, load, rows
from tests.writing import GUIDE, PLACE, seeds, write

COUNT = "select count(*) from draft.location"


async def refused(url: str, directory: Path) -> list[str]:
    """The problems with a folder, files by their names; nothing of it is in the database."""
    before = await rows(url, COUNT)
    with pytest.raises(DocumentsError) as caught:
        await load(url, directory)
    assert await rows(url, COUNT) == before
    return [str(each).removeprefix(f"{directory}/") for each in caught.value.problems]


async def test_the_seeds_load_once_and_then_change_nothing(database: str) -> None:
    first = await load(database, SEEDS)
    assert (first.created, first.changed, first.unchanged) == (SEEDED, 0, 0)
    assert first.published == SEEDED - DRAFTS
    tables = await rows(database, "select * from draft.guide order by id")
    live = await rows(database, "select * from live.guide order by id, locale")
    assert await load(database, SEEDS) == (0, 0, SEEDED, 0)
    assert await rows(database, "select * from draft.guide order by id") == tables
    assert await rows(database, "select * from live.guide order by id, locale") == live


async def test_a_change_is_written_and_counts_as_a_version(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    await load(database, seeds(tmp_path))
    before = await ask('{ guide(slug: "backend-belgium") { id version } }')
    changed = GUIDE.replace("Backend in", "Backend developers in")
    done = await load(database, seeds(tmp_path, guide=changed))
    assert done == (0, 1, 2, 1)
    after = await ask('{ guide(slug: "backend-belgium") { id version title } }')
    assert after["guide"]["title"] == "Backend developers in Belgium"
    assert after["guide"]["id"] == before["guide"]["id"]
    assert after["guide"]["version"] == before["guide"]["version"] + 1


async def test_a_document_is_the_whole_truth_about_its_item(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    query = """{ guide(slug: "backend-belgium") {
        subtitle salaryRanges { id level maximum } companies { slug } } }"""
    extra = """    subtitle: {en: With salaries}
    companies: [two, one]
    salaryRanges:
      - {level: JUNIOR, minimum: 1, maximum: 2.50, currency: EUR, period: HOUR, basis: NET}
      - {level: MID, minimum: 2, maximum: 3, currency: EUR, period: HOUR, basis: NET}
"""
    companies = {
        slug: f"type: Company\nslug: {slug}\nname: {{en: {slug}}}\n" for slug in ("one", "two")
    }
    await load(database, seeds(tmp_path, guide=GUIDE + extra, **companies))
    full = (await ask(query))["guide"]
    assert full["subtitle"] == "With salaries"
    assert full["companies"] == [{"slug": "two"}, {"slug": "one"}]
    assert [each["maximum"] for each in full["salaryRanges"]] == [2.5, 3]
    swapped = extra.replace("JUNIOR", "X").replace("MID", "JUNIOR").replace("X", "MID")
    await load(database, seeds(tmp_path, guide=GUIDE + swapped))
    mixed = (await ask(query))["guide"]
    assert [each["level"] for each in mixed["salaryRanges"]] == ["MID", "JUNIOR"]
    assert [each["id"] for each in mixed["salaryRanges"]] == [
        each["id"] for each in full["salaryRanges"]
    ]
    await load(database, seeds(tmp_path, guide=GUIDE))
    assert (await ask(query))["guide"] == {"subtitle": None, "salaryRanges": [], "companies": []}


async def test_documents_may_refer_to_one_another_in_any_order_and_in_circles(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    here = PLACE + "    companies: [swift]\n    parent: aaa\n"
    there = PLACE.replace("slug: belgium", "slug: aaa") + "    parent: belgium\n"
    company = "type: Company\nslug: swift\nname: {en: Swift}\nheadquarters: belgium\n"
    await load(database, write(tmp_path, a=here, b=there, c=company))
    data = await ask("""{ location(slug: "belgium") {
        parent { parent { slug } } companies { headquarters { slug } } } }""")
    assert data["location"] == {
        "parent": {"parent": {"slug": "belgium"}},
        "companies": [{"headquarters": {"slug": "belgium"}}],
    }


async def test_every_problem_is_named_with_file_line_path_and_what_is_expected(
    database: str, tmp_path: Path
) -> None:
    guide = """
        type: Guide
        slug: Backend Belgium
        role: backend-developer
        location: belgum
        titel: {en: Backend in Belgium}
        whyHire: It is nice.
        seoTitle: {de: Titel, en: ""}
        jobsUrl: javascript:alert(1)
        companies: [swift, swift]
        salaryRanges:
          - {level: BOSS, minimum: 9, maximum: 2, currency: EUR, period: YEAR, basis: GROSS}
          - {level: MID, minimum: many, maximum: 2, currency: XYZ, period: YEAR, basis: GROSS}
          - level: LEAD
            minimum: 1
            maximum: 2
            currency: EUR
            period: YEAR
            basis: GROSS
            asOf: 31-12-2025
            bonus: 5
          - {level: LEAD, minimum: 1, maximum: 2, currency: EUR, period: YEAR, basis: GROSS}
        draft: maybe
    """
    assert await refused(database, seeds(tmp_path, guide=guide)) == [
        f"guide.yaml:{line}: {problem}" for line, problem in PROBLEMS
    ]


PROBLEMS = [
    (1, "title: is missing; a localized text has to be given"),
    (
        2,
        (
            "slug: expected a slug of lower-case letters, digits and single hyphens, 200 at most, "
            "got 'Backend Belgium'"
        ),
    ),
    (5, "titel: there is no such field; did you mean title or subtitle?"),
    (6, "whyHire: expected a map of locales, as in {en: …}"),
    (7, "seoTitle.de: there is no locale 'de'; the locales are en, fr, nl"),
    (7, "seoTitle.en: is empty; leave it out, or say something"),
    (
        8,
        "jobsUrl: expected an address such as https://example.org/jobs, got 'javascript:alert(1)'",
    ),
    (9, "companies[1]: swift is on the list already"),
    (11, "salaryRanges[0].level: expected one of JUNIOR, MID, SENIOR, LEAD, got 'BOSS'"),
    (11, "salaryRanges[0].minimum: 9 is over the maximum, 2; it can be that at most"),
    (12, "salaryRanges[1].minimum: expected a number, got 'many'"),
    (
        12,
        "salaryRanges[1].currency: expected a code of ISO 4217 in capital letters, got 'XYZ'",
    ),
    (19, "salaryRanges[2].asOf: expected a date such as 2026-01-31, got '31-12-2025'"),
    (
        20,
        (
            "salaryRanges[2].bonus: there is no such field; there are level, minimum, maximum, "
            "currency, period, basis, asOf, source"
        ),
    ),
    (21, "salaryRanges[3]: there is one with level LEAD already"),
    (22, "draft: expected true or false, got 'maybe'"),
]


async def test_unknown_references_name_the_nearest(database: str, tmp_path: Path) -> None:
    guide = GUIDE.replace("location: belgium", "location: belgum") + "    skills: [sql]\n"
    assert await refused(database, seeds(tmp_path, guide=guide)) == [
        "guide.yaml:4: location: there is no Location 'belgum'; did you mean belgium?",
        "guide.yaml:6: skills[0]: there is no Skill 'sql'",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "bad.yaml:1: expected a map with a `type` and a `slug`"),
        ("- a\n- b\n", "bad.yaml:1: expected a map with a `type` and a `slug`"),
        ("a: [1\nb: 2\n", "bad.yaml:2: is not YAML: "),
        ("type: Tool\nslug: a\nslug: b\n", "bad.yaml:3: is not YAML: "),
        ("type: Tool\nslug: \x07\n", "bad.yaml:1: cannot be read: "),
        ("type: Tool\nslug: x\ndraft: !!bool maybe\n", "bad.yaml:1: cannot be read: "),
        ("type: Tool\nslug: x\n<<: {name: {en: 5}}\n", "bad.yaml:1: name.en: expected a text"),
        ('type: Tool\nslug: x\nname: {en: "a\\ud800"}\n', "bad.yaml:3: name.en: holds half a "),
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
            "bad.yaml:5: careerPath[0].b: there is no such field; there are titles",
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
async def test_bad_files_are_named(database: str, tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, fine=PLACE)
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    [found, *_] = await refused(database, tmp_path)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("123456789012345", None),
        ("-0.1234", None),
        ("1234567890123456", "at most 15 digits"),
        ("0.1234567890123456", "at most 15 digits"),
        ("1e300", "at most 15 digits"),
        (".nan", "at most 15 digits"),
        ("true", "expected a number, got True"),
        ("&a true", "expected a number, got True"),
        ("'1'", "expected a number, got '1'"),
    ],
)
async def test_numbers(
    database: str, ask: Asker, tmp_path: Path, number: str, problem: str | None
) -> None:
    text = f"""    salaryRanges:
      - {{level: MID, minimum: -1, currency: EUR, period: DAY, basis: NET, maximum: {number} }}
"""
    directory = seeds(tmp_path, guide=GUIDE + text)
    if problem is None:
        await load(database, directory)
        data = await ask('{ guide(slug: "backend-belgium") { salaryRanges { maximum } } }')
        assert data["guide"]["salaryRanges"] == [{"maximum": float(number)}]
    else:
        found = await refused(database, directory)
        assert any(problem in each for each in found), found


async def test_a_date_that_is_none_is_named_where_it_stands(database: str, tmp_path: Path) -> None:
    text = """    salaryRanges:
      - level: MID
        asOf: 2026-02-30
"""
    found = await refused(database, seeds(tmp_path, guide=GUIDE + text))
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


async def test_a_link_that_leads_nowhere_is_a_problem(database: str, tmp_path: Path) -> None:
    write(tmp_path, fine=PLACE)
    (tmp_path / "gone.YAML").symlink_to(tmp_path / "nowhere")
    [found] = await refused(database, tmp_path)
    assert found.startswith("gone.YAML:1: cannot be read: ")


async def test_a_file_in_another_encoding_is_named(database: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_bytes("type: Tool\nslug: é\n".encode("latin-1"))
    [found] = await refused(database, tmp_path)
    assert found.startswith("bad.yml:1: cannot be read: 'utf-8' codec")


async def test_loads_at_once_wait_for_each_other(database: str, tmp_path: Path) -> None:
    directory = write(tmp_path, place=PLACE)
    done = await asyncio.gather(*(load(database, directory) for _ in range(4)))
    assert sorted(each.created for each in done) == [0, 0, 0, 1]


async def test_a_load_that_fails_at_its_end_has_written_nothing(
    database: str, tmp_path: Path
) -> None:
    def stop(step: str) -> None:
        if step == "publishing":
            raise RuntimeError(step)

    directory = write(tmp_path, place=PLACE)
    async with writing(database) as engine:
        with pytest.raises(RuntimeError):
            await load_content(engine, content_model(), directory, publishing=True, progress=stop)
    assert await rows(database, COUNT) == [(0,)]


async def test_two_documents_of_one_item_are_refused(database: str, tmp_path: Path) -> None:
    [found] = await refused(database, write(tmp_path, one=PLACE, two=PLACE))
    assert found == f"two.yaml:2: slug: is the slug of {tmp_path}/one.yaml too; one Location has it"


async def test_a_second_guide_to_the_same_is_refused(database: str, tmp_path: Path) -> None:
    other = GUIDE.replace("slug: backend-belgium", "slug: other")
    [found] = await refused(database, seeds(tmp_path / "one", other=other))
    assert found == (
        "other.yaml:3: role: backend-belgium has this role and location; only one Guide can"
    )
    await load(database, seeds(tmp_path / "two"))
    [found] = await refused(database, write(tmp_path / "three", other=other))
    assert "backend-belgium has this role and location" in found
    moved = GUIDE.replace("location: belgium", "location: ghent")
    ghent = PLACE.replace("slug: belgium", "slug: ghent")
    done = await load(database, write(tmp_path / "four", other=other, guide=moved, ghent=ghent))
    assert (done.created, done.changed) == (2, 1), "what was theirs is free when they move"


async def test_a_folder_that_is_not_there_or_empty_is_an_error(
    database: str, tmp_path: Path
) -> None:
    with pytest.raises(GuidepostError, match=r"nowhere is no folder"):
        await load(database, tmp_path / "nowhere")
    with pytest.raises(GuidepostError, match=r"holds no documents"):
        await load(database, tmp_path)


async def test_a_file_that_cannot_be_read_hides_no_other_problem(
    database: str, tmp_path: Path
) -> None:
    directory = write(tmp_path, bad="a: [", other="type: Tool\nslug: x\n")
    assert [line.split(":")[0] for line in await refused(database, directory)] == [
        "bad.yaml",
        "other.yaml",
    ]


async def test_yaml_is_read_as_yaml_1_2(database: str, ask: Asker, tmp_path: Path) -> None:
    norway = PLACE.replace("slug: belgium", "slug: norway").replace("BE", "NO")
    await load(database, write(tmp_path, norway=norway))
    assert await ask('{ location(slug: "norway") { countryCode } }') == {
        "location": {"countryCode": "NO"}
    }


async def test_markdown_is_rendered_and_sanitised(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    place = (
        PLACE
        + """    techScene:
      en: |
        A *fine* [place](https://example.org) &amp; <script>alert(1)</script>

        - one
        - [two](javascript:alert(1))
    """
    )
    await load(database, write(tmp_path, place=place))
    data = await ask('{ location(slug: "belgium") { techScene { markdown html text } } }')
    found = data["location"]["techScene"]
    assert found["markdown"].startswith("A *fine* [place]")
    assert found["html"] == (
        '<p>A <em>fine</em> <a href="https://example.org" rel="noopener noreferrer">place</a> '
        "&amp; &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
        "<ul>\n<li>one</li>\n<li>[two](javascript:alert(1))</li>\n</ul>"
    )
    assert found["text"] == (
        "A fine place & <script>alert(1)</script>\n\none\n\n[two](javascript:alert(1))"
    )
