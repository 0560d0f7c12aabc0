"""Loading documents: what is refused and how, and that nothing is written then."""

import asyncio
from pathlib import Path

import pytest

from service.folders.planning import Options
from tests.asking import Asker
from tests.databases import DRAFTS, SEEDED, SEEDS, applied, load, rows
from tests.writing import COUNT, GUIDE, PLACE, refused, seeds, write


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
    there = PLACE.replace("slug: belgium", "slug: aaa")
    company = "type: Company\nslug: swift\nname: {en: Swift}\nheadquarters: belgium\n"
    await load(database, write(tmp_path, a=here, b=there, c=company))
    data = await ask("""{ location(slug: "belgium") {
        parent { slug } companies { headquarters { slug } } } }""")
    assert data["location"] == {
        "parent": {"slug": "aaa"},
        "companies": [{"headquarters": {"slug": "belgium"}}],
    }


async def test_a_place_cannot_lie_within_itself(database: str, tmp_path: Path) -> None:
    inside = PLACE.replace("slug: belgium", "slug: aaa") + "    parent: belgium\n"
    await load(database, write(tmp_path / "a", a=PLACE, b=inside))
    around = PLACE + "    parent: aaa\n"
    assert await refused(database, write(tmp_path / "b", a=around)) == [
        "a.yaml:6: parent: forms a cycle: belgium → aaa → belgium; name another Location"
    ]


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
          - {level: SENIOR, minimum: -1, maximum: 2, currency: EUR, period: YEAR, basis: GROSS}
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
            "slug: expected a slug of lower-case letters, digits and single hyphens, with at most "
            "200 characters, got 'Backend Belgium'"
        ),
    ),
    (4, "location: there is no Location 'belgum'; did you mean belgium?"),
    (5, "titel: there is no such field; did you mean title or subtitle?"),
    (6, "whyHire: expected a map of locales such as {en: …}, got 'It is nice.'"),
    (7, "seoTitle.de: there is no locale 'de'; the locales are en, fr, nl"),
    (7, "seoTitle.en: is empty; write a text, or leave it out"),
    (
        8,
        "jobsUrl: expected an address such as https://example.org/jobs, got 'javascript:alert(1)'",
    ),
    (9, "companies[1]: swift is on the list already"),
    (9, "companies[0]: there is no Company 'swift'"),
    (11, "salaryRanges[0].level: expected one of JUNIOR, MID, SENIOR, LEAD, got 'BOSS'"),
    (11, "salaryRanges[0].minimum: 9 is greater than the maximum; it may be at most 2"),
    (12, "salaryRanges[1].minimum: is -1; it has to be 0 or more"),
    (13, "salaryRanges[2].minimum: expected a number, got 'many'"),
    (
        13,
        "salaryRanges[2].currency: expected an ISO 4217 code in capital letters, got 'XYZ'",
    ),
    (20, "salaryRanges[3].asOf: expected a date such as 2026-01-31, got '31-12-2025'"),
    (
        21,
        (
            "salaryRanges[3].bonus: there is no such field; the fields are level, minimum, "
            "maximum, currency, period, basis, asOf, source"
        ),
    ),
    (22, "salaryRanges[4]: the list already has one with level LEAD; it may have only one"),
    (23, "draft: expected true or false, got 'maybe'"),
]


async def test_unknown_references_name_the_nearest(database: str, tmp_path: Path) -> None:
    guide = GUIDE.replace("location: belgium", "location: belgum") + "    skills: [sql]\n"
    assert await refused(database, seeds(tmp_path, guide=guide)) == [
        "guide.yaml:4: location: there is no Location 'belgum'; did you mean belgium?",
        "guide.yaml:6: skills[0]: there is no Skill 'sql'",
    ]


async def test_loads_at_once_wait_for_each_other(database: str, tmp_path: Path) -> None:
    directory = write(tmp_path, place=PLACE)
    done = await asyncio.gather(*(load(database, directory) for _ in range(4)))
    assert sorted(each.created for each in done) == [0, 0, 0, 1]


async def test_a_load_that_fails_at_its_end_has_written_nothing(
    database: str, tmp_path: Path
) -> None:
    def stop(step: str) -> None:
        if step == "committing":
            raise RuntimeError(step)

    directory = write(tmp_path, place=PLACE)
    with pytest.raises(RuntimeError):
        await applied(database, directory, Options(publishing=True), stop)
    assert await rows(database, COUNT) == [(0,)]


async def test_two_documents_of_one_item_are_refused(database: str, tmp_path: Path) -> None:
    [found] = await refused(database, write(tmp_path, one=PLACE, two=PLACE))
    assert found == (
        f"two.yaml:2: slug: is also the slug of {tmp_path}/one.yaml; "
        "each Location needs a slug of its own"
    )


async def test_a_second_guide_to_the_same_is_refused(database: str, tmp_path: Path) -> None:
    other = GUIDE.replace("slug: backend-belgium", "slug: other")
    [found] = await refused(database, seeds(tmp_path / "one", other=other))
    assert found == (
        "other.yaml:3: role: backend-belgium already has this role and location; "
        "only one Guide may have it"
    )
    await load(database, seeds(tmp_path / "two"))
    [found] = await refused(database, write(tmp_path / "three", other=other))
    assert "backend-belgium already has this role and location" in found
    moved = GUIDE.replace("location: belgium", "location: ghent")
    ghent = PLACE.replace("slug: belgium", "slug: ghent")
    done = await load(database, write(tmp_path / "four", other=other, guide=moved, ghent=ghent))
    assert (done.created, done.changed) == (2, 1), "what was theirs is free when they move"


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
        '<ul>\n<li>one</li>\n<li><a rel="noopener noreferrer">two</a></li>\n</ul>'
    )
    assert found["text"] == "A fine place & <script>alert(1)</script>\n\none\n\ntwo"
