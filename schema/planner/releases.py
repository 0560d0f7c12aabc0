"""The root field `releases`: a connection of releases."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import (
    ARRAY,
    FromClause,
    Text,
    any_,
    case,
    select,
)

from schema.editing import ReleaseState
from schema.entities.fields import Format
from schema.expressions import Expression
from schema.model import ContentType
from schema.planner.arguments import Parameters, RequestedField
from schema.planner.contexts import ReadContext
from schema.planner.json import json_list, json_object, name
from schema.planner.nodes import either
from schema.planner.objects import Objects
from schema.planner.orders import OrderTerm
from schema.planner.pages import ConnectionSource, Listing
from schema.planner.rows import Picked
from schema.planner.schedules import listed, problems, release_id
from schema.planner.selection import Selected
from schema.releases import RELEASE, RELEASE_ITEM, state_of


def releases(
    objects: Objects, types: Sequence[ContentType], selected: Selected, context: ReadContext
) -> Expression:
    """The connection of releases, whose items are of these types."""
    return _Releases(objects.parameters, selected, objects, types, context).page()


@dataclass(frozen=True)
class _Releases(Listing):
    """The releases in the requested states, in the order in which they are due."""

    parameters: Parameters
    selected: Selected
    objects: Objects
    types: Sequence[ContentType]
    context: ReadContext

    @property
    def name(self) -> str:
        return "Release"

    def source(self) -> ConnectionSource:
        """The rows of the table, each with its state."""
        release = RELEASE.alias()
        found = select(release, state_of(release).label("state")).subquery()
        states = self.parameters.add(self.selected, ARRAY(Text()), _states)
        chosen = select(found).where(found.c.state == any_(states)).subquery()
        return ConnectionSource.over(chosen)

    def keys(self, columns: FromClause) -> list[OrderTerm]:
        """The time at which a release is due, then its id."""
        return [
            OrderTerm("at", columns.c.due_at, False, Format.DATETIME, nullable=False),
            OrderTerm("id", columns.c.id, False, Format.INTEGER, nullable=False),
        ]

    def node(self, picked: Picked, selected: Selected) -> Expression:
        """The JSON object of a release."""
        return json_object(selected.selections, partial(self._value, picked))

    def _value(self, row: Picked, selected: Selected) -> Expression:
        match selected.name:
            case "id":
                return release_id(row["id"])
            case "at":
                return row["due_at"]
            case "nextAttemptAt":
                return case((row["state"] == name(ReleaseState.RETRYING.name), row["next_at"]))
            case "problems" | "items":
                return self._list(row, selected)
        return row[selected.name]

    def _list(self, row: Picked, selected: Selected) -> Expression:
        if selected.name == "items":
            return self._items(row["id"], selected)
        return listed(problems(row["problems"], selected.selections))

    def _items(self, id_: Expression, selected: Selected) -> Expression:
        item = RELEASE_ITEM.alias()
        made = json_object(selected.selections, partial(self._of_item, item))
        order = [item.c.is_reference, item.c.type, item.c.item_id]
        found = select(json_list(made, order)).select_from(item).where(item.c.release_id == id_)
        return found.correlate_except(item).scalar_subquery()

    def _of_item(self, item: FromClause, selected: Selected) -> Expression:
        match selected.name:
            case "item":
                prefixes = (
                    (item.c.type == name(it.name), name(it.table_name)) for it in self.types
                )
                prefix = case(*prefixes)
                return either(
                    self.objects, self.types, selected, self.context, prefix, item.c.item_id
                )
            case "isReference":
                return item.c.is_reference
        return item.c[selected.name]


def _states(requested: RequestedField) -> list[str]:
    given = requested.given.get("states")
    return [each.name for each in (ReleaseState if given is None else given)]
