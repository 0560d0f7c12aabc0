"""Fields that Python computes when the statement has returned.

In place of such a field, the statement writes a placeholder: a JSON list between two tabs, of the
index of the computation, the locale, and the values of the fields that it needs. It is replaced in
the finished bytes, without parsing the rest; see `schema.planner.answers`.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, func, literal_column

from schema.attributes import Computed, ScalarField
from schema.computed import has_words
from schema.model import Model
from schema.planner.arguments import Parameters, RequestedField, locale
from schema.planner.json import Json
from schema.planner.rows import Row
from schema.planner.selection import Selected
from schema.planner.values import value_of

PLACE = b"["
"""What a placeholder begins with, and no mark."""


def place_of(
    model: Model, parameters: Parameters, row: Row, attribute: Computed, selected: Selected
) -> ColumnElement[Any]:
    """The placeholder of a computed field."""
    index: ColumnElement[int] = literal_column(str(parameters.computation(attribute)))
    asked: ColumnElement[Any] = row.locale
    if parameters.given(selected).get("locale") is not None:
        asked = parameters.add(selected, Text(), _language)
    needed = [row.type.attributes[each] for each in attribute.needs]
    values = [value_of(model, row, each) for each in needed if isinstance(each, ScalarField)]
    written = func.json_build_array(index, asked, *values)
    tab = literal_column("E'\\t'", Text())
    return func.concat(tab, written, tab, type_=Json())


def _language(requested: RequestedField) -> str:
    """The argument `locale`: one that Babel can format for, or else one of the known locales."""
    asked = requested.given["locale"]
    return str(asked) if has_words(asked) else locale(requested)


def computed(between: bytes, computations: Sequence[Computed]) -> bytes:
    """The JSON of the value for a placeholder; nothing for anything else."""
    if not between.startswith(PLACE):
        return b""
    index, asked, *values = json.loads(between, parse_float=Decimal, parse_int=Decimal)
    return orjson.dumps(computations[int(index)].compute(asked, *values))
