"""The SQL of root fields, made once for all root fields of the same shape.

An operation that selects fourteen guides under fourteen aliases uses one template fourteen times.
Only the values of the parameters differ; these are numbered when the texts are put together.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.types import TypeEngine

from schema.attributes import Computed
from schema.planner.arguments import Parameters, Rule, Shapes, TagRule
from schema.planner.selection import Selected
from schema.planner.tags import Scanned

# SQLAlchemy leaves it untyped.
_DIALECT = asyncpg.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]

Make = Callable[[Selected, Parameters], ColumnElement[Any]]
"""Makes the value of a root field."""


class Template(NamedTuple):
    """The SQL text of a root field's value, with its parameters as `%(name)s`."""

    text: str
    type: TypeEngine[Any]
    fields: tuple[int, ...]
    """The fields that parameters are computed from, as indices of `_all` of the root field."""
    rules: dict[str, tuple[int, Rule]]
    """By parameter name, in the order of the text: an index of `fields`, and the rule."""
    tags: tuple[tuple[int, TagRule], ...]
    """For tags: an index of `fields`, and the rule."""


@dataclass
class Texts:
    """The texts of an operation's root fields, and the parameters of all of them."""

    shapes: Shapes
    make: Make
    fields: list[Selected] = field(default_factory=list)
    rules: list[tuple[int, Rule]] = field(default_factory=list)
    computations: list[Computed] = field(default_factory=list)
    scanned: Scanned = field(default_factory=Scanned)
    tags: list[tuple[int, TagRule]] = field(default_factory=list)
    _made: dict[Hashable, Template] = field(default_factory=dict)

    def value(self, selected: Selected) -> ColumnElement[Any]:
        """The value of a root field, as SQL with numbered parameters."""
        key = shape_of(selected, self.shapes)
        if key not in self._made:
            self._made[key] = self._template(selected)
        template = self._made[key]
        first, number = len(self.fields), len(self.rules)
        among = tuple(_all(selected))
        self.fields += [among[each] for each in template.fields]
        self.rules += [(first + index, rule) for index, rule in template.rules.values()]
        self.tags += [(first + index, rule) for index, rule in template.tags]
        names = {name: f"${number + place}" for place, name in enumerate(template.rules, 1)}
        return literal_column(template.text % names, template.type)

    def _template(self, selected: Selected) -> Template:
        parameters = Parameters(self.shapes, computations=self.computations, scanned=self.scanned)
        made = self.make(selected, parameters)
        compiled: Any = made.compile(dialect=_DIALECT)
        places = {id(each): place for place, each in enumerate(_all(selected))}
        return Template(
            str(compiled),
            made.type,
            tuple(places[id(each)] for each in parameters.fields),
            {name: parameters.rules[name] for name in compiled.binds},
            tuple(parameters.tags),
        )


def shape_of(selected: Selected, shapes: Shapes) -> Hashable:
    """A key that is equal for all root fields that share a template."""
    return (
        selected.name,
        shapes.of(selected),
        shapes.absent(selected),
        _below(selected.selections, shapes),
        tuple((name, _below(each, shapes)) for name, each in selected.possible.items()),
    )


def _below(selections: Sequence[Selected], shapes: Shapes) -> Hashable:
    return tuple((each.key, shape_of(each, shapes)) for each in selections)


def _all(selected: Selected) -> Iterator[Selected]:
    """A field and all fields below it, depth first."""
    yield selected
    for selections in (selected.selections, *selected.possible.values()):
        for each in selections:
            yield from _all(each)
