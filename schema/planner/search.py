"""`search`: items of any type by the words in them, the best first.

Of what is published, the words were looked at when it was published; of the working copy they are
looked at anew each time, so that a preview finds what will be found.

A cursor holds the rank and the id of a hit. Ranks are those of `ts_rank`, as a decimal number, so
that they are the same wherever they are compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Numeric,
    Table,
    Text,
    any_,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import TSQUERY

from schema.delivery import Stage
from schema.entities.fields import Format
from schema.entities.search_entry import SearchEntry
from schema.model import ContentType
from schema.planner.arguments import Argued, Parameters, Scene, storable
from schema.planner.conditions import conditions_of_types
from schema.planner.json import name
from schema.planner.nodes import either
from schema.planner.objects import Objects
from schema.planner.orders import Key
from schema.planner.pages import Listing, Source
from schema.planner.rows import Picked, Rows, item
from schema.planner.selection import Selected
from schema.planner.words import configuration, entries
from schema.planner.written import written

Expression = ColumnElement[Any]

LONGEST_TEXT = 1_000
"""The characters of a text to search for."""

_HEADLINE = "StartSel=<mark>, StopSel=</mark>, MaxFragments=2, MaxWords=24, MinWords=8"


def search(
    objects: Objects, types: Sequence[ContentType], selected: Selected, scene: Scene
) -> Expression:
    """The connection of what is found among these types."""
    return _Hits(objects.parameters, selected, objects, types, scene).page()


@dataclass(frozen=True)
class _Hits(Listing):
    """What is found, as a connection."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    scene: Scene

    @property
    def name(self) -> str:
        """Of the connection, which is the only one of its kind."""
        return "Search"

    def source(self) -> Source:
        """The entries that have the words."""
        entry = self._entries()
        query = self._query()
        types = self.parameters.add(self.selected, ARRAY(Text()), self._types)
        # What may not be there would make every rank the same: ts_rank looks for it.
        wanted = sql_cast(func.querytree(query), TSQUERY)
        rank = sql_cast(func.ts_rank(entry.c.vector, wanted), Numeric())
        found = (
            select(entry.c.id, entry.c.type, entry.c.text, rank.label("rank"))
            .where(
                entry.c.locale == self.scene.locale,
                entry.c.type == any_(types),
                entry.c.vector.op("@@")(query),
                *self._conditions(entry),
            )
            .subquery()
        )
        return Source.over(found)

    def _conditions(self, entry: FromClause) -> Iterator[ColumnElement[bool]]:
        """What `where` says of each type that it names."""

        def rows(type_: ContentType) -> Rows:
            return item(type_, entry.c.id, *self.scene)

        found = conditions_of_types(self.objects.model, self.parameters, self.selected, rows)
        for type_, condition in found:
            yield or_(entry.c.type != name(type_.table_name), condition)

    def _entries(self) -> FromClause:
        """What there is to be found, in all locales."""
        if self.scene.stage is Stage.LIVE:
            return cast(Table, SearchEntry.__table__).alias()
        model, types = self.objects.model, self.types
        made = (entries(model, each, Stage.DRAFT).statement for each in types)
        return written(model, lambda: union_all(*made))

    def keys(self, columns: FromClause) -> list[Key]:
        """The best first."""
        rank = Key("rank", columns.c.rank, descending=True, format=Format.DECIMAL, nullable=False)
        id_ = Key("id", columns.c.id, descending=False, format=Format.ID, nullable=False)
        return [rank, id_]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The item."""
        return either(
            self.objects, self.types, selected, self.scene, picked.c["type"], picked.c["id"]
        )

    def edge(self, picked: Picked, selected: Selected) -> Expression:
        """How well it fits, and where."""
        match selected.name:
            case "rank":
                return picked.c["rank"]
            case "snippet":
                return self._snippet(picked.c["text"])
        return super().edge(picked, selected)

    def _snippet(self, text: Expression) -> Expression:
        """HTML: markup of the text's own is none."""
        for character, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
            text = func.replace(
                text, literal_column(f"'{character}'"), literal_column(f"'&{entity};'")
            )
        options = literal_column(f"'{_HEADLINE}'", Text())
        return func.ts_headline(configuration(self.scene.locale), text, self._query(), options)

    def _query(self) -> Expression:
        text = self.parameters.add(self.selected, Text(), _text)
        return func.websearch_to_tsquery(configuration(self.scene.locale), text)

    def _types(self, argued: Argued) -> list[str]:
        given = argued.given.get("types")
        return (
            [each.table_name for each in self.types]
            if given is None
            else [each.value for each in given]
        )


def _text(argued: Argued) -> str:
    text = argued.given["text"]
    if len(text) > LONGEST_TEXT:
        message = (
            f"`text` has {len(text):,} characters; it may have {LONGEST_TEXT:,} at most. "
            "Search for a few words."
        )
        raise argued.error("BAD_SEARCH", message, maximum=LONGEST_TEXT)
    return storable(text)
