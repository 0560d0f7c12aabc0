"""The way back along a relation, own and inherited."""

from pathlib import Path

from tests.asking import Asker
from tests.databases import load
from tests.writing import GUIDE, PLACE, ROLE, write

QUERY = """{
    swift: company(slug: "swift") { guides { nodes { slug } totalCount } }
    imec: company(slug: "imec") { guides { nodes { slug } totalCount } }
    skill(slug: "sql") { roles { nodes { slug } } guides { nodes { slug } } }
}"""
COMPANY = "type: Company\nslug: {0}\nname: {{en: {0}}}\n"
SKILL = "type: Skill\nslug: sql\nname: {en: SQL}\n"


async def test_a_company_knows_the_guides_that_list_it_be_it_by_their_location(
    database: str, ask: Asker, tmp_path: Path
) -> None:
    other_role = ROLE.replace("slug: backend", "slug: frontend")
    other_guide = GUIDE.replace("slug: backend-belgium", "slug: frontend-belgium").replace(
        "role: backend", "role: frontend"
    )
    documents = {
        "place": PLACE + "    companies: [swift]\n",
        "role": ROLE + "    skills: [sql]\n",
        "other_role": other_role,
        "guide": GUIDE,
        "other_guide": other_guide + "    companies: [imec]\n",
        "swift": COMPANY.format("swift"),
        "imec": COMPANY.format("imec"),
        "skill": SKILL,
    }
    await load(database, write(tmp_path, **documents))
    assert await ask(QUERY) == {
        "swift": {"guides": {"nodes": [{"slug": "backend-belgium"}], "totalCount": 1}},
        "imec": {"guides": {"nodes": [{"slug": "frontend-belgium"}], "totalCount": 1}},
        "skill": {
            "roles": {"nodes": [{"slug": "backend-developer"}]},
            "guides": {"nodes": [{"slug": "backend-belgium"}]},
        },
    }
    documents["guide"] += "    companies: [imec, swift]\n"
    documents["other_guide"] += "    draft: true\n"
    await load(database, write(tmp_path, **documents))
    data = await ask(QUERY)
    assert data["swift"]["guides"]["nodes"] == [{"slug": "backend-belgium"}]
    assert [each["slug"] for each in data["imec"]["guides"]["nodes"]] == [
        "backend-belgium", "frontend-belgium",
    ], "a draft of what is published leaves the published in place"  # fmt: skip


async def test_the_way_back_can_be_filtered_ordered_and_asked_about(seeds: Asker) -> None:
    data = await seeds(
        """{
            company(slug: "swift") {
                guides(
                    where: { location: { companies: { some: { slug: { eq: "swift" } } } } }
                    orderBy: [{ title: DESC }]
                    first: 1
                ) { nodes { slug companies(first: 1) { slug } } pageInfo { hasNextPage } }
            }
            companies(where: { guides: { none: {} } }) { totalCount }
            tools(where: { roles: { some: { slug: { eq: "backend-developer" } } } }, last: 1) {
                nodes { slug }
            }
        }"""
    )
    assert data == {
        "company": {
            "guides": {
                "nodes": [
                    {
                        "slug": "recruiting-backend-developers-in-belgium",
                        "companies": [{"slug": "swift"}],
                    }
                ],
                "pageInfo": {"hasNextPage": False},
            }
        },
        "companies": {"totalCount": 0},
        "tools": {"nodes": [{"slug": "rabbitmq"}]},
    }
