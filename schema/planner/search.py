"""`search`: items of any type by the words in them, the best first.

Of what is published, the words were looked at when it was published; of the working copy they are
looked at anew each time, so that a preview finds what will be found.

What has the words as they were typed comes first, and of these what is called so; then come names
that begin with the last word, as people are still typing it, and names that a letter is wrong in.

A cursor holds the rank and the id of a hit. Ranks are those of `ts_rank`, as a decimal number, so
that they are the same wherever they are compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Numeric,
    SelectBase,
    Table,
    Text,
    and_,
    any_,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY, TSVECTOR

from schema.delivery import Stage
from schema.entities.fields import Format
from schema.errors import ErrorCode
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import Parameters, ReadContext, RequestedField, storable
from schema.planner.compiled import compiled_once
from schema.planner.conditions import conditions_of_types
from schema.planner.json import name
from schema.planner.nodes import either
from schema.planner.objects import Objects
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing
from schema.planner.rows import Picked, Rows, item
from schema.planner.selection import Selected
from schema.planner.terms import as_json
from schema.planner.words import entries
from schema.tables.search_entry import SearchEntry

LONGEST_TEXT = 1_000
"""The characters of a text to search for."""

_LIKENESSES = ("exact", "begun", "close")
"""How words may be like those asked for; each finds what the one before it does, and more."""
_QUERIES = ("titled", *_LIKENESSES)


def search(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The connection of what is found among these types."""
    return _Hits(objects.parameters, selected, objects, types, context).page()


@dataclass(frozen=True)
class _Hits(Listing):
    """What is found, as a connection."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        """Of the connection, which is the only one of its kind."""
        return "Search"

    def source(self) -> ConnectionSource:
        """The entries that have the words."""
        entry, asked = self._entries(), self._queries()
        columns = (entry.c.id, entry.c.type, entry.c.text, entry.c.vector)
        # PostgreSQL unpacks a vector that is put together once, one in a row wherever it is named.
        once = entry.c.vector.concat(sql_cast(name(""), TSVECTOR())).label("vector")
        unpacked = select(once).correlate(entry).offset(_number(0)).subquery()
        rank = select(_rank(unpacked.c.vector, asked)).correlate(entry, asked).scalar_subquery()
        found = (
            select(*columns, rank.label("rank"))
            .join_from(asked, entry, entry.c.vector.op("@@")(asked.c.close))
            .where(
                _is_asked_for(entry.c.locale, entry.c.type, self.context.locale, self._types),
                *self._conditions(entry),
            )
            .subquery()
        )
        return ConnectionSource.over(found)

    def _queries(self) -> FromClause:
        """What is asked for, as one row."""
        asked = self._asked.table_valued(*(column(each, TSQUERY()) for each in _QUERIES))
        # What may not be there would make every rank the same: ts_rank looks for it.
        wanted = (
            sql_cast(func.querytree(asked.c[each]), TSQUERY).label(f"wanted_{each}")
            for each in _LIKENESSES
        )
        # With an offset PostgreSQL makes each once, and not wherever it is named.
        return select(*asked.c, *wanted).offset(_number(0)).subquery()

    def _conditions(self, entry: FromClause) -> Iterator[ColumnElement[bool]]:
        """What `where` says of each type that it names."""

        def rows(type_: ContentType) -> Rows:
            return item(type_, entry.c.id, *self.context)

        found = conditions_of_types(self.objects.model, self.parameters, self.selected, rows)
        for type_, condition in found:
            yield or_(entry.c.type != name(type_.table_name), condition)

    def _entries(self) -> FromClause:
        """What there is to be found, at least all that is asked for."""
        if self.context.stage is Stage.LIVE:
            return cast(Table, SearchEntry.__table__).alias()
        return compiled_once(self.objects.model, self._drafts, self.context.locale, self._types)

    def _drafts(self, locale: Expression, types: Expression) -> SelectBase:
        made = []
        for type_ in self.types:
            entry = entries(self.objects.model, type_, Stage.DRAFT)
            is_asked_for = _is_asked_for(entry.locale, name(type_.table_name), locale, types)
            # With an offset PostgreSQL takes the words out of each once.
            made.append(entry.statement.where(is_asked_for).offset(_number(0)))
        return union_all(*made)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The best first."""
        rank = OrderTerm(
            "rank", columns.c.rank, descending=True, format=Format.DECIMAL, nullable=False
        )
        id_ = OrderTerm("id", columns.c.id, descending=False, format=Format.ID, nullable=False)
        return [rank, id_]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The item."""
        return either(
            self.objects, self.types, selected, self.context, picked.c["type"], picked.c["id"]
        )

    def edge(self, picked: Picked, selected: Selected) -> Expression:
        """How well it fits, and where."""
        match selected.name:
            case "rank":
                return picked.c["rank"]
            case "snippet":
                return self._snippet(picked)
        return super().edge(picked, selected)

    def _snippet(self, picked: Picked) -> Expression:
        asked = self._asked.table_valued(column("wanted", ARRAY(Text())), column("start", Text()))
        wanted, start = (select(each).scalar_subquery() for each in (asked.c.wanted, asked.c.start))
        given = (picked.c["text"], picked.c["vector"], wanted, start)
        return func.service.search_snippet(*given, type_=Text())

    @cached_property
    def _asked(self) -> Any:
        text = self.parameters.add(self.selected, Text(), _text)
        return func.service.search_query(self.context.locale, sql_cast(text, JSONB))

    @cached_property
    def _types(self) -> Expression:
        return self.parameters.add(self.selected, ARRAY(Text()), self._names_of_types)

    def _names_of_types(self, requested: RequestedField) -> list[str]:
        given = requested.given.get("types")
        return (
            [each.table_name for each in self.types]
            if given is None
            else [each.value for each in given]
        )


def _is_asked_for(
    locale: Expression, type_: Expression, asked: Expression, types: Expression
) -> ColumnElement[bool]:
    return and_(locale == asked, type_ == any_(types))


def _rank(vector: Expression, asked: FromClause) -> Expression:
    """From 1 on for what is called so, and below 0 for each step away from what was typed."""

    def fit(likeness: str) -> Expression:
        rank = func.ts_rank(vector, asked.c[f"wanted_{likeness}"])
        return sql_cast(func.coalesce(rank, _number(0)), Numeric())

    def finds(query: str) -> ColumnElement[bool]:
        return vector.op("@@")(asked.c[query])

    # What is near to a name's words, by weight C, grows with their letters and their number: so
    # Java comes before Java 17 and JavaScript.
    length = func.length(func.ts_filter(vector, name("{c}")))
    shortness = _number(1000) / sql_cast(_number(1000) + length, Numeric())
    return case(
        (finds("titled"), fit("exact") + _number(1)),
        (finds("exact"), fit("exact")),
        (finds("begun"), fit("begun") * shortness - _number(1)),
        else_=fit("close") * shortness - _number(2),
    )


def _number(number: int) -> Expression:
    return literal_column(str(number))


def _text(requested: RequestedField) -> str:
    text = requested.given["text"]
    if len(text) > LONGEST_TEXT:
        message = (
            f"`text` has {len(text):,} characters; it may have {LONGEST_TEXT:,} at most. "
            "Search for a few words."
        )
        raise requested.error(ErrorCode.BAD_SEARCH, message, maximum=LONGEST_TEXT)
    return as_json(storable(text))
