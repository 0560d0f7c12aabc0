"""Random inheritance of fields and lists in what is declared."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.migrations.targets import LETTERS, LISTS, Field, Type, Types

Draw = Callable[[st.SearchStrategy[Any]], Any]

LENT = "lent"
_NAME = Field("name")
_WORDS = {"text", "number", "flag", "url", "title", "story", "all", LENT}
"""The kinds of fields that can inherit."""


def change_inheritance(draw: Draw, types: Types) -> Types:
    """Declare that a field inherits, or from another one, or no longer."""
    type_ = draw(st.sampled_from(types))
    fields = [each for each in type_.fields if each.word in _WORDS and not each.is_required]
    found: list[tuple[Field, tuple[str, str] | None]]
    found = [(each, source) for each in fields for source in _sources(types, type_, each)]
    found += [(each, None) for each in fields if each.inherits and each.word != LENT]
    if not found:
        return types
    old, source = draw(st.sampled_from(found))
    new = replace(old, inherits=source)
    made = tuple(new if each is old else each for each in type_.fields)
    return tuple(replace(it, fields=made) if it is type_ else it for it in types)


def add_lent(draw: Draw, types: Types) -> Types:
    """Declare a list that is always inherited."""
    type_ = draw(st.sampled_from(types))
    taken = {each.name for each in type_.fields} | type_.gone
    names = [name for each in LETTERS if (name := f"{LENT}_{each}") not in taken]
    sources = [*_sources(types, type_, Field(LENT))]
    if not names or not sources:
        return types
    made = Field(draw(st.sampled_from(names)), inherits=draw(st.sampled_from(sources)))
    fields = (*type_.fields, made)
    return tuple(replace(it, fields=fields) if it is type_ else it for it in types)


def with_possible_inheritance(types: Types) -> Types:
    """The types in which fields inherit, under its new names, only what is still there."""
    made = tuple(
        replace(each, fields=tuple(_kept(types, each, it) for it in each.fields)) for each in types
    )
    made = tuple(
        replace(each, fields=tuple(it for it in each.fields if it.word != LENT or it.inherits))
        for each in made
    )
    return made if made == types else with_possible_inheritance(made)


def _kept(types: Types, type_: Type, field: Field) -> Field:
    if field.inherits is None:
        return field
    via, name = field.inherits
    for reference in type_.fields:
        if reference.word == "near" and via in (reference.name, reference.renamed_from):
            for source in _lendable(types, reference.target):
                if name in (source.name, source.renamed_from) and _suits(field, source):
                    target = source.target if field.word == LENT else field.target
                    return replace(field, inherits=(reference.name, source.name), target=target)
    return replace(field, inherits=None)


def _sources(types: Types, type_: Type, field: Field) -> Iterator[tuple[str, str]]:
    """What a field can inherit from."""
    for reference in type_.fields:
        if reference.word == "near":
            for source in _lendable(types, reference.target):
                is_itself = reference.target == type_.name and source.name == field.name
                if _suits(field, source) and not is_itself:
                    yield reference.name, source.name


def _suits(field: Field, source: Field) -> bool:
    if field.word == LENT:
        return source.word in ("all", *LISTS)
    word = "title" if source is _NAME else source.word
    return field.word == word and (word != "all" or field.target == source.target)


def _lendable(types: Types, name: str) -> Iterator[Field]:
    """The fields of a type that others can inherit, those that every type has included."""
    for type_ in types:
        if type_.name == name:
            yield _NAME
            yield from (it for it in type_.fields if it.inherits is None and it.word != LENT)
            if type_.part:
                yield Field(type_.parts, target=type_.part.name)
