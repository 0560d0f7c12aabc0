"""Random declarations and documents: what a team wants to have next, and next, and next.

A `Target` is whole: it says what is declared, and which documents there are. So a history goes on
after a target that could not be reached.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
Document = Mapping[str, Any]

TYPES = ("Town", "Club", "Pub")
PARTS = ("Stop", "Halt")
LISTS = ("stops", "halts")
SLUGS = ("a", "b", "c")
NAMES = ("ONE", "TWO", "THREE")
LETTERS = ("a", "b")

_TEXTS = ("One", "Two words", "Three")
_LOCALIZED = st.fixed_dictionaries(
    {"en": st.sampled_from(_TEXTS)}, optional=dict.fromkeys(("nl", "fr"), st.sampled_from(_TEXTS))
)


class Kind(NamedTuple):
    """A kind of field."""

    annotation: str
    values: st.SearchStrategy[Any]
    in_parts: bool = True
    can_be_unique: bool = False
    can_be_null: bool = True


KINDS = {
    "text": Kind("str", st.sampled_from(_TEXTS), can_be_unique=True),
    "number": Kind("int", st.integers(1, 3), can_be_unique=True),
    "flag": Kind("bool", st.booleans()),
    "url": Kind("Url", st.sampled_from(["https://a.example/", "https://b.example/"])),
    "title": Kind("Localized", _LOCALIZED),
    "story": Kind("RichText", _LOCALIZED.map(lambda it: {c: f"*{t}*" for c, t in it.items()})),
    "tags": Kind("Tags", st.lists(st.sampled_from(_TEXTS), unique=True), can_be_null=False),
    # Their values depend on what is declared.
    "kind": Kind("{name}", st.nothing()),
    "near": Kind("'{target}'", st.nothing(), in_parts=False),
    "all": Kind("list['{target}']", st.nothing(), in_parts=False, can_be_null=False),
}
"""By the words that names of fields begin with: a field cannot become one of another kind."""


@dataclass(frozen=True)
class Field:
    """A declared field or relation."""

    name: str
    is_required: bool = False
    is_unique: bool = False
    target: str = ""
    names: tuple[str, ...] = ()
    """Of its enumeration."""
    renamed_from: str = ""
    renamed_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The kind of the field."""
        return self.name.partition("_")[0]

    @property
    def kind(self) -> Kind:
        """What can be done with it."""
        return KINDS[self.word]

    @property
    def graphql_name(self) -> str:
        """The name in documents."""
        return self.word + self.name.partition("_")[2].upper()

    def source(self, type_: str) -> str:
        """The declaration."""
        annotation = self.kind.annotation.format(name=f"{type_}_{self.name}", target=self.target)
        if not self.is_required and self.kind.can_be_null:
            annotation = f"'{self.target} | None'" if self.target else f"{annotation} | None"
        helper = {"near": "reference", "all": "references"}.get(self.word, "field")
        former = f"renamed_from={self.renamed_from!r}" if self.renamed_from else ""
        return f"    {self.name}: Mapped[{annotation}] = {helper}({former})"

    def enumeration(self, type_: str) -> str:
        """The declaration of its enumeration."""
        former = ""
        if self.renamed_names:
            former = f"    __renamed_from__ = {dict(self.renamed_names)}\n"
        names = "".join(f"    {name} = {name!r}\n" for name in self.names)
        return f"class {type_}_{self.name}(enum.Enum):\n{former}{names}\n"


@dataclass(frozen=True)
class Type:
    """A declared type; its part has no other owner."""

    name: str
    fields: tuple[Field, ...] = ()
    renamed_from: str = ""
    part: "Type | None" = None
    parts: str = ""
    """The name of the list of its parts."""
    parts_from: str = ""
    """The name that the list had before."""
    gone: frozenset[str] = frozenset()
    """The names of fields that it had a moment ago, which nothing else may get at once."""

    def source(self, base: str = "Content") -> str:
        """The declaration, after those of what it needs."""
        before = self.part.source("Part") if self.part else ""
        before += "".join(each.enumeration(self.name) for each in self.fields if each.names)
        former = f", renamed_from={self.renamed_from!r}" if self.renamed_from else ""
        lines = [f"class {self.name}(Own, {base}{former}):", "    name: Mapped[Localized]"]
        lines += [each.source(self.name) for each in self.fields]
        if self.part:
            was = f"renamed_from={self.parts_from!r}" if self.parts_from else ""
            lines.append(f"    {self.parts}: Mapped[list[{self.part.name}]] = parts({was})")
        owner = "'owner_id', " if base == "Part" else ""
        keys = [f"UniqueConstraint({owner}'{it.name}')" for it in self.fields if it.is_unique]
        if keys:
            lines.append(f"    __table_args__ = ({', '.join(keys)},)")
        return before + "\n".join(lines) + "\n\n"


@dataclass(frozen=True)
class Target:
    """What is wanted: declarations, and the documents of the folder."""

    types: tuple[Type, ...]
    documents: tuple[Document, ...] = ()
    delete: str = "yes"
    """Whose items are deleted that have no document."""

    def source(self) -> str:
        """The declarations."""
        return "".join(each.source() for each in self.types)

    def __repr__(self) -> str:
        documents = "\n".join(map(repr, self.documents))
        return f"\n{self.source()}delete={self.delete}\n{documents}\n"


FIRST = Target((Type("Town"),), ({"type": "Town", "slug": "a", "name": {"en": "One"}},))
"""What each history begins with."""


def changed(draw: Draw, before: Target, changes: Sequence["Change"], most: int = 3) -> Target:
    """A target with some changes of the model, and some of the documents."""
    types = tuple(map(_settled, before.types))
    for _ in range(draw(st.integers(0, most))):
        types = draw(st.sampled_from(changes))(draw, types)
    kept = dict(_followed(types, before.documents))
    delete = draw(st.sampled_from(["yes", "yes", "all", "no"]))
    return Target(types, (*_documents(draw, types, kept),), delete)


def _settled(type_: Type) -> Type:
    """A type without what it was called before."""
    fields = (replace(each, renamed_from="", renamed_names={}) for each in type_.fields)
    part = _settled(type_.part) if type_.part else None
    names = frozenset(each.name for each in type_.fields)
    return replace(type_, renamed_from="", fields=(*fields,), part=part, parts_from="", gone=names)


# Changes of what is declared. Those that are not possible change nothing.

Types = tuple[Type, ...]
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
    """Declare that a field is required, or no longer, or unique, or no longer."""

    def other(field: Field) -> Field:
        if field.kind.can_be_unique and draw(st.booleans()):
            return replace(field, is_unique=not field.is_unique)
        if field.kind.can_be_null:
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


ADDITIONS: Sequence[Change] = (add_field, add_field, add_field, add_type, add_parts)
CHANGES: Sequence[Change] = (
    *ADDITIONS,
    *(drop_field, drop_field, rename_field, rename_field, restrict, restrict, change_names),
    *(drop_type, rename_type, drop_parts, rename_parts),
)


# Documents that fit what is declared.


def _followed(types: Types, documents: Iterable[Document]) -> Iterator[tuple[Any, Document]]:
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


def _documents(draw: Draw, types: Types, kept: Mapping[Any, Document]) -> Iterator[Document]:
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
    found: dict[str, Any] = {"name": kept.get("name") or draw(_LOCALIZED)}
    if draw(_IS_CHANGED):
        found["name"] = draw(_LOCALIZED)
    for each in type_.fields:
        strategy = _possible(each, there, used, key)
        value = kept.get(each.graphql_name)
        if not _fits(each, value, there, used, key) or draw(_IS_CHANGED):
            value = None if strategy is None else draw(strategy)
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
        pool = [1, 2, 3] if field.word == "number" else _TEXTS
        rest = [each for each in pool if (field.name, str(each)) not in used]
        if not rest:
            return None
        strategy = st.sampled_from(rest)
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
