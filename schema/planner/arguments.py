"""Where the bind parameters of a plan get their values from.

A value never becomes part of a statement's text: each argument that is used gets a parameter and
stays a rule for computing its value from the variables of a request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import GraphQLError, get_argument_values
from graphql.execution.values import VariableValues
from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import TypeEngine

from schema.errors import request_error, with_code
from schema.locales import Locales
from schema.planner.selection import Selected


class Request(NamedTuple):
    """What the values of a plan's parameters are computed from."""

    variables: VariableValues
    locales: Locales


Rule = Callable[[Selected, Mapping[str, Any], Request], Any]
"""The value of a parameter: the field it belongs to, that field's arguments, the request."""


@dataclass
class Parameters:
    """The parameters of a plan that is being made."""

    rules: dict[str, tuple[Selected, Rule]] = field(default_factory=dict)

    def add(self, selected: Selected, type_: TypeEngine[Any], rule: Rule) -> BindParameter[Any]:
        """A new parameter of this SQL type, whose value the rule computes."""
        name = f"p{len(self.rules)}"
        self.rules[name] = (selected, rule)
        return bindparam(name, type_=type_)


def value(selected: Selected, rule: Rule, request: Request) -> Any:
    """The value of a parameter for one request; raises `GraphQLError` if there can be none."""
    try:
        given = (
            get_argument_values(selected.definition, selected.nodes[0], request.variables)
            if selected.definition
            else {}
        )
    except GraphQLError as error:
        raise with_code("BAD_VARIABLES", error) from error
    return rule(selected, given, request)


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses and which therefore nothing there holds."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def slug(_: Selected, given: Mapping[str, Any], __: Request) -> str:
    """`slug`; one that no item can have is as good as any other."""
    return storable(given["slug"])


def locale(selected: Selected, given: Mapping[str, Any], request: Request) -> str:
    """`locale`, which has to be a known one, or the default."""
    asked = given.get("locale")
    if asked is None:
        return request.locales.default
    if asked in request.locales.codes:
        return str(asked)
    known = sorted(request.locales.codes)
    raise request_error(
        "UNKNOWN_LOCALE",
        f"There is no locale {str(asked)!r}. Use one of: {', '.join(known)}.",
        selected.nodes,
        selected.path,
        known=known,
    )
