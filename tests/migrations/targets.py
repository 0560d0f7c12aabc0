"""What a team wants to have: declarations of content types, and documents of their items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

Document = Mapping[str, Any]

TYPES = ("Town", "Club", "Pub")
PARTS = ("Stop", "Halt")
LISTS = ("stops", "halts")
SLUGS = ("a", "b", "c")
NAMES = ("ONE", "TWO", "THREE")
LETTERS = ("a", "b")

TEXTS = ("One", "Two words", "Three")
LOCALIZED = st.fixed_dictionaries(
    {"en": st.sampled_from(TEXTS)}, optional=dict.fromkeys(("nl", "fr"), st.sampled_from(TEXTS))
)


class Kind(NamedTuple):
    """A kind of field."""

    annotation: str
    values: st.SearchStrategy[Any]
    in_parts: bool = True
    can_be_unique: bool = False
    can_be_null: bool = True


KINDS = {
    "text": Kind("str", st.sampled_from(TEXTS), can_be_unique=True),
    "number": Kind("int", st.integers(1, 3), can_be_unique=True),
    "flag": Kind("bool", st.booleans()),
    "url": Kind("Url", st.sampled_from(["https://a.example/", "https://b.example/"])),
    "title": Kind("Localized", LOCALIZED),
    "story": Kind("RichText", LOCALIZED.map(lambda it: {c: f"*{t}*" for c, t in it.items()})),
    "tags": Kind("Tags", st.lists(st.sampled_from(TEXTS), unique=True), can_be_null=False),
    # Their values depend on what is declared.
    "kind": Kind("{name}", st.nothing()),
    "near": Kind("'{target}'", st.nothing(), in_parts=False),
    "all": Kind("list['{target}']", st.nothing(), in_parts=False, can_be_null=False),
    # A list that is always inherited, and never in a document.
    "lent": Kind("list['{target}']", st.nothing(), in_parts=False, can_be_null=False),
}
"""By the words that names of fields begin with: a field cannot become one of another kind."""


@dataclass(frozen=True)
class Field:
    """A declared field or relation."""

    name: str
    is_required: bool = False
    is_unique: bool = False
    minimum: int = 0
    """The smallest number that is allowed; 0 if there is none."""
    inherits: tuple[str, str] | None = None
    """The reference, and the field of what it leads to, whose value is inherited."""
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
        options = [f"renamed_from={self.renamed_from!r}"] if self.renamed_from else []
        helper = {"near": "reference", "all": "references"}.get(self.word, "field")
        if self.inherits and self.word == "all":
            options.append(f"inherit={'.'.join(self.inherits)!r}")
        elif self.inherits:
            helper = "inherit"
            options.insert(0, repr(".".join(self.inherits)))
        return f"    {self.name}: Mapped[{annotation}] = {helper}({', '.join(options)})"

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
    gone: frozenset[str] = field(default=frozenset(), compare=False)
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
        keys += [f"at_least('{it.name}', {it.minimum})" for it in self.fields if it.minimum]
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


Types = tuple[Type, ...]


def require_each_other(types: Types) -> bool:
    """Whether types require each other in a circle, which cannot be declared."""
    rest = {
        each.name: {it.target for it in each.fields if it.word == "near" and it.is_required}
        - {each.name}
        for each in types
    }
    for _ in types:
        rest = {name: targets & rest.keys() for name, targets in rest.items() if targets}
    return any(targets for targets in rest.values())


FIRST = Target((Type("Town"),), ({"type": "Town", "slug": "a", "name": {"en": "One"}},))
"""What each history begins with."""
