"""The Belgian guide, whole, in one request: what a client comes for."""

from tests.asking import Asker
from tests.databases import PROJECT

SLUG = "recruiting-backend-developers-in-belgium"
WHOLE = (PROJECT / "service/explorer/src/examples/1-whole-guide.graphql").read_text("utf-8")


async def test_everything_is_there_in_one_request(seeds: Asker) -> None:
    guide = (await seeds(WHOLE))["guide"]
    assert guide["title"] == "Recruiting Backend Developers in Belgium"
    assert [each["name"] for each in guide["companies"]] == [
        "Swift", "Proximus", "Showpad", "Materialise", "Cronos Group", "Cegeka", "imec", "EVS",
    ]  # fmt: skip
    assert [(each["name"], each["location"]["name"]) for each in guide["hubs"]] == [
        ("BeCentral", "Brussels"),
        ("The Pond", "Ghent"),
        ("StartupVillage", "Antwerp"),
        ("imec", "Leuven"),
    ]
    assert [each["name"] for each in guide["universities"]] == [
        "KU Leuven", "UGent", "ULB", "VUB", "UCLouvain", "ULiège", "UAntwerpen",
    ]  # fmt: skip
    assert [each["titles"] for each in guide["careerPath"]] == [
        ["Junior Backend Developer"],
        ["Backend Developer"],
        ["Senior Backend Developer"],
        ["Backend Architect"],
        ["Principal Engineer", "VP of Engineering"],
    ]
    assert guide["salaryRanges"] == [
        {"level": "JUNIOR", "minimum": 36000, "maximum": 48000, "currency": "EUR"},
        {"level": "MID", "minimum": 46000, "maximum": 63000, "currency": "EUR"},
        {"level": "SENIOR", "minimum": 60000, "maximum": 85000, "currency": "EUR"},
    ]
    assert {"Java", ".NET", "Node.js", "Python", "Kafka", "RabbitMQ"} <= {
        each["name"] for each in guide["tools"]
    }
    assert len(guide["skills"]) >= 5
    for text in ("techScene", "aboutRole", "marketDemand", "whyHire"):
        assert guide[text]["html"].startswith("<p>")


async def test_numbers_come_as_they_were_written(seeds: Asker) -> None:
    await seeds(WHOLE)
    response = await seeds.post({"query": WHOLE})
    assert '"minimum":36000,' in response.text


async def test_a_text_falls_back_where_a_locale_has_none(seeds: Asker) -> None:
    query = """query ($slug: String!, $locale: Locale) {
        guide(slug: $slug, locale: $locale) {
            title whyHire { text } marketDemand { text } location { name } companies { name }
        }
    }"""
    english = (await seeds(query, slug=SLUG))["guide"]
    dutch = (await seeds(query, slug=SLUG, locale="nl"))["guide"]
    french = (await seeds(query, slug=SLUG, locale="fr"))["guide"]
    assert len({each["title"] for each in (english, dutch, french)}) == 3
    assert len({each["whyHire"]["text"] for each in (english, dutch, french)}) == 3
    assert [each["location"]["name"] for each in (english, dutch, french)] == [
        "Belgium", "België", "Belgique",
    ]  # fmt: skip
    assert english["marketDemand"] == dutch["marketDemand"] == french["marketDemand"]
    assert english["companies"] == dutch["companies"] == french["companies"]


async def test_what_is_true_of_the_place_or_the_role_is_inherited(seeds: Asker) -> None:
    data = await seeds(
        """query ($slug: String!) {
            guide(slug: $slug) {
                techScene { markdown } aboutRole { markdown } companies { slug } tools { slug }
                careerPath { id }
                location { techScene { markdown } companies { slug } }
                role { about { markdown } tools { slug } careerPath { id } }
            }
        }""",
        slug=SLUG,
    )
    guide = data["guide"]
    assert guide["techScene"] == guide["location"]["techScene"]
    assert guide["companies"] == guide["location"]["companies"]
    assert guide["tools"] == guide["role"]["tools"]
    assert guide["careerPath"] == guide["role"]["careerPath"]
    assert guide["aboutRole"] != guide["role"]["about"], "the guide has a text of its own"


async def test_a_draft_is_not_to_be_seen(seeds: Asker) -> None:
    data = await seeds(
        """{
            guide(slug: "recruiting-backend-developers-in-ghent") { title }
            guides { nodes { slug } totalCount }
            role(slug: "backend-developer") { guides { nodes { slug } totalCount } }
            location(slug: "ghent") { guides { nodes { slug } totalCount } }
        }"""
    )
    assert data["guide"] is None
    assert data["guides"] == {"nodes": [{"slug": SLUG}], "totalCount": 1}
    assert data["role"]["guides"] == {"nodes": [{"slug": SLUG}], "totalCount": 1}
    assert data["location"]["guides"] == {"nodes": [], "totalCount": 0}
