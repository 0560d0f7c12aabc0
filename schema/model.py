"""The content model as one value: every content type with its fields and relations.

It is read from the entities. Everything else (GraphQL types, statements, documents) is derived from
the model and does not read entities. A model is immutable: it is built in steps, each of which
returns a new one.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from functools import cache, cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Column, Table
from sqlalchemy.orm import Mapper
from sqlalchemy.orm import registry as Registry  # noqa: N812

import schema.entities  # noqa: F401  # declares every content type
from schema.attributes import (
    FORMER_SLUGS,
    STATUS,
    Attribute,
    Computed,
    History,
    InheritedList,
    Owner,
    Parts,
    Provenance,
    Reference,
    References,
    Relation,
    Reverse,
    ScalarField,
    Scheduled,
    Statuses,
    Translations,
    camel_case,
    former_slugs,
    read_as,
    status,
)
from schema.computed import COMPUTATIONS, Computation
from schema.entities.content import BOOKKEEPING, INHERITANCE, Base, Entity, Part, Statistics
from schema.entities.fields import RENAMED_FROM, Format, format_of
from schema.entities.relations import (
    MINIMUM,
    Inheritance,
    PartsMarker,
    ReferenceMarker,
    ReferencesMarker,
    inheritance,
)

SET_BY_THE_SERVICE = {"id", "slug", "position", STATUS, FORMER_SLUGS, *BOOKKEEPING}
"""The fields that editors do not write as values: keys, position, status and bookkeeping."""

OLD_SLUG = "renamedFrom"
"""The key in the header of a document under which a former slug of its item stands."""
HEADER = ("type", "slug", OLD_SLUG, "draft", "published", "live")
"""The keys in the header of a document, which are not values of its item."""
_TAKEN = {*HEADER, "locales"} - SET_BY_THE_SERVICE
"""The names that no field or relation may have, because documents use them as keys."""


@dataclass(frozen=True, eq=False)
class ContentType:
    """A content type, or a part of one."""

    name: str
    """As in GraphQL: `SalaryRange`."""
    doc: str
    is_part: bool
    plural: str
    """The plural of the name, in snake case."""
    draft: Table
    live: Table
    statistics: Statistics | None = None
    renamed_from: str | None = None
    """The name that it had before, if autogenerate is to rename it."""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    """By name in snake case, in display order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    @property
    def table_name(self) -> str:
        """The name in snake case; also the prefix of ids."""
        return self.draft.name

    @property
    def label(self) -> str:
        """The name in running text: `salary range`."""
        return self.table_name.replace("_", " ")

    @property
    def labels(self) -> str:
        """The plural in running text: `salary ranges`."""
        return self.plural.replace("_", " ")

    @property
    def graphql_name(self) -> str:
        """The name of the root field for one item."""
        return camel_case(self.table_name)

    @property
    def graphql_plural(self) -> str:
        """The name of the root field for all items."""
        return camel_case(self.plural)

    def named(self, graphql_name: str) -> Attribute:
        """The attribute with this name in GraphQL; raises `KeyError` if there is none."""
        return self._by_graphql_name[graphql_name]

    @cached_property
    def _by_graphql_name(self) -> Mapping[str, Attribute]:
        return MappingProxyType({each.graphql_name: each for each in self.attributes.values()})

    def fields(self) -> tuple[ScalarField, ...]:
        """The fields that SQL reads, including derived ones and bookkeeping."""
        return self._kinds[0]

    def written(self) -> tuple[ScalarField, ...]:
        """The fields that editors write as values."""
        return self._kinds[1]

    @cached_property
    def texts(self) -> tuple[ScalarField, ...]:
        """The fields that have a text, or texts, in each locale; a slug is none."""
        found = (each for each in self.written() if each.format.localized)
        return tuple(each for each in found if each.format is not Format.LOCALIZED_SLUG)

    def relations(self) -> tuple[Relation, ...]:
        """The relations, except the reference from a part to its owner."""
        return self._kinds[2]

    @cached_property
    def _kinds(
        self,
    ) -> tuple[tuple[ScalarField, ...], tuple[ScalarField, ...], tuple[Relation, ...]]:
        found = self.attributes.values()
        fields = tuple(each for each in found if isinstance(each, ScalarField))
        written = tuple(each for each in fields if each.name not in SET_BY_THE_SERVICE)
        relations = (each for each in found if isinstance(each, Relation))
        return fields, written, tuple(each for each in relations if not isinstance(each, Owner))

    def with_attributes(self, more: Iterable[Attribute]) -> "ContentType":
        """A copy with more attributes; raises `TypeError` for a name that is taken or reserved."""
        attributes = dict(self.attributes)
        for each in more:
            self._check_name(each)
            if each.name in attributes:
                raise TypeError(f"{self.name} has two attributes called {each.name}")
            attributes[each.name] = each
        return replace(self, attributes=attributes)

    def _check_name(self, attribute: Attribute) -> None:
        is_written = isinstance(attribute, ScalarField | Reference | References | Parts)
        if is_written and not self.is_part and attribute.name in _TAKEN:
            taken = ", ".join(sorted(_TAKEN))
            message = f"{self.name}.{attribute.name} needs another name; documents have the keys"
            raise TypeError(f"{message} {taken} already")


@dataclass(frozen=True, eq=False, repr=False)
class Model(Mapping[str, ContentType]):
    """Every content type and part by its name, in alphabetical order."""

    types: InitVar[Iterable[ContentType]]
    _types: Mapping[str, ContentType] = field(init=False)

    def __post_init__(self, types: Iterable[ContentType]) -> None:
        found = {each.name: each for each in sorted(types, key=lambda each: each.name)}
        object.__setattr__(self, "_types", MappingProxyType(found))

    def __getitem__(self, name: str) -> ContentType:
        return self._types[name]

    # `Mapping` compares by value and is not hashable. Models are compared by identity, so that they
    # can be keys.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)

    def content(self) -> list[ContentType]:
        """The content types that are not parts."""
        return [each for each in self.values() if not each.is_part]

    def parts_of(self, type_: ContentType) -> list[ContentType]:
        """The parts that a content type has."""
        return [self[each.target] for each in type_.relations() if isinstance(each, Parts)]

    @cached_property
    def by_dependency(self) -> tuple[ContentType, ...]:
        """The content types that are not parts, each after the types that it refers to.

        In a cycle, lists of references are ignored first, then references that can be null.
        """
        rest = self.content()
        found: list[ContentType] = []
        while rest:
            there = {each.name for each in found}
            ready = (
                each
                for targets in (_targets, _single_targets, _required_targets)
                for each in rest
                if targets(each) <= there | {each.name}
            )
            # Older tables may require each other; `model_of` refuses to declare that.
            found.append(next(ready, rest[0]))
            rest.remove(found[-1])
        return tuple(found)

    def statistics(self) -> Iterator[tuple[ContentType, Statistics]]:
        """The parts that have a root field for statistics over all items."""
        return ((each, each.statistics) for each in self.values() if each.statistics)

    def source_type(self, owner: ContentType, source: Inheritance) -> ContentType:
        """The content type that `owner` inherits from.

        Raises `TypeError` if `source.via` is not a reference.
        """
        via = owner.attributes.get(source.via)
        if not isinstance(via, Reference):
            raise TypeError(
                f"{owner.name} inherits from {source.via}, which is not one of its references"
            )
        return self[via.target]

    def inherited(self, owner: ContentType, source: Inheritance) -> Attribute:
        """The attribute that `owner` inherits.

        Raises `TypeError` if the source does not have it, or inherits it itself.
        """
        source_type = self.source_type(owner, source)
        found = source_type.attributes.get(source.field)
        if found is None or found.inheritance is not None:
            raise TypeError(
                f"{owner.name} inherits {source.via}.{source.field}, but {source_type.name} has "
                f"no {source.field} of its own"
            )
        return found


def _targets(type_: ContentType) -> set[str]:
    return {it.target for it in type_.relations() if isinstance(it, Reference | References)}


def _single_targets(type_: ContentType) -> set[str]:
    return {it.target for it in type_.relations() if isinstance(it, Reference)}


def _required_targets(type_: ContentType) -> set[str]:
    return {it.target for it in _required(type_)}


def _required(type_: ContentType) -> Iterator[Reference]:
    return (it for it in type_.relations() if isinstance(it, Reference) and it.required)


@cache
def content_model() -> Model:
    """The model of all imported entities, built once.

    Raises `TypeError` if declarations contradict each other.
    """
    return model_of(Base.registry)


def model_of(registry: Registry) -> Model:
    """The model of the entities of a registry; raises `TypeError` as `content_model` does."""
    mappers = [each for each in registry.mappers if issubclass(each.class_, Entity)]
    declared = Model(map(_content_type, mappers))
    model = Model(each.with_attributes(_follow(declared, each)) for each in declared.values())
    _refuse_circle(model)
    return Model(_with_whole_lists(model, each) for each in model.values())


def _refuse_circle(model: Model) -> None:
    """Raise `TypeError` for types that require each other: no item could be the first one."""
    rest = {each.name: _required_targets(each) - {each.name} for each in model.values()}
    while free := [name for name, targets in rest.items() if targets.isdisjoint(rest)]:
        rest = {name: targets for name, targets in rest.items() if name not in free}
    if not rest:
        return
    way = [min(rest)]
    while way[-1] not in way[:-1]:
        way.append(min(rest[way[-1]] & rest.keys()))
    circle = [*pairwise(way[way.index(way[-1]) :])]
    names = [
        next(f"{name}.{each.name}" for each in _required(model[name]) if each.target == target)
        for name, target in circle
    ]
    raise TypeError(
        f"{' and '.join(names)} require each other, so that there could be no first item; "
        f"declare one of them as optional, as in Mapped[{circle[0][1]} | None]"
    )


def _follow(model: Model, type_: ContentType) -> Iterator[Attribute]:
    """The attributes that other declarations give a type: reverses, owners, computed fields."""
    for owner in model.values():
        for relation in owner.relations():
            if relation.target != type_.name:
                continue
            if isinstance(relation, Reference | References) and relation.reverse:
                yield _reverse(owner, relation, type_, relation.reverse)
            elif isinstance(relation, Parts):
                yield _owner(owner, type_)
    yield from (_computed(type_, each) for each in COMPUTATIONS if each.type == type_.name)


def _content_type(mapper: Mapper[Any]) -> ContentType:
    entity = cast(type[Entity], mapper.class_)
    declaration = entity.__declaration__
    if declaration.live is None:
        raise TypeError(f"{entity.__name__} is a Part that no content type owns; use parts()")
    found = ContentType(
        name=entity.__name__,
        doc=inspect.cleandoc(entity.__doc__ or ""),
        is_part=issubclass(entity, Part),
        plural=declaration.plural,
        draft=cast(Table, mapper.local_table),
        live=declaration.live,
        statistics=declaration.statistics,
        renamed_from=declaration.renamed_from,
    )
    if found.is_part and (declaration.relations or declaration.inherited):
        raise TypeError(f"{found.name} is a Part and can have fields only, no relations")
    return found.with_attributes(_attributes(entity, mapper, found))


def _attributes(
    entity: type[Entity], mapper: Mapper[Any], type_: ContentType
) -> Iterator[Attribute]:
    """All attributes that the entity itself gives its type, in display order."""
    fields = [_field(column) for column in type_.draft.columns if not column.foreign_keys]
    yield from (each for each in fields if each.name not in BOOKKEEPING)
    for name in entity.__declaration__.relations:
        yield _relation(entity, name, mapper.relationships[name].mapper.class_.__name__)
    for name, marker in entity.__declaration__.inherited.items():
        source = inheritance(marker.source, name)
        doc = marker.doc or f"The {_field_of(source)} of the {type_.label}'s {_words(source.via)}."
        yield InheritedList(name=name, doc=doc, target="", inheritance=source)
    yield from (each for each in fields if each.name in BOOKKEEPING)
    yield from read_as()
    if type_.with_attributes(fields).texts:
        doc = (
            "The locale that each text comes from: the one that was read, or a fallback. Inherited "
            "texts are listed too; fields without a text are not."
        )
        yield Provenance(name="provenance", doc=doc)
    if not type_.is_part:
        yield status()
        doc = (
            "The publication status in each locale. At the stage `LIVE`, only the locales in which "
            "the item is published."
        )
        yield Statuses(name="statuses", doc=doc)
        doc = (
            "The item in each locale, sorted by locale. At the stage `LIVE`, only the locales in "
            "which it is published."
        )
        yield Translations(name="translations", doc=doc)
        doc = "What is scheduled for the item in the requested locale; null if nothing is."
        yield Scheduled(name="schedule", doc=doc)
        yield former_slugs()
        yield History(name="revisions", doc="The revisions of the item, newest first.")


def _field(column: Column[Any]) -> ScalarField:
    minimum = minimum_of(column)
    bound = None if minimum is None else f"At least {minimum}."
    source = column.info.get(INHERITANCE)
    inherited = _inherited(column.table.name, source, "value. If it is null") if source else None
    return ScalarField(
        name=column.name,
        doc=" ".join(filter(None, (column.doc or _of(column), bound, inherited))),
        format=format_of(column),
        required=not column.nullable,
        inheritance=source,
        column=column,
        minimum=minimum,
        renamed_from=column.info.get(RENAMED_FROM),
    )


def _of(column: Column[Any]) -> str:
    """What a field is if its declaration does not say so."""
    return f"The {_words(column.name)} of the {_words(column.table.name)}."


def _inherited(owner: str, source: Inheritance, own: str) -> str:
    """The sentence about inheritance in the description of an attribute."""
    name = _words(owner)
    inherits = f"the {name} inherits the {_field_of(source)} of its {_words(source.via)}."
    return f"The {name}'s own {own}, {inherits}"


def _field_of(source: Inheritance) -> str:
    return f"`{camel_case(source.field)}`"


def _words(name: str) -> str:
    return name.replace("_", " ")


def minimum_of(column: Column[Any]) -> int | None:
    """The smallest number that a column may have; None if there is no minimum."""
    bounds = [each.info.get(MINIMUM) for each in column.table.constraints]
    return next((least for name, least in filter(None, bounds) if name == column.name), None)


def _relation(entity: type[Entity], name: str, target: str) -> Relation:
    marker = entity.__declaration__.relations[name]
    match marker:
        case ReferenceMarker():
            required = not entity.__table__.c[f"{name}_id"].nullable
            return Reference(
                name=name,
                doc=marker.doc or f"The {_words(name)} of the {_words(entity.__tablename__)}.",
                target=target,
                required=required,
                reverse=marker.reverse,
                renamed_from=marker.renamed_from,
            )
        case ReferencesMarker():
            draft, live = entity.__declaration__.links[name]
            source = inheritance(marker.inherit, name) if marker.inherit else None
            owner = entity.__tablename__
            usual = f"The {_words(name)} of the {_words(owner)}, in the order of the editors."
            inherited = _inherited(owner, source, "list. If it is empty") if source else None
            return References(
                name=name,
                doc=" ".join(filter(None, (marker.doc or usual, inherited))),
                target=target,
                reverse=marker.reverse,
                inheritance=source,
                draft=draft,
                live=live,
                renamed_from=marker.renamed_from,
            )
        case PartsMarker():
            former = marker.renamed_from
            usual = f"The {_words(name)} of the {_words(entity.__tablename__)}, in order."
            return Parts(name=name, doc=marker.doc or usual, target=target, renamed_from=former)


def _reverse(
    owner: ContentType, relation: Reference | References, target: ContentType, name: str
) -> Reverse:
    name_, verb = relation.graphql_name, "is" if isinstance(relation, Reference) else "include"
    inherited = ", in a list of their own or an inherited one" if relation.inheritance else ""
    doc = f"The {owner.labels} whose `{name_}` {verb} this {target.label}{inherited}."
    return Reverse(name=name, doc=doc, target=owner.name, through=relation)


def _owner(owner: ContentType, part: ContentType) -> Owner:
    doc = f"The {owner.label} that the {part.label} belongs to."
    return Owner(name=owner.table_name, doc=doc, target=owner.name)


def _computed(type_: ContentType, computation: Computation) -> Computed:
    for each in computation.needs:
        if not isinstance(type_.attributes.get(each), ScalarField):
            raise TypeError(f"{type_.name}.{computation.name} needs {each}, which is not a field")
    return Computed(
        name=computation.name,
        doc=computation.doc,
        needs=computation.needs,
        compute=computation.compute,
        returns=computation.returns,
    )


def _with_whole_lists(model: Model, owner: ContentType) -> ContentType:
    """A copy of the type in which every inherited list has its target.

    Raises `TypeError` if an attribute inherits one of another kind.
    """
    attributes = {name: whole(model, owner, each) for name, each in owner.attributes.items()}
    return replace(owner, attributes=attributes)


def _is_of_kind(attribute: Attribute, found: Attribute) -> bool:
    """Whether an attribute can have the values of the one that it inherits."""
    match attribute, found:
        case ScalarField(), ScalarField():
            return (attribute.format, attribute.names) == (found.format, found.names)
        case References(), References():
            return attribute.target == found.target
    return isinstance(attribute, InheritedList) and isinstance(found, Parts | References)


def whole(model: Model, owner: ContentType, attribute: Attribute) -> Attribute:
    """The attribute; an inherited list with its target.

    Raises `TypeError` if it inherits what is not there, or is of another kind.
    """
    if attribute.inheritance is None:
        return attribute
    found = model.inherited(owner, attribute.inheritance)
    if not _is_of_kind(attribute, found):
        raise TypeError(
            f"{owner.name}.{attribute.name} inherits {found.name}, which is of another kind"
        )
    if isinstance(attribute, InheritedList) and isinstance(found, Relation):
        return replace(attribute, target=found.target)
    return attribute
