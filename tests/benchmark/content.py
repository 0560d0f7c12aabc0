"""A thousand guides as documents, the same ones each time."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from schema.model import content_model
from service.database import writing
from service.documents.given import Given
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save

ROLES, PLACES = 40, 25
GUIDES = ROLES * PLACES
OWN = 3
"""Every so manieth guide has texts and lists of its own; the others inherit theirs."""

LISTS = {"Company": 8, "Hub": 4, "University": 7, "Skill": 10, "Tool": 10}
"""How many of each a guide names."""
POOL = 10
"""How many times as many there are in all."""
TEXT = 750
"""The characters of each of a guide's four texts."""

LEVELS = {"JUNIOR": (28, 46), "MID": (40, 60), "SENIOR": (52, 90)}
"""From how many thousands to how many."""

WORDS = re.findall(
    r"\S+",
    """
    employers developers city office salary market remote senior team product platform language
    contract notice community meetup graduates research start-up scale-up enterprise bank hospital
    network international multilingual competitive growing demand experience cloud data security
    hiring interview offer benefits train airport university campus investment fund tax incentive
    and often with more than most between because where every year early reliable flexible
    """,
)

Content = dict[str, Any]


async def fill(url: str, seed: int = 1) -> None:
    """Load and publish all of it into a migrated database."""
    documents = [Save(Given(each)) for each in _documents(Random(seed))]
    async with writing(url) as engine, editing(engine, content_model(), "benchmark") as edit:
        saved = await save(edit, documents)
        await publish(edit, {each.key: each.id for each in saved})


def slug(name: str, number: int) -> str:
    """The slug of one of many; as text they sort as the numbers do."""
    return f"{name.lower()}-{number:03}"


def guide_slug(role: int, place: int) -> str:
    """The slug of a guide."""
    return f"recruiting-{slug('role', role)}-in-{slug('place', place)}"


def _documents(random: Random) -> Iterator[Content]:
    for number in range(PLACES):
        yield _place(random, number)
    for name, each in LISTS.items():
        for number in range(each * POOL):
            yield _listed(random, name, number)
    for number in range(ROLES):
        yield _role(random, number)
    for role in range(ROLES):
        for place in range(PLACES):
            yield _guide(random, role, place)


def _place(random: Random, number: int) -> Content:
    return {
        "type": "Location",
        "slug": slug("place", number),
        "name": _localized(random, f"Place {number}"),
        "kind": "CITY",
        "countryCode": random.choice(["BE", "FR", "NL", "DE"]),
        "techScene": _texts(random),
        **_lists(random, ["Company", "Hub", "University"]),
    }


def _role(random: Random, number: int) -> Content:
    steps = ["Junior {}", "{}", "Senior {}", "{} Architect"]
    return {
        "type": "Role",
        "slug": slug("role", number),
        "name": _localized(random, f"Role {number}"),
        "plural": _localized(random, f"Roles {number}"),
        "about": _texts(random),
        "marketDemand": _texts(random),
        "careerPath": [{"titles": {"en": [step.format(f"Role {number}")]}} for step in steps],
        **_lists(random, ["Skill", "Tool"]),
    }


def _guide(random: Random, role: int, place: int) -> Content:
    title = f"Recruiting Roles {role} in Place {place}"
    guide = {
        "type": "Guide",
        "slug": guide_slug(role, place),
        "role": slug("role", role),
        "location": slug("place", place),
        "title": _localized(random, title),
        "subtitle": _localized(random, "What to know before you hire"),
        "whyHire": _texts(random),
        "salaryRanges": [_salary_range(random, level) for level in LEVELS],
        "jobsUrl": f"https://jobs.example/{role}/{place}",
        "seoTitle": _localized(random, f"{title} | Guide"),
        "seoDescription": _localized(random, _sentence(random)),
    }
    if random.randrange(OWN) == 0:
        texts = {name: _texts(random) for name in ("techScene", "aboutRole", "marketDemand")}
        guide |= texts | _lists(random, LISTS)
    return guide


def _listed(random: Random, name: str, number: int) -> Content:
    item: Content = {
        "type": name,
        "slug": slug(name, number),
        "name": {"en": f"{name} {number}"},
    }
    if name in {"Company", "Hub", "University"}:
        item["website"] = f"https://{slug(name, number)}.example"
    if name == "Hub":
        item["location"] = slug("place", random.randrange(PLACES))
    return item


def _lists(random: Random, names: Sequence[str] | dict[str, int]) -> Content:
    plurals = {"Company": "companies", "University": "universities"}
    return {
        plurals.get(name, f"{name.lower()}s"): [
            slug(name, number) for number in random.sample(range(LISTS[name] * POOL), LISTS[name])
        ]
        for name in names
    }


def _salary_range(random: Random, level: str) -> Content:
    low, high = LEVELS[level]
    minimum = random.randrange(low, high) * 1000
    return {
        "level": level,
        "minimum": minimum,
        "maximum": minimum + random.randrange(8, 25) * 1000,
        "currency": "EUR",
        "period": "YEAR",
        "basis": "GROSS",
    }


def _localized(random: Random, english: str) -> dict[str, str]:
    """English always, the others for some."""
    others = {code: f"{english} ({code})" for code in ("nl", "fr") if random.randrange(2)}
    return {"en": english, **others}


def _texts(random: Random) -> dict[str, str]:
    return {code: _markdown(random) for code in _localized(random, "")}


def _markdown(random: Random) -> str:
    paragraphs = [_sentence(random)]
    while sum(map(len, paragraphs)) < TEXT - 150:
        paragraphs.append(" ".join(_sentence(random) for _ in range(3)))
    items = [f"- **{random.choice(WORDS)}**: {random.choice(WORDS)} & more" for _ in range(3)]
    return "\n\n".join([*paragraphs, "\n".join(items)])


def _sentence(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=12)).capitalize() + "."
