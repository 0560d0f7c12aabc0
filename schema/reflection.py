"""The content model of an older database, inferred from its tables.

A content migration runs on the tables of its time, while the declarations are the current ones. An
attribute that is in both is as declared. An attribute that is no longer declared is inferred from
its columns: JSON that is plain text in `live` is localized text, and so on. A column that no
declaration can have made holds no content, and is left out. What types do not say, comments do:
the format of a URL, and what is inherited. Older tables than these comments have none.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

from schema.attributes import (
    Attribute,
    InheritedList,
    Owner,
    Parts,
    Reference,
    References,
    Relation,
    ScalarField,
    column_of,
)
from schema.entities.comments import Comments, are_kept, described, described_lists, is_named
from schema.entities.content import BOOKKEEPING, DRAFT, LIVE, LOCALIZED_SLUG, plural_of
from schema.entities.fields import Format, known_format
from schema.entities.live_tables import (
    LOCALE,
    entries_column,
    localized_columns,
    rich_text_column,
)
from schema.entities.relations import ASCENDING, MINIMUM, ascending, at_least
from schema.model import ContentType, Model, minimum_of, whole

_LINK = ("owner_id", "position", "target_id")
"""The columns of a link table."""

_LISTS = {"career_step": "career_path"}
"""The lists of parts whose tables are older than the comments that name lists.

Only those that do not have the plural of their part's name.
"""

_NO_ORPHANS: Mapping[str, Set[str]] = {DRAFT: frozenset(), LIVE: frozenset()}

TablesByName = Mapping[str, Table]
"""The tables of a database by schema and name, as in `draft.guide`."""


class ColumnShape(NamedTuple):
    """The properties of a column that `fits` compares."""

    schema: str
    table: str
    column: str
    is_nullable: bool


class TableFacts(NamedTuple):
    """What a database says of its tables of content."""

    columns: frozenset[ColumnShape]
    constraints: frozenset[str]
    """The names of the unique keys and checks of the working copy."""
    comments: Comments
    foreign_keys: int
    """How many there are, in both copies."""


def fits(declared: Model, found: TableFacts) -> bool:
    """Whether the tables of a database are those of the declared model.

    It has exactly their columns, the same comments, and all of their constraints.
    """
    names = _content(found.columns)
    return (
        _fit_comments(declared, {key: it for key, it in found.comments.items() if key[0] in names})
        and {each for each in found.columns if each.table in names}
        == {*_shape(_declared_tables(declared))}
        and constraints_of(declared) <= found.constraints
    )


def _fit_comments(declared: Model, found: Comments) -> bool:
    """Whether comments say what is declared; older tables may only name lists of parts."""
    tables = [each for each in _declared_tables(declared) if each.schema == DRAFT]
    if are_kept(found):
        return found == dict(_comments(tables))
    parts = (each.draft for each in declared.values() if each.is_part)
    return all(_names_list(found.get((it.name, None)), str(it.comment)) for it in parts)


def _comments(tables: Iterable[Table]) -> Iterator[tuple[tuple[str, str | None], str]]:
    for table in tables:
        if table.comment:
            yield (table.name, None), table.comment
        for column in table.columns:
            if column.comment:
                yield (table.name, column.name), column.comment


def constraints_of(model: Model) -> frozenset[str]:
    """The names of the unique and check constraints of the working copy."""
    return frozenset(
        str(each.name)
        for type_ in model.values()
        for each in type_.draft.constraints
        if isinstance(each, UniqueConstraint | CheckConstraint)
    )


def reflected_model(declared: Model, found: TablesByName) -> Model:
    """The model of tables that do not fit the declared model."""
    return _Past(declared, found).model()


@lru_cache(maxsize=16)
def with_any_names(model: Model) -> Model:
    """A copy of the model whose enumerations can have any name; the same one each time.

    Content of the past can have names that are no longer declared, and migrations write it.
    """
    return Model(
        replace(
            type_, attributes={name: _with_any_name(it) for name, it in type_.attributes.items()}
        )
        for type_ in model.values()
    )


def _with_any_name(attribute: Attribute) -> Attribute:
    if isinstance(attribute, ScalarField) and attribute.format is Format.ENUM:
        return replace(attribute, column=Column(attribute.name, String()))
    return attribute


def _names_list(comment: str | None, name: str) -> bool:
    """Whether the list of a table of parts may have a name; older tables do not say theirs."""
    return comment in {None, name}


def _content(found: Iterable[ColumnShape]) -> set[str]:
    """The names of the content tables: those with `slug` or `owner_id` in the working copy."""
    return {
        each.table for each in found if each.schema == DRAFT and each.column in {"slug", "owner_id"}
    }


def _declared_tables(model: Model) -> Iterator[Table]:
    for type_ in model.values():
        yield from (type_.draft, type_.live)
        for relation in type_.relations():
            if isinstance(relation, References):
                yield from (relation.draft, relation.live)


def _shape(tables: Iterable[Table]) -> Iterator[ColumnShape]:
    for table in tables:
        for column in table.columns:
            yield ColumnShape(str(table.schema), table.name, column.name, bool(column.nullable))


class _Past:
    """Builds the model of older tables."""

    def __init__(self, declared: Model, found: TablesByName) -> None:
        self._declared = {each.table_name: each for each in declared.values()}
        names = _content(_shape(found.values()))
        self._found = {key: each for key, each in found.items() if each.name in names}
        drafts = (each for each in self._found.values() if each.schema == DRAFT)
        self._has_comments = are_kept(dict(_comments(drafts)))
        self._metadata = MetaData(schema=DRAFT)
        self._names = {
            table.name: self._name(table)
            for table in self._found.values()
            if table.schema == DRAFT and tuple(table.columns.keys()) != _LINK
        }

    def model(self) -> Model:
        types = [self._type(table_name) for table_name in self._names]
        model = Model(self._whole(each) for each in types)
        return Model(_without_what_cannot_be_lent(model, each) for each in model.values())

    def _name(self, table: Table) -> str:
        """The name of a table's content type."""
        known = self._declared.get(table.name)
        return known.name if known else "".join(map(str.capitalize, table.name.split("_")))

    def _type(self, table_name: str, orphans: Mapping[str, Set[str]] = _NO_ORPHANS) -> ContentType:
        known = self._declared.get(table_name)
        draft, live = (
            self._table(schema, table_name, getattr(known, schema, None), orphans[schema])
            for schema in (DRAFT, LIVE)
        )
        return ContentType(
            name=self._names[table_name],
            doc=known.doc if known else "",
            is_part="slug" not in draft.columns,
            plural=known.plural if known else plural_of(table_name),
            draft=draft,
            live=live,
        )

    def _table(self, schema: str, name: str, declared: Table | None, orphans: Set[str]) -> Table:
        """A table with the columns in the database; those that are declared are as declared."""
        found = self._found[f"{schema}.{name}"]
        columns = [_column(each, declared) for each in found.columns if each.name not in orphans]
        rules = [] if declared is None else _rules(declared, found)
        return Table(name, self._metadata, *columns, *rules, schema=schema)

    def _whole(self, type_: ContentType) -> ContentType:
        """The type with its attributes, and without columns that none of them has.

        Such as the locale, or the HTML, of a text that a revision has dropped without it. Nothing
        writes them.
        """
        whole_ = type_.with_attributes(self._attributes(type_))
        stored = {"owner_id", *map(column_of, whole_.attributes.values())}
        orphans = {
            DRAFT: {each.name for each in type_.draft.columns} - stored,
            LIVE: {each.name for each in type_.live.columns}.difference(_live(whole_, stored)),
        }
        if not any(orphans.values()):
            return whole_
        self._metadata.remove(type_.draft)
        self._metadata.remove(type_.live)
        kept = self._type(type_.table_name, orphans)
        return kept.with_attributes(self._attributes(kept))

    def _attributes(self, type_: ContentType) -> Iterator[Attribute]:
        known = self._declared.get(type_.table_name)
        made: dict[str, Attribute] = {}
        for attribute in known.attributes.values() if known else ():
            bound = self._is_bound(attribute, type_)
            if bound is not None:
                made[bound.name] = bound
        taken = {column_of(each) for each in made.values()} | {"owner_id"}
        # By name: a column that was dropped and has come back is the last of its table.
        columns = self._found[f"{DRAFT}.{type_.table_name}"].columns
        for column in sorted(columns, key=lambda each: each.name):
            is_free = column.name in type_.draft.columns and column.name not in taken
            if is_free and (found := self._read(type_, column)):
                made[found.name] = found
        parts = {each.target for each in made.values() if isinstance(each, Parts)}
        for relation in self._lists(type_):
            if not (isinstance(relation, Parts) and relation.target in parts):
                made.setdefault(relation.name, relation)
        # Bookkeeping comes last, as in every document.
        yield from (each for name, each in made.items() if name not in BOOKKEEPING)
        yield from (each for name, each in made.items() if name in BOOKKEEPING)

    def _is_bound(self, attribute: Attribute, type_: ContentType) -> Attribute | None:
        """A declared attribute, bound to the columns in the database; None if they are missing."""
        columns, types = type_.draft.columns, {*self._names.values()}
        match attribute:
            case ScalarField() if attribute.name in columns:
                column = columns[attribute.name]
                required, minimum = not column.nullable, minimum_of(column)
                bound = replace(attribute, column=column, required=required, minimum=minimum)
                return self._as_described(bound, column.comment)
            case Reference() if attribute.column in columns and attribute.target in types:
                return replace(attribute, required=not columns[attribute.column].nullable)
            case References() if (
                self._has_links(attribute.draft.name) and attribute.target in types
            ):
                links = self._found[f"{DRAFT}.{attribute.draft.name}"]
                said = described(links.comment).inheritance
                source = said if self._has_comments else attribute.inheritance
                is_inherited = entries_column(attribute.name) in type_.live.columns
                return replace(attribute, inheritance=source if is_inherited else None)
            case Parts():
                return attribute if self._has_parts(type_, attribute) else None
            case InheritedList() if self._has_comments:
                found = {each.name: each for each in self._inherited_lists(type_)}
                return found.get(attribute.name)
        return attribute if isinstance(attribute, Owner | InheritedList) else None

    def _as_described(self, field: ScalarField, comment: str | None) -> ScalarField:
        """A declared field, with what the comment of its column says."""
        if not self._has_comments:
            return field
        format_, source = described(comment)
        if format_ is None:
            format_ = Format.TEXT if is_named(field.format) else field.format
        return replace(field, format=format_, inheritance=source)

    def _inherited_lists(self, type_: ContentType) -> Iterator[InheritedList]:
        comment = None if type_.is_part else self._found[f"{DRAFT}.{type_.table_name}"].comment
        for name, source in described_lists(comment).items():
            yield InheritedList(name=name, doc=None, target="", inheritance=source)

    def _has_links(self, name: str) -> bool:
        return f"{DRAFT}.{name}" in self._found and f"{LIVE}.{name}" in self._found

    def _has_parts(self, type_: ContentType, list_: Parts) -> bool:
        table = self._parts(type_).get(list_.target)
        return table is not None and _names_list(table.comment, list_.name)

    def _read(self, type_: ContentType, column: Column[Any]) -> Attribute | None:
        """The attribute of a column that is not declared; None if it holds no content."""
        for key in column.foreign_keys:
            target = self._names[key.target_fullname.split(".")[-2]]
            name = str(column.name).removesuffix("_id")
            return Reference(name=name, doc=None, target=target, required=not column.nullable)
        own = type_.draft.columns[column.name]
        format_ = described(own.comment).format or self._format(type_, own)
        if format_ is None:
            return None
        return ScalarField(
            name=str(column.name),
            doc=None,
            format=format_,
            required=not column.nullable,
            inheritance=described(own.comment).inheritance,
            column=own,
        )

    def _format(self, type_: ContentType, column: Column[Any]) -> Format | None:
        live = type_.live.columns
        if isinstance(column.type, JSONB):
            if column.name == LOCALIZED_SLUG:
                return Format.LOCALIZED_SLUG
            if rich_text_column(column.name, "html") in live:
                return Format.RICH_TEXT
            copy = live.get(column.name)
            is_list = copy is not None and isinstance(copy.type, ARRAY)
            made = Format.LOCALIZED_LIST if is_list else Format.LOCALIZED
            return None if copy is None else made
        if isinstance(column.type, ARRAY):
            return Format.LIST
        if isinstance(column.type, String) and not isinstance(column.type, Text):
            return Format.ENUM
        type_of_any = column.type.as_generic(allow_nulltype=True)
        return known_format(Column(column.name, type_of_any, primary_key=column.primary_key))

    def _owned(self, type_: ContentType) -> Iterator[Table]:
        """The tables of the working copy whose `owner_id` refers to this type."""
        for table in self._found.values():
            owner = table.columns.get("owner_id")
            if table.schema == DRAFT and owner is not None:
                owners = {each.target_fullname.split(".")[-2] for each in owner.foreign_keys}
                if owners == {type_.table_name}:
                    yield table

    def _parts(self, type_: ContentType) -> dict[str, Table]:
        """The tables of the parts of this type, by the names of the parts."""
        owned = (each for each in self._owned(type_) if each.name in self._names)
        return {self._names[each.name]: each for each in owned}

    def _lists(self, type_: ContentType) -> Iterator[Relation]:
        """Undeclared lists and parts, found by the tables whose `owner_id` refers to this type."""
        for target, table in self._parts(type_).items():
            name = table.comment or _LISTS.get(table.name) or plural_of(table.name)
            yield Parts(name=name, doc=None, target=target)
        for table in self._owned(type_):
            if tuple(table.columns.keys()) == _LINK and self._has_links(table.name):
                [target_key] = table.columns["target_id"].foreign_keys
                name = str(table.name).removeprefix(f"{type_.table_name}_")
                is_inherited = entries_column(name) in type_.live.columns
                yield References(
                    name=name,
                    doc=None,
                    inheritance=described(table.comment).inheritance if is_inherited else None,
                    target=self._names[target_key.target_fullname.split(".")[-2]],
                    draft=table,
                    live=self._found[f"{LIVE}.{table.name}"],
                )
        yield from self._inherited_lists(type_)


def _live(type_: ContentType, stored: Set[str]) -> Iterator[str]:
    """The columns of `live` that attributes fill, which have these in the working copy."""
    yield from (LOCALE, *stored)
    for attribute in type_.attributes.values():
        if isinstance(attribute, ScalarField) and attribute.format.localized:
            yield from localized_columns(attribute.name, attribute.format)
        elif isinstance(attribute, References):
            yield entries_column(attribute.name)


def _column(found: Column[Any], declared: Table | None) -> Column[Any]:
    known = None if declared is None else declared.columns.get(found.name)
    type_ = found.type if known is None else known.type
    if known is None and isinstance(type_, JSONB):
        type_ = JSONB(none_as_null=True)
    return Column(
        str(found.name),
        type_,
        nullable=bool(found.nullable),
        primary_key=found.primary_key,
        comment=found.comment,
        info={} if known is None else dict(known.info),
    )


def _rules(declared: Table, found: Table) -> Iterator[SchemaItem]:
    """The declared constraints that the database has: others, content need not fulfil yet."""
    there = {each.name for each in found.constraints}
    for each in declared.constraints:
        if each.name not in there:
            continue
        if order := each.info.get(ASCENDING):
            yield ascending(*order)
        elif bound := each.info.get(MINIMUM):
            yield at_least(*bound)
        elif isinstance(each, UniqueConstraint):
            yield UniqueConstraint(*each.columns.keys())


def _without_what_cannot_be_lent(model: Model, type_: ContentType) -> ContentType:
    """A copy of the type without inheritance from missing attributes."""
    kept = (_with_possible_inheritance(model, type_, each) for each in type_.attributes.values())
    return replace(type_, attributes={each.name: each for each in kept if each is not None})


def _with_possible_inheritance(
    model: Model, type_: ContentType, attribute: Attribute
) -> Attribute | None:
    """The attribute, without inheritance if the inherited attribute is missing or another one.

    None for an inherited list, which has no values of its own.
    """
    try:
        return whole(model, type_, attribute)
    except TypeError:
        is_list = isinstance(attribute, InheritedList)
        return None if is_list else replace(attribute, inheritance=None)
