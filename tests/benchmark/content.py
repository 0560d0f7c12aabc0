"""Guides as documents, a thousand or many more, the same ones each time."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

from schema.model import content_model
from service.database.pools import writing
from service.documents.unchecked import UncheckedDocument
from service.editing.edits import editing
from service.editing.publishing import publish
from service.editing.saving import Save, save

ROLES, PLACES = 40, 25
GUIDES = ROLES * PLACES
OWN = 3

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


class Amount(NamedTuple):
    """How much there is."""

    roles: int = ROLES
    """How many roles; each has a guide in every place."""
    own: int = OWN
    """Every so manieth guide has texts and lists of its own; the others inherit theirs."""
    others: float = 0.5
    """How often there is a text in a locale that is not English."""


async def fill(url: str, seed: int = 1) -> None:
    """Load and publish all of it into a migrated database."""
    documents = [Save(UncheckedDocument(each)) for each in documents_of(Amount(), seed)]
    async with writing(url) as engine, editing(engine, content_model(), "benchmark") as edit:
        saved = await save(edit, documents)
        await publish(edit, {each.key: each.id for each in saved})


def slug(name: str, number: int) -> str:
    """The slug of one of many; as text they sort as the numbers do."""
    return f"{name.lower()}-{number:03}"


def guide_slug(role: int, place: int) -> str:
    """The slug of a guide."""
    return f"recruiting-{slug('role', role)}-in-{slug('place', place)}"


def documents_of(amount: Amount, seed: int = 1) -> Iterator[Content]:
    """All of it, what is referred to mostly first."""
    return _Documents(Random(seed), amount).all()


class _Documents:
    def __init__(self, random: Random, amount: Amount) -> None:
        self._random = random
        self._amount = amount

    def all(self) -> Iterator[Content]:
        for number in range(PLACES):
            yield self._place(number)
        for name, each in LISTS.items():
            for number in range(each * POOL):
                yield self._listed(name, number)
        for number in range(self._amount.roles):
            yield self._role(number)
        for role in range(self._amount.roles):
            for place in range(PLACES):
                yield self._guide(role, place)

    def _place(self, number: int) -> Content:
        return {
            "type": "Location",
            "slug": slug("place", number),
            "name": self._localized(f"Place {number}"),
            "kind": "CITY",
            "countryCode": self._random.choice(["BE", "FR", "NL", "DE"]),
            "techScene": self._texts(),
            **self._lists(["Company", "Hub", "University"]),
        }

    def _role(self, number: int) -> Content:
        steps = ["Junior {}", "{}", "Senior {}", "{} Architect"]
        return {
            "type": "Role",
            "slug": slug("role", number),
            "name": self._localized(f"Role {number}"),
            "plural": self._localized(f"Roles {number}"),
            "about": self._texts(),
            "marketDemand": self._texts(),
            "careerPath": [{"titles": {"en": [step.format(f"Role {number}")]}} for step in steps],
            **self._lists(["Skill", "Tool"]),
        }

    def _guide(self, role: int, place: int) -> Content:
        title = f"Recruiting Roles {role} in Place {place}"
        guide = {
            "type": "Guide",
            "slug": guide_slug(role, place),
            "role": slug("role", role),
            "location": slug("place", place),
            "title": self._localized(title),
            "subtitle": self._localized("What to know before you hire"),
            "whyHire": self._texts(),
            "salaryRanges": [self._salary_range(level) for level in LEVELS],
            "jobsUrl": f"https://jobs.example/{role}/{place}",
            "seoTitle": self._localized(f"{title} | Guide"),
            "seoDescription": self._localized(self._sentence()),
        }
        if self._random.randrange(self._amount.own) == 0:
            names = ("techScene", "aboutRole", "marketDemand")
            guide |= {name: self._texts() for name in names} | self._lists(LISTS)
        return guide

    def _listed(self, name: str, number: int) -> Content:
        item: Content = {
            "type": name,
            "slug": slug(name, number),
            "name": {"en": f"{name} {number}"},
        }
        if name in {"Company", "Hub", "University"}:
            item["website"] = f"https://{slug(name, number)}.example"
        if name == "Hub":
            item["location"] = slug("place", self._random.randrange(PLACES))
        return item

    def _lists(self, names: Sequence[str] | dict[str, int]) -> Content:
        plurals = {"Company": "companies", "University": "universities"}
        return {
            plurals.get(name, f"{name.lower()}s"): [
                slug(name, number)
                for number in self._random.sample(range(LISTS[name] * POOL), LISTS[name])
            ]
            for name in names
        }

    def _salary_range(self, level: str) -> Content:
        low, high = LEVELS[level]
        minimum = self._random.randrange(low, high) * 1000
        return {
            "level": level,
            "minimum": minimum,
            "maximum": minimum + self._random.randrange(8, 25) * 1000,
            "currency": "EUR",
            "period": "YEAR",
            "basis": "GROSS",
        }

    def _localized(self, english: str) -> dict[str, str]:
        """English always, the others for some."""
        others = {
            code: f"{english} ({code})"
            for code in ("nl", "fr")
            if self._random.random() < self._amount.others
        }
        return {"en": english, **others}

    def _texts(self) -> dict[str, str]:
        return {code: self._markdown() for code in self._localized("")}

    def _markdown(self) -> str:
        paragraphs = [self._sentence()]
        while sum(map(len, paragraphs)) < TEXT - 150:
            paragraphs.append(" ".join(self._sentence() for _ in range(3)))
        choice = self._random.choice
        items = [f"- **{choice(WORDS)}**: {choice(WORDS)} & more" for _ in range(3)]
        return "\n\n".join([*paragraphs, "\n".join(items)])

    def _sentence(self) -> str:
        return " ".join(self._random.choices(WORDS, k=12)).capitalize() + "."
