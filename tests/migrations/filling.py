"""Random documents that fit what is declared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.migrations.inheriting import LENT
from tests.migrations.targets import LOCALIZED, SLUGS, TEXTS, Document, Field, Type, Types

Draw = Callable[[st.SearchStrategy[Any]], Any]


def followed(types: Types, documents: Iterable[Document]) -> Iterator[tuple[Any, Document]]:
    """The documents under the new names of types, fields and values."""
    by_name = {each.renamed_from or each.name: each for each in types}
    for document in documents:
        if type_ := by_name.get(document["type"]):
            values = _values(type_, document)
            for key in ("slug", "draft"):
                if key in document:
                    values[key] = document[key]
            yield (type_.name, document["slug"]), {"type": type_.name, **values}


def _values(type_: Type, document: Document) -> dict[str, Any]:
    """The values of a document whose fields are still there."""
    found = {"name": document["name"]}
    for each in type_.fields:
        former = replace(each, name=each.renamed_from or each.name).graphql_name
        if former in document:
            value = document[former]
            names = {old: new for new, old in each.renamed_names.items()}
            found[each.graphql_name] = names.get(value, value) if each.names else value
    former = type_.parts_from or type_.parts
    if type_.part and former in document:
        found[type_.parts] = [_values(type_.part, each) for each in document[former]]
    return found


def documents(draw: Draw, types: Types, kept: Mapping[Any, Document]) -> Iterator[Document]:
    """Documents of all types: those kept, with some changed, some new, and some gone."""
    keys = [(each.name, slug) for each in types for slug in SLUGS]
    there = [key for key in keys if draw(_STAYS if key in kept else _COMES)]
    found: dict[Any, dict[str, Any]] = {}
    for type_ in types:
        used: set[Any] = set()
        for key in (each for each in there if each[0] == type_.name):
            values = _filled(draw, type_, kept.get(key, {}), there, used, key)
            if values is not None:
                found[key] = {"type": key[0], "slug": key[1], **values}
                if draw(_IS_DRAFT):
                    found[key]["draft"] = True
    yield from _consistent(types, found)


_STAYS = st.sampled_from([True] * 7 + [False])
_COMES = st.sampled_from([True, False, False])
_IS_CHANGED = st.sampled_from([False] * 5 + [True])
_IS_DRAFT = st.sampled_from([False] * 5 + [True])


def _filled(
    draw: Draw,
    type_: Type,
    kept: Document,
    there: Sequence[Any],
    used: set[Any],
    key: Any = (),
) -> dict[str, Any] | None:
    """The values of an item or a part; None if it cannot have those that are required."""
    found: dict[str, Any] = {"name": kept.get("name") or draw(LOCALIZED)}
    if draw(_IS_CHANGED):
        found["name"] = draw(LOCALIZED)
    for each in type_.fields:
        value = _value(draw, each, kept, there, used, key)
        if value is None and each.is_required:
            return None
        if value is not None:
            found[each.graphql_name] = value
            used.add((each.name, str(value)))
    if type_.part:
        parts = [*kept.get(type_.parts, ())]
        if draw(_IS_CHANGED) or not parts:
            parts += [{}]
        taken: set[Any] = set()
        filled = [_filled(draw, type_.part, each, there, taken) for each in parts[-2:]]
        found[type_.parts] = [each for each in filled if each is not None]
    return found


def _value(
    draw: Draw, field: Field, kept: Document, there: Sequence[Any], used: set[Any], key: Any
) -> Any:
    """The value of a field: the one that it has, if it may stay, or another one; None for none."""
    if field.word == LENT:
        return None
    strategy = _possible(field, there, used, key)
    value = kept.get(field.graphql_name)
    if _fits(field, value, there, used, key) and not draw(_IS_CHANGED):
        return value
    return None if strategy is None else draw(strategy)


def _targets(field: Field, there: Sequence[Any], key: Any) -> list[str]:
    """The slugs that a reference may have; one that is required leads to an item before it."""
    is_own = key and field.target == key[0]
    slugs = [slug for name, slug in there if name == field.target]
    return [slug for slug in slugs if not is_own or slug < key[1]]


def _possible(
    field: Field, there: Sequence[Any], used: set[Any], key: Any
) -> st.SearchStrategy[Any] | None:
    """The values that a field may have; None if there is none."""
    strategy = field.kind.values
    if field.names:
        strategy = st.sampled_from(field.names)
    elif field.target:
        slugs = _targets(field, there, key)
        if field.word == "all":
            return st.lists(st.sampled_from(slugs), unique=True, max_size=2) if slugs else None
        if not slugs:
            return None
        strategy = st.sampled_from(slugs)
    elif field.is_unique:
        pool = [1, 2, 3][max(field.minimum - 1, 0) :] if field.word == "number" else TEXTS
        rest = [each for each in pool if (field.name, str(each)) not in used]
        if not rest:
            return None
        strategy = st.sampled_from(rest)
    elif field.minimum:
        strategy = st.integers(field.minimum, 3)
    return strategy if field.is_required else st.none() | strategy


def _fits(field: Field, value: Any, there: Sequence[Any], used: set[Any], key: Any) -> bool:
    """Whether a field may keep a value."""
    if value is None:
        return not field.is_required
    if field.names:
        return value in field.names
    if field.target:
        slugs = _targets(field, there, key)
        return {*value} <= {*slugs} if field.word == "all" else value in slugs
    if field.minimum and value < field.minimum:
        return False
    return not field.is_unique or (field.name, str(value)) not in used


def _consistent(types: Types, found: dict[Any, dict[str, Any]]) -> Iterator[Document]:
    """The documents without those that cannot be, and drafts what needs a draft."""
    by_name = {each.name: each for each in types}
    while any(_mended(key, each, found, by_name) for key, each in [*found.items()]):
        pass
    yield from found.values()


def _mended(
    key: Any, document: dict[str, Any], found: dict[Any, dict[str, Any]], types: Mapping[str, Type]
) -> bool:
    """Whether a document had to be changed or left out, because of what it refers to."""
    for each in types[key[0]].fields:
        value = document.get(each.graphql_name)
        if each.word == "all" and value:
            document[each.graphql_name] = [it for it in value if (each.target, it) in found]
        elif each.word == "near" and value is not None:
            target = found.get((each.target, value))
            if target is None:
                del document[each.graphql_name]
                if each.is_required:
                    found.pop(key, None)
                return True
            if each.is_required and "draft" in target and "draft" not in document:
                document["draft"] = True
                return True
    return False
