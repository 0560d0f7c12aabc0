"""Content as Python objects: documents, and what the database alone knows of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from schema.attributes import (
    Attribute,
    InheritedList,
    Owner,
    Parts,
    Reference,
    References,
    Relation,
    Reverse,
    ScalarField,
)
from schema.delivery import Stage
from schema.entities.content import BOOKKEEPING
from schema.entities.fields import Format
from schema.model import ContentType, Model
from service.documents.markdown import render
from tests.databases import rows
from tests.differential.content import LOCALES, Document, former_slugs

FALLBACKS = {"en": ["en"], "nl": ["nl", "en"], "fr": ["fr", "en"]}


@dataclass(eq=False)
class Item:
    """An item, in all locales."""

    type: ContentType
    content: Document
    facts: dict[str, Any] = field(default_factory=dict)
    """What the service itself wrote, by the names of fields in GraphQL."""
    owner: "Item | None" = None


class View(NamedTuple):
    """An item in one locale."""

    item: Item
    locale: str


class World:
    """All content in one of its stages."""

    def __init__(self, model: Model, documents: Sequence[Document], stage: Stage) -> None:
        self.model = model
        self.stage = stage
        self._items = {
            (each["type"], each["slug"]): Item(model[each["type"]], each)
            for each in documents
            if stage is Stage.DRAFT or not each.get("draft")
        }
        self._parts: dict[tuple[int, str], list[Item]] = {}
        for item in self._items.values():
            for relation in item.type.relations():
                if isinstance(relation, Parts):
                    parts = item.content.get(relation.graphql_name) or ()
                    self._parts[id(item), relation.name] = [
                        Item(model[relation.target], each, {"position": place}, item)
                        for place, each in enumerate(parts, 1)
                    ]

    async def learn(self, url: str, published: Sequence[Document]) -> None:
        """Take over ids, versions and times; and how items are to what was published of them."""
        live = {(each["type"], each["slug"]): each for each in published if not each.get("draft")}
        for key, item in self._items.items():
            item.facts["status"] = self._status(item, live.get(key))
            former = former_slugs([*published]).get(key)
            item.facts["formerSlugs"] = [former] if former and key in live else []
            item.facts["statuses"] = [
                {"locale": code, "status": item.facts["status"]} for code in sorted(LOCALES)
            ]
        for type_ in self.model.content():
            names = ["id", "slug", *BOOKKEEPING]
            found = await rows(url, f"select {', '.join(names)} from {self._rows(type_)}")
            assert {row[1] for row in found} == {item.content["slug"] for item in self.all(type_)}
            for row in found:
                facts = dict(zip(names, row, strict=True))
                attributes = type_.attributes
                self._items[type_.name, row[1]].facts |= {
                    attributes[name].graphql_name: f"{type_.table_name}_{value}"
                    if name == "id"
                    else value
                    for name, value in facts.items()
                }
        await self._learn_parts(url)

    async def _learn_parts(self, url: str) -> None:
        for parts in self._parts.values():
            for part in parts:
                assert part.owner is not None
                table = part.type.table_name
                owner = part.owner.facts["id"].rpartition("_")[2]
                [(id_,)] = await rows(
                    url,
                    f"select id from {self._rows(part.type)} "
                    "where owner_id = $1::text::uuid and position = $2",
                    owner,
                    part.facts["position"],
                )
                part.facts["id"] = f"{table}_{id_}"

    def _rows(self, type_: ContentType) -> str:
        """One row for each item."""
        if self.stage is Stage.DRAFT:
            return f"draft.{type_.table_name}"
        return f"(select * from live.{type_.table_name} where locale = 'en') live"

    def _status(self, item: Item, published: Document | None) -> str:
        if self.stage is Stage.LIVE:
            return "PUBLISHED"
        if published is None:
            return "DRAFT"
        return "PUBLISHED" if published == item.content else "CHANGED"

    def all(self, type_: ContentType) -> list[Item]:
        """All items of a type by slug; of a part, in any order."""
        if type_.is_part:
            return [each for parts in self._parts.values() for each in parts if each.type is type_]
        found = [each for each in self._items.values() if each.type is type_]
        return sorted(found, key=lambda each: each.content["slug"])

    def find(self, type_: str, slug: str | None) -> Item | None:
        """The item with this slug, if it is published."""
        return self._items.get((type_, slug or ""))

    def led(self, type_: str, slug: str) -> Item | None:
        """The item that this slug leads to: its own, or one that it has in a locale."""
        localized = (
            each
            for each in self.all(self.model[type_])
            if slug in (each.content.get("localizedSlug") or {}).values()
        )
        former = (each for each in self.all(self.model[type_]) if slug in each.facts["formerSlugs"])
        return self.find(type_, slug) or next(localized, None) or next(former, None)

    def with_id(self, id_: str) -> Item | None:
        """The item or the part with this id, if it is published."""
        parts = (each for parts in self._parts.values() for each in parts)
        every = (*self._items.values(), *parts)
        return next((each for each in every if each.facts["id"] == id_), None)

    def id_of(self, view: View) -> str:
        """The id of what is read in a locale, at the stage of this world."""
        locale = "" if view.locale == "en" else f".{view.locale}"
        return f"{view.item.facts['id']}{locale}{'' if self.stage is Stage.LIVE else '.DRAFT'}"

    def value(self, view: View, attribute: ScalarField) -> Any:
        """A field as it is served: None, or a value as Python has it; rich text as its forms."""
        item, locale = view
        name = attribute.graphql_name
        if name in item.facts:
            return item.facts[name]
        found = _resolved(attribute, item.content.get(name), locale)
        if found is None and attribute.inheritance is not None:
            lender = self.one(item, item.type.attributes[attribute.inheritance.via])
            lent = self.model.inherited(item.type, attribute.inheritance)
            assert isinstance(lent, ScalarField)
            return self.value(View(lender, locale), lent) if lender else None
        if found is None and attribute.format is Format.LIST:
            return []
        if found is None and attribute.format is Format.LOCALIZED_SLUG:
            return item.content["slug"]
        return found

    def one(self, item: Item, relation: Attribute) -> Item | None:
        """The other end of a to-one relation."""
        if isinstance(relation, Owner):
            return item.owner
        assert isinstance(relation, Reference)
        return self.find(relation.target, item.content.get(relation.graphql_name))

    def many(self, item: Item, relation: Attribute) -> list[Item]:
        """The other end of a relation to many, in its own order."""
        match relation:
            case Parts():
                return self._parts[id(item), relation.name]
            case References():
                slugs = self._listed(item, relation)
                found = (self.find(relation.target, slug) for slug in slugs)
                return [each for each in found if each is not None]
            case InheritedList():
                lender = self.one(item, item.type.attributes[relation.inheritance.via])
                lent = self.model.inherited(item.type, relation.inheritance)
                return self.many(lender, lent) if lender else []
            case Reverse():
                owners = self.all(self.model[relation.target])
                return [each for each in owners if self._refers(each, relation.through, item)]
        raise AssertionError(relation)

    def _listed(self, item: Item, relation: References) -> list[str]:
        """The slugs on a list; on the lender's where there are none of its own."""
        own: list[str] = item.content.get(relation.graphql_name) or []
        if own or relation.inheritance is None:
            return own
        lender = self.one(item, item.type.attributes[relation.inheritance.via])
        lent = self.model.inherited(item.type, relation.inheritance)
        assert isinstance(lent, References)
        return self._listed(lender, lent) if lender else []

    def _refers(self, owner: Item, relation: Relation, item: Item) -> bool:
        if isinstance(relation, Reference):
            return self.one(owner, relation) is item
        assert isinstance(relation, References)
        return item.content["slug"] in self._listed(owner, relation)

    def source(self, view: View, attribute: ScalarField) -> str | None:
        """The locale that a text is taken from, as it is served."""
        item, locale = view
        found = _source(item.content.get(attribute.graphql_name), locale)
        if found is not None or attribute.inheritance is None:
            return found
        lender = self.one(item, item.type.attributes[attribute.inheritance.via])
        lent = self.model.inherited(item.type, attribute.inheritance)
        assert isinstance(lent, ScalarField)
        return self.source(View(lender, locale), lent) if lender else None

    def untranslated(self, view: View) -> set[str]:
        """The fields whose own text is in another language than the locale."""
        content = view.item.content
        sources = {
            each.graphql_name: _source(content.get(each.graphql_name), view.locale)
            for each in view.item.type.texts
        }
        return {name for name, code in sources.items() if code not in {None, view.locale}}


def _source(value: Any, locale: str) -> str | None:
    return next((code for code in FALLBACKS[locale] if code in (value or {})), None)


def _resolved(attribute: ScalarField, value: Any, locale: str) -> Any:
    if value is None or not attribute.format.localized:
        return value
    found = next((value[code] for code in FALLBACKS[locale] if code in value), None)
    return _forms(found) if found is not None and attribute.format is Format.RICH_TEXT else found


@cache
def _forms(markdown: str) -> Mapping[str, str]:
    return render(markdown)
