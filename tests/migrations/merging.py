"""What is declared where two branches meet: the three-way merge that git makes of declarations."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, replace
from typing import TypeVar

from tests.migrations.inheriting import with_possible_inheritance
from tests.migrations.targets import Document, Field, Target, Type, Types, require_each_other

T = TypeVar("T", Field, Type)


class MergeConflictError(Exception):
    """Declarations that only a person can merge."""


def merged(base: Types, one: Types, other: Types) -> Types:
    """The declarations of both sides; raises `MergeConflictError`."""
    types = tuple(_of_each(base, one, other, _type))
    renamed = {each.renamed_from: each.name for each in types if each.renamed_from}
    made = tuple(
        replace(each, fields=tuple(_renamed(it, renamed) for it in each.fields)) for each in types
    )
    _require(_are_distinct(each.name for each in made))
    _require(_are_distinct(each.part.name for each in made if each.part))
    names = {each.name for each in made} | {each.part.name for each in made if each.part}
    _require(all(it.target in {"", *names} for each in made for it in each.fields))
    _require(not require_each_other(made))
    return with_possible_inheritance(made)


def gone(before: Types, after: Types) -> set[str]:
    """The names that declarations no longer have, in all their forms."""
    found: set[str] = set()
    parts = (each.part for each in before if each.part)
    now = {
        each.renamed_from or each.name: each
        for each in [*after, *(it.part for it in after if it.part)]
    }
    for type_ in (*before, *parts):
        there = now.get(type_.name)
        if there is None or there.name != type_.name:
            found |= {type_.name, type_.name.lower()}
        kept = {each.name: each for each in there.fields} if there else {}
        for field in type_.fields:
            if field.name not in kept:
                found |= {field.name, f"{field.name}_id", field.graphql_name}
            else:
                found |= {*field.names} - {*kept[field.name].names}
        if there is None or there.parts != type_.parts:
            found.add(type_.parts)
    return found - {""}


def clash(base: Target, one: Target, other: Target) -> bool:
    """Whether both sides do something to an item, and it is not only its values that they change.

    Nothing merges that one side publishes or withdraws what the other one changes, and what both
    make has the id of the one that runs first.
    """
    before, mine, theirs = ({_key(it): it for it in each.documents} for each in (base, one, other))
    for key in {*before, *mine, *theirs}:
        sides = [before.get(key, {}), mine.get(key, {}), theirs.get(key, {})]
        drafts = {"draft" in each for each in sides if each}
        are_changed = sides[0] not in sides[1:]
        if (are_changed and len(drafts) > 1) or (
            key not in before and mine.keys() & theirs.keys() & {key}
        ):
            return True
    return False


def _key(document: Document) -> tuple[str, str]:
    return document["type"], document["slug"]


def needs_names(source: str, names: Collection[str]) -> bool:
    """Whether a revision speaks of one of these names."""
    return not {*names}.isdisjoint(re.findall(r"\w+", source))


def _renamed(field: Field, names: dict[str, str]) -> Field:
    return replace(field, target=names.get(field.target, field.target))


def _of_each(
    base: Iterable[T], one: Iterable[T], other: Iterable[T], merge: Callable[[T, T, T], T]
) -> Iterator[T]:
    """What is left of each that any side has, by the name that it had in the base."""
    before: dict[str, T] = _by_name(base)
    mine: dict[str, T] = _by_name(one)
    theirs: dict[str, T] = _by_name(other)
    for name in dict.fromkeys([*before, *mine, *theirs]):
        sides = [side[name] for side in (mine, theirs) if name in side]
        if name not in before:
            # Made twice, it cannot be made in both revisions.
            _require(len(sides) == 1)
            yield sides[0]
        elif len(sides) == 2:
            yield merge(before[name], *sides)
        else:
            _require(all(each == before[name] for each in sides))


def _by_name(found: Iterable[T]) -> dict[str, T]:
    """Each by the name that it had before."""
    return {each.renamed_from or each.name: each for each in found}


def _type(base: Type, one: Type, other: Type) -> Type:
    made = _merged(base, one, other, {"fields", "part"})
    before, mine, theirs = ([each.part] if each.part else [] for each in (base, one, other))
    part = [*_of_each(before, mine, theirs, _type)]
    _require(len(part) < 2)
    fields_ = tuple(_of_each(base.fields, one.fields, other.fields, _field))
    _require(_are_distinct(each.name for each in fields_))
    return replace(
        made,
        fields=fields_,
        part=part[0] if part else None,
        parts=made.parts if part else "",
    )


def _field(base: Field, one: Field, other: Field) -> Field:
    return _merged(base, one, other, set())


def _merged(base: T, one: T, other: T, without: set[str]) -> T:
    """What is said of both sides' changes of one thing."""
    said = {}
    for name in (each.name for each in fields(base) if each.name not in without):
        before, mine, theirs = (getattr(each, name) for each in (base, one, other))
        _require(mine == theirs or before in (mine, theirs))
        said[name] = theirs if mine == before else mine
    return replace(one, **said)


def _are_distinct(names: Iterable[str]) -> bool:
    found = [*names]
    return len(found) == len({*found})


def _require(is_possible: bool) -> None:
    if not is_possible:
        raise MergeConflictError
