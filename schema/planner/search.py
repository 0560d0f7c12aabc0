"""The root field `search`: full-text search over items of all types, best match first.

The search entries of the live copy are written when items are published. Those of the working copy
are computed for each search, so that a preview finds what the live copy will.

Items that contain the words as typed come first, those whose title is the text of the search before
all others. Then come names with a word that begins with the last word, which people may still be
typing, and then titles with a word that differs by one letter.

A cursor holds the rank and the id of a hit. Ranks are those of `ts_rank`, converted to `numeric` so
that every comparison of them is exact.
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
from schema.planner.arguments import Parameters, RequestedField, storable
from schema.planner.compiled import compiled_once
from schema.planner.conditions import conditions_of_types
from schema.planner.contexts import ReadContext
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
"""The maximum number of characters in the text of a search."""

_LIKENESSES = ("exact", "begun", "close")
"""The degrees of a match, from strict to loose; each includes the matches of the one before it."""
_QUERIES = ("titled", *_LIKENESSES)


def search(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The connection of the items of these types that the search finds."""
    return _Hits(objects.parameters, selected, objects, types, context).page()


@dataclass(frozen=True)
class _Hits(Listing):
    """The search entries that match, best match first."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        return "Search"

    def source(self) -> ConnectionSource:
        """The search entries that match, each with its rank."""
        entry, asked = self._entries(), self._queries()
        for each in self.types:
            self.context.scan(each)
        columns = (entry.c.id, entry.c.type, entry.c.text, entry.c.vector)
        # PostgreSQL decompresses a stored vector at every use, but a concatenated one only once.
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
        """The queries for all degrees of a match, as one row."""
        asked = self._asked.table_valued(*(column(each, TSQUERY()) for each in _QUERIES))
        # querytree() drops negated terms: ts_rank looks for these, too, and ranks would be equal.
        wanted = (
            sql_cast(func.querytree(asked.c[each]), TSQUERY).label(f"wanted_{each}")
            for each in _LIKENESSES
        )
        # The offset makes PostgreSQL compute each query once, and not at every use.
        return select(*asked.c, *wanted).offset(_number(0)).subquery()

    def _conditions(self, entry: FromClause) -> Iterator[ColumnElement[bool]]:
        """The conditions of `where`, each only on items of the type that it names."""

        def rows(type_: ContentType) -> Rows:
            return item(type_, entry.c.id, self.context)

        found = conditions_of_types(self.objects.model, self.parameters, self.selected, rows)
        for type_, condition in found:
            yield or_(entry.c.type != name(type_.table_name), condition)

    def _entries(self) -> FromClause:
        """The search entries: at least those of the requested types in the requested locale."""
        if self.context.stage is Stage.LIVE:
            return cast(Table, SearchEntry.__table__).alias()
        return compiled_once(self.objects.model, self._drafts, self.context.locale, self._types)

    def _drafts(self, locale: Expression, types: Expression) -> SelectBase:
        made = []
        for type_ in self.types:
            entry = entries(self.objects.model, type_, Stage.DRAFT)
            is_asked_for = _is_asked_for(entry.locale, name(type_.table_name), locale, types)
            # The offset makes PostgreSQL compute the words of each item once.
            made.append(entry.statement.where(is_asked_for).offset(_number(0)))
        return union_all(*made)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The rank, descending, then the id."""
        rank = OrderTerm(
            "rank", columns.c.rank, descending=True, format=Format.DECIMAL, nullable=False
        )
        id_ = OrderTerm("id", columns.c.id, descending=False, format=Format.ID, nullable=False)
        return [rank, id_]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of the item."""
        return either(
            self.objects, self.types, selected, self.context.shown, picked.c["type"], picked.c["id"]
        )

    def edge(self, picked: Picked, selected: Selected) -> Expression:
        """The field `rank` or `snippet`."""
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
    """The rank of a search entry, on the scale that the GraphQL schema describes at `rank`."""

    def fit(likeness: str) -> Expression:
        rank = func.ts_rank(vector, asked.c[f"wanted_{likeness}"])
        return sql_cast(func.coalesce(rank, _number(0)), Numeric())

    def finds(query: str) -> ColumnElement[bool]:
        return vector.op("@@")(asked.c[query])

    # The lexemes of weight C are those that are near to the words of a name. The longer the name,
    # the more there are: so Java comes before Java 17 and JavaScript.
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
