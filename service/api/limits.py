"""How large a request may be. Most limits are checked before the document is validated.

Validation, planning and execution take time that grows with the size of a document after its
fragments are expanded. So that is measured first, and a request over a limit is refused with the
code `TOO_LARGE`, `TOO_DEEP` or `TOO_COSTLY`. Its `extensions` have the name of the `limit`, what
was `asked`, and what is `allowed`.

    characters       of the text
    tokens           of the text, without comments
    depth            fields within one another, including the innermost
    fields           in all
    objects          fields with a selection of their own
    aliases          fields with an alias
    root_fields      fields of the root
    directives       in all
    values           in the variables: members of objects and items of lists
    value_depth      objects and lists within one another in the variables
    cost             rows to look up: see `service.api.cost`
    conditions       members of the objects in `where` and `orderBy`
    condition_depth  relations within one another there: see `service.api.argument_size`
    planning         pieces of the statement: see `schema.planner.weights`

A fragment counts wherever it is spread. Fields below `__schema` and `__type` are counted apart, so
that tools can introspect whatever the settings are.
"""

from typing import NamedTuple, Self

from graphql import GraphQLError

from schema.errors import ErrorCode, request_error
from service.api.complexity import SATURATED
from service.settings import Settings


class Limits(NamedTuple):
    """The maximum of each."""

    characters: int = 100_000
    tokens: int = 5_000
    depth: int = 20
    fields: int = 1_000
    objects: int = 100
    aliases: int = 200
    root_fields: int = 20
    directives: int = 50
    values: int = 10_000
    conditions: int = 200
    cost: int = 20_000
    # Each piece occupies the planning thread for some 0.2 ms.
    planning: int = 2_500
    # Not settings: tools always send the same query, 229 fields 15 deep for graphql-js.
    introspection_depth: int = 25
    introspection_fields: int = 1_000
    # Each further level multiplies PostgreSQL's planning time, however small the tables are.
    condition_depth: int = 7
    # Deeper than any value needs to be, and less than Python's stack allows.
    value_depth: int = 100

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that are settings, with those that are not."""
        return cls(
            characters=settings.document_limit,
            tokens=settings.token_limit,
            depth=settings.depth_limit,
            fields=settings.field_limit,
            objects=settings.object_limit,
            aliases=settings.alias_limit,
            root_fields=settings.root_field_limit,
            directives=settings.directive_limit,
            values=settings.value_limit,
            conditions=settings.condition_limit,
            cost=settings.cost_limit,
            planning=settings.planning_limit,
        )


_SAYS = {
    "characters": ("The document has {asked} characters", "Put long values into variables"),
    "tokens": ("The document has {asked} tokens", "Put values into variables"),
    "depth": ("{subject} nests fields {asked} levels deep", "Select fewer levels"),
    "introspection_depth": (
        "{subject} nests fields of the introspection {asked} levels deep",
        "Select fewer levels",
    ),
    "introspection_fields": (
        "{subject} selects {asked} fields of the introspection",
        "Select fewer fields",
    ),
    "objects": ("{subject} has {asked} fields with a selection set", "Select fewer of them"),
    "value_depth": ("The variables are nested {asked} levels deep", "Send fewer levels"),
    "values": ("The variables have {asked} values", "Send fewer values"),
    "conditions": ("The arguments have {asked} conditions", "Use fewer conditions"),
    "condition_depth": (
        "The conditions are nested {asked} fields deep",
        "Use conditions on closer relations",
    ),
    "introspection": ("The introspection costs {asked}", "Select fewer fields of types"),
    "planning": (
        "The SQL statement for the operation has about {asked} pieces, most of them for {subject}",
        "Leave out some of the selected fields, conditions or sort keys there",
    ),
    "cost": ("The operation costs {asked}", "Ask for smaller pages or fewer nested lists"),
    "aliases": ("{subject} has {asked} aliases", "Select lists instead of many single items"),
    "directives": ("{subject} has {asked} directives", "Leave fields out instead of skipping them"),
}
_CODES = {
    "depth": ErrorCode.TOO_DEEP,
    "introspection_depth": ErrorCode.TOO_DEEP,
    "value_depth": ErrorCode.TOO_DEEP,
    "condition_depth": ErrorCode.TOO_DEEP,
    "cost": ErrorCode.TOO_COSTLY,
    "planning": ErrorCode.TOO_COSTLY,
    "introspection": ErrorCode.TOO_COSTLY,
}
_SAYS_OTHERWISE = ("{subject} has {asked} {what}", "Select fewer of them")


def too_large(
    name: str, found: int | str, allowed: int, subject: str = "The document"
) -> GraphQLError:
    """The error for a request over a limit."""
    says, advice = _SAYS.get(name, _SAYS_OTHERWISE)
    asked = f"{found} or more" if found == SATURATED else str(found)
    said = says.format(subject=subject, asked=asked, what=name.replace("_", " "))
    message = f"{said}; the limit is {allowed}. {advice}, or send several requests."
    code = _CODES.get(name, ErrorCode.TOO_LARGE)
    # Without a location: no single place in the document is at fault.
    return request_error(code, message, limit=name, asked=found, allowed=allowed)


def too_deep() -> GraphQLError:
    """The error for a document that is nested too deeply for Python's stack."""
    message = "The document is nested too deeply; select fewer levels, or send several requests."
    return request_error(ErrorCode.TOO_DEEP, message)
