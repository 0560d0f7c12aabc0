"""The root field `locales`."""

from typing import cast

from sqlalchemy import Table, Text, func, select
from sqlalchemy import cast as cast_to

from schema.aliases import aliased
from schema.expressions import Expression
from schema.planner.json import json_list, json_object
from schema.planner.selection import Selected
from schema.tables.locale import Locale


def locales(selected: Selected) -> Expression:
    """The JSON list of the locales, the default first."""
    locale = aliased(cast(Table, Locale.__table__))
    code = cast_to(locale.c.code, Text())
    values = {
        "code": code,
        "name": func.coalesce(locale.c.name, code),
        "fallbacks": locale.c.fallbacks,
        "isDefault": locale.c.is_default,
    }
    made = json_object(selected.selections, lambda each: values[each.name])
    order = [~locale.c.is_default, locale.c.code]
    return select(json_list(made, order)).select_from(locale).scalar_subquery()
