"""Documents of every type in the model, made by chance: ties, gaps, drafts and odd characters."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint

from schema.attributes import Parts, Reference, References, Relation, ScalarField
from schema.entities.fields import Format
from schema.entities.relations import ASCENDING
from schema.model import ContentType, Model
from service.documents.serialization import with_new_slugs

LOCALES = ("en", "nl", "fr")

WORDS = (
    "alpha", "Alpha", "ALPHA", "beta", "Beta b", "gamma_%", "a\\b", "it's", 'say "x"', "é",
    "zed", "日本", "\N{GRINNING FACE}", "tab\there", "<b>", "$1", "x", "{}", "null", "alphabet",
    "É", "Été", "ÉTÉ", "Straße", "STRASSE", "ὈΔΥΣΣΕΎΣ", "Ὀδυσσεύς", "İ", "ЖУК", "жук",
)  # fmt: skip
COUNTRIES = ("BE", "NL", "FR")
CURRENCIES = ("EUR", "GBP")
ITEMS = 9

Document = dict[str, Any]


def documents(
    model: Model, seed: int, words: Sequence[str] = WORDS, most: int = ITEMS
) -> list[Document]:
    """Documents that load and publish together; their texts are made of words.

    `most` is how many of each type are tried.
    """
    return _Author(model, Random(seed), words, most).documents


def earlier(made: list[Document]) -> list[Document]:
    """What they were before: every other one without its lists, and with another text."""
    found = [*made]
    for place, document in enumerate(made[::2]):
        before = {key: each for key, each in document.items() if not isinstance(each, list)}
        texts = (key for key, each in before.items() if isinstance(each, dict))
        text = next(key for key in texts if key != "localizedSlug")
        found[2 * place] = {**before, text: dict.fromkeys(before[text], "before")}
    return found


def former_slugs(made: list[Document]) -> dict[tuple[str, str], str]:
    """The slugs that some of them had before, by their types and slugs."""
    keys = [(each["type"], each["slug"]) for each in made]
    return {(name, slug): f"former-{slug}" for name, slug in keys[::4]}


def formerly(model: Model, made: list[Document]) -> list[Document]:
    """What they were before some of them got other slugs."""
    slugs = former_slugs(made)
    return [
        with_new_slugs(
            model[each["type"]],
            {**each, "slug": slugs.get((each["type"], each["slug"]), each["slug"])},
            slugs,
        )
        for each in made
    ]


def renaming(made: list[Document]) -> list[Document]:
    """Documents that say what they were before."""
    slugs = former_slugs(made)
    found = ((each, slugs.get((each["type"], each["slug"]))) for each in made)
    return [{**each, **({"renamedFrom": old} if old else {})} for each, old in found]


def write(made: list[Document], directory: Path) -> Path:
    """One file for each document; JSON is YAML."""
    directory.mkdir(parents=True, exist_ok=True)
    for each in made:
        path = directory / f"{each['type'].lower()}-{each['slug']}.yaml"
        path.write_text(json.dumps(each), encoding="utf-8")
    return directory


class _Author:
    def __init__(self, model: Model, random: Random, words: Sequence[str], most: int) -> None:
        self._model = model
        self._words = words
        self._random = random
        self._taken: set[tuple[Any, ...]] = set()
        self.documents: list[Document] = []
        self._slugs = {
            each.name: [f"{each.table_name.replace('_', '-')}-{n}" for n in range(most)]
            for each in model.content()
        }
        self._drafts = {
            (name, slug)
            for name, slugs in self._slugs.items()
            for slug in slugs
            if random.random() < 0.15
        }
        for type_ in _required_first(model):
            for slug in self._slugs[type_.name]:
                self._document(type_, slug)

    def _document(self, type_: ContentType, slug: str) -> None:
        content = {**self._values(type_), **self._relations(type_, slug)}
        if not self._is_free(type_, (), content):
            self._drafts.add((type_.name, slug))
            self._slugs[type_.name] = [s for s in self._slugs[type_.name] if s != slug]
            return
        document = {"type": type_.name, "slug": slug, **content}
        if self._is_draft(type_, slug, content):
            self._drafts.add((type_.name, slug))
            document["draft"] = True
        self.documents.append(document)

    def _is_draft(self, type_: ContentType, slug: str, content: Document) -> bool:
        """Marked as one, or in need of one."""
        needed = [
            (each.target, content[each.graphql_name])
            for each in type_.relations()
            if isinstance(each, Reference) and each.required
        ]
        return not self._drafts.isdisjoint([(type_.name, slug), *needed])

    def _values(self, type_: ContentType) -> Document:
        content = {
            each.graphql_name: self._value(each)
            for each in type_.written()
            if each.required or self._random.random() < 0.6
        }
        for low, high in _ascending(type_):
            if low in content and high in content and content[low] > content[high]:
                content[low], content[high] = content[high], content[low]
        return content

    def _relations(self, type_: ContentType, slug: str) -> Document:
        content: Document = {}
        for each in type_.relations():
            value = self._relation(type_, each, slug)
            if value is not None:
                content[each.graphql_name] = value
        return content

    def _relation(self, type_: ContentType, relation: Relation, slug: str) -> Any:
        match relation:
            case Reference():
                targets = self._slugs[relation.target]
                if relation.target == type_.name:
                    # Nothing is above itself.
                    targets = targets[: targets.index(slug)]
                wanted = relation.required or self._random.random() < 0.7
                return self._random.choice(targets) if targets and wanted else None
            case References():
                targets = self._slugs[relation.target]
                count = self._random.choice((0, 0, 1, 2, 4))
                return self._random.sample(targets, min(count, len(targets)))
            case Parts():
                return list(self._parts(self._model[relation.target]))
        return None

    def _parts(self, type_: ContentType) -> Iterator[Document]:
        owner = object()
        for _ in range(self._random.choice((0, 1, 2, 3))):
            part = self._values(type_)
            if self._is_free(type_, (owner,), part):
                yield part

    def _is_free(self, type_: ContentType, scope: tuple[Any, ...], content: Document) -> bool:
        """Whether nothing else has what only one may have."""
        for constraint in type_.draft.constraints:
            if isinstance(constraint, UniqueConstraint):
                columns = [each.name for each in constraint.columns]
                if columns == ["slug"]:
                    continue
                names = [_attribute(type_, each) for each in columns if each != "owner_id"]
                key = (type_.name, *scope, *(content.get(each) for each in names))
                if key in self._taken:
                    return False
                self._taken.add(key)
        return True

    def _value(self, field: ScalarField) -> Any:
        def make() -> Any:
            return VALUES[field.format](self, self._random, field)

        if not field.format.localized:
            return make()
        codes = [each for each in LOCALES if self._random.random() < 0.5]
        if field.required and "en" not in codes:
            codes.append("en")
        return {each: make() for each in codes or ["fr"]}

    def text(self) -> str:
        """A word."""
        return self._random.choice(self._words)

    def texts(self) -> list[str]:
        """Words, or none."""
        return [*dict.fromkeys(self.text() for _ in range(self._random.randrange(4)))]

    def markdown(self) -> str:
        """Rich text."""
        # Four spaces make a line code.
        indent = self._random.choice(("", "", "    "))
        return f"{indent}{self.text()} **{self.text()}**\n\n- {self.text()}\n- `{self.text()}`"


VALUES: dict[Format, Callable[[_Author, Random, ScalarField], Any]] = {
    Format.TEXT: lambda author, *_: author.text(),
    Format.LOCALIZED: lambda author, *_: author.text(),
    Format.LOCALIZED_LIST: lambda author, *_: author.texts() or ["x"],
    Format.RICH_TEXT: lambda author, *_: author.markdown(),
    Format.LOCALIZED_SLUG: lambda _, random, __: f"slug-{random.randrange(10**12)}",
    Format.LIST: lambda author, *_: author.texts(),
    Format.SLUG: lambda _, random, __: f"slug-{random.randrange(3)}",
    Format.URL: lambda _, random, __: f"https://example.org/{random.randrange(3)}",
    Format.COUNTRY_CODE: lambda _, random, __: random.choice(COUNTRIES),
    Format.CURRENCY_CODE: lambda _, random, __: random.choice(CURRENCIES),
    Format.ENUM: lambda _, random, field: random.choice([*field.enumeration.__members__]),
    Format.INTEGER: lambda _, random, __: random.randrange(-3, 9),
    Format.DECIMAL: lambda _, random, __: random.choice((0, 1, 2.5, 1000, 60000, 1234567.25)),
    Format.BOOLEAN: lambda _, random, __: random.random() < 0.5,
    Format.DATE: lambda _, random, __: f"202{random.randrange(5)}-0{random.randrange(1, 9)}-11",
    Format.DATETIME: lambda _, random, __: f"202{random.randrange(5)}-03-11T09:00:00+00:00",
}
"""A value by chance of each format, of a localized one in one locale."""


def _required_first(model: Model) -> list[ContentType]:
    """Types behind those whose items they cannot be without."""
    left, found = model.content(), list[ContentType]()
    while left:
        ready = [
            each
            for each in left
            if not any(
                isinstance(relation, Reference)
                and relation.required
                and model[relation.target] in left
                for relation in each.relations()
            )
        ]
        found += ready
        left = [each for each in left if each not in ready]
    return found


def _ascending(type_: ContentType) -> Iterator[tuple[str, str]]:
    for constraint in type_.draft.constraints:
        if isinstance(constraint, CheckConstraint) and ASCENDING in constraint.info:
            low, high = constraint.info[ASCENDING]
            yield _attribute(type_, low), _attribute(type_, high)


def _attribute(type_: ContentType, column: str) -> str:
    """The name in documents of the attribute that is kept in a column."""
    for each in type_.attributes.values():
        if column == (each.column if isinstance(each, Reference) else each.name):
            return each.graphql_name
    raise KeyError(column)
