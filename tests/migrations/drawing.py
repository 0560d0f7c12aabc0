"""Random changes of what is declared: what a team wants to have next, and next, and next.

A `Target` is whole: it says what is declared, and which documents there are. So a history goes on
after a target that could not be reached.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from tests.migrations.filling import Draw, documents, followed
from tests.migrations.inheriting import (
    LENT,
    add_lent,
    change_inheritance,
    with_possible_inheritance,
)
from tests.migrations.targets import (
    KINDS,
    LETTERS,
    LISTS,
    NAMES,
    PARTS,
    TYPES,
    Field,
    Target,
    Type,
    Types,
    require_each_other,
)


def changed(draw: Draw, before: Target, changes: Sequence["Change"], most: int = 3) -> Target:
    """A target with some changes of the model, and some of the documents."""
    types = tuple(map(_settled, before.types))
    for _ in range(draw(st.integers(0, most))):
        new = with_possible_inheritance(draw(st.sampled_from(changes))(draw, types))
        types = types if require_each_other(new) else new
    kept = dict(followed(types, before.documents))
    delete = draw(st.sampled_from(["yes", "yes", "all", "no"]))
    return Target(types, (*documents(draw, types, kept),), delete)


def _settled(type_: Type) -> Type:
    """A type without what it was called before."""
    fields = (replace(each, renamed_from="", renamed_names={}) for each in type_.fields)
    part = _settled(type_.part) if type_.part else None
    names = frozenset(each.name for each in type_.fields)
    return replace(type_, renamed_from="", parts_from="", fields=(*fields,), part=part, gone=names)


# Changes of what is declared. Those that are not possible change nothing.

Change = Callable[[Draw, Types], Types]


def _put(types: Types, old: Type, new: Type) -> Types:
    """The types with another one in the place of one, or of its part."""
    if old in types:
        return tuple(new if each is old else each for each in types)
    return tuple(replace(it, part=new) if it.part is old else it for it in types)


def _one(draw: Draw, types: Types) -> Type:
    """A type or a part."""
    found: Type = draw(st.sampled_from([*types, *(each.part for each in types if each.part)]))
    return found


def _free(draw: Draw, names: Iterable[str], taken: Iterable[str]) -> str | None:
    rest = sorted({*names} - {*taken})
    return draw(st.sampled_from(rest)) if rest else None


def _fields_of(word: str) -> list[str]:
    return [f"{word}_{letter}" for letter in LETTERS]


def add_field(draw: Draw, types: Types) -> Types:
    """Declare one more field."""
    type_ = _one(draw, types)
    words = [word for word, kind in KINDS.items() if type_ in types or kind.in_parts]
    words = [word for word in words if word != LENT]
    word = draw(st.sampled_from(words))
    taken = {each.name for each in type_.fields} | type_.gone
    if (name := _free(draw, _fields_of(word), taken)) is None:
        return types
    kind = KINDS[word]
    is_of_types = word in {"near", "all"}
    made = Field(
        name,
        is_required=kind.can_be_null and draw(st.booleans()),
        is_unique=kind.can_be_unique and draw(st.booleans()),
        minimum=draw(st.sampled_from([0, 2])) if word == "number" else 0,
        target=draw(st.sampled_from(types)).name if is_of_types else "",
        names=draw(_SOME_NAMES) if word == "kind" else (),
    )
    return _put(types, type_, replace(type_, fields=(*type_.fields, made)))


_SOME_NAMES = st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(
    lambda names: tuple(sorted(names))
)


def _with_another(draw: Draw, types: Types, change: Callable[[Field], Field | None]) -> Types:
    """The types with one field changed, or without it."""
    type_ = _one(draw, types)
    if not type_.fields:
        return types
    old = draw(st.sampled_from(type_.fields))
    new = change(old)
    fields = (new if each is old else each for each in type_.fields)
    return _put(types, type_, replace(type_, fields=(*filter(None, fields),)))


def drop_field(draw: Draw, types: Types) -> Types:
    """Declare a field no longer."""
    return _with_another(draw, types, lambda _: None)


def rename_field(draw: Draw, types: Types) -> Types:
    """Declare a field under another name."""
    type_ = _one(draw, types)
    if not type_.fields:
        return types
    old = draw(st.sampled_from(type_.fields))
    taken = {each.name for each in type_.fields} | type_.gone
    name = _free(draw, _fields_of(old.word), taken)
    if name is None or old.name not in type_.gone:
        return types
    new = replace(old, name=name, renamed_from=old.name)
    fields = (new if each is old else each for each in type_.fields)
    return _put(types, type_, replace(type_, fields=(*fields,)))


def restrict(draw: Draw, types: Types) -> Types:
    """Declare that a field is required, unique or a minimum, or no longer."""

    def other(field: Field) -> Field:
        if field.kind.can_be_unique and draw(st.booleans()):
            return replace(field, is_unique=not field.is_unique)
        if field.word == "number" and draw(st.booleans()):
            return replace(field, minimum=0 if field.minimum else 2)
        if field.kind.can_be_null and not field.inherits:
            return replace(field, is_required=not field.is_required)
        return field

    return _with_another(draw, types, other)


def change_names(draw: Draw, types: Types) -> Types:
    """Declare other names of an enumeration, or one of them under another name."""

    def other(field: Field) -> Field:
        rest = sorted({*NAMES} - {*field.names})
        if not field.names or field.renamed_names:
            return field
        if rest and draw(st.booleans()):
            old, new = draw(st.sampled_from(field.names)), draw(st.sampled_from(rest))
            names = tuple(sorted({*field.names, new} - {old}))
            return replace(field, names=names, renamed_names={new: old})
        return replace(field, names=draw(_SOME_NAMES))

    return _with_another(draw, types, other)


def add_type(draw: Draw, types: Types) -> Types:
    """Declare one more type."""
    taken = [name for each in types for name in (each.name, each.renamed_from)]
    if (name := _free(draw, TYPES, taken)) is None:
        return types
    return (*types, Type(name))


def drop_type(draw: Draw, types: Types) -> Types:
    """Declare a type no longer, nor what refers to it."""
    if len(types) == 1:
        return types
    gone = draw(st.sampled_from(types))
    return tuple(
        replace(each, fields=tuple(it for it in each.fields if it.target != gone.name))
        for each in types
        if each is not gone
    )


def rename_type(draw: Draw, types: Types) -> Types:
    """Declare a type or a part under another name."""
    old = _one(draw, types)
    is_part = old not in types
    every = [each.part for each in types if each.part] if is_part else types
    taken = [name for each in every for name in (each.name, each.renamed_from)]
    name = _free(draw, PARTS if is_part else TYPES, taken)
    if name is None or old.renamed_from:
        return types
    renamed = _put(types, old, replace(old, name=name, renamed_from=old.name))
    if is_part:
        return renamed
    return tuple(replace(each, fields=(*_retargeted(each, old.name, name),)) for each in renamed)


def _retargeted(type_: Type, old: str, new: str) -> Iterator[Field]:
    for each in type_.fields:
        yield replace(each, target=new) if each.target == old else each


def add_parts(draw: Draw, types: Types) -> Types:
    """Declare a list of parts."""
    type_ = draw(st.sampled_from(types))
    taken = [it for each in types if each.part for it in (each.part.name, each.part.renamed_from)]
    name = _free(draw, PARTS, taken)
    if type_.part or name is None:
        return types
    part = Type(name)
    return _put(types, type_, replace(type_, part=part, parts=draw(st.sampled_from(LISTS))))


def drop_parts(draw: Draw, types: Types) -> Types:
    """Declare a list of parts no longer."""
    type_ = draw(st.sampled_from(types))
    return _put(types, type_, replace(type_, part=None, parts="", parts_from=""))


def rename_parts(draw: Draw, types: Types) -> Types:
    """Declare a list of parts under another name."""
    type_ = draw(st.sampled_from(types))
    others = sorted({*LISTS} - {type_.parts})
    if not type_.part or type_.parts_from or not others:
        return types
    new = replace(type_, parts=draw(st.sampled_from(others)), parts_from=type_.parts)
    return _put(types, type_, new)


ADDITIONS: Sequence[Change] = (add_field, add_field, add_field, add_type, add_parts, add_lent)
CHANGES: Sequence[Change] = (
    *ADDITIONS,
    *(drop_field, drop_field, rename_field, rename_field, restrict, restrict, change_names),
    *(drop_type, rename_type, drop_parts, rename_parts, change_inheritance, change_inheritance),
)
