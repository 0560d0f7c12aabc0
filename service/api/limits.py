"""How large a request may be, whatever it asks for: held before it is validated.

Validation, planning and execution take time that grows with what a document says after its
fragments are put in. So that is measured first, and what is over a limit is refused with the code
`TOO_LARGE`, `TOO_DEEP` or `TOO_COSTLY`; `extensions` has the `limit`, what was `asked`, and what is
`allowed`.

    characters   of the text
    tokens       of the text, without comments
    depth        fields within one another, the innermost counted too
    fields       in all
    objects      fields with a selection of their own
    aliases      fields under another name
    root_fields  fields of the root
    directives   in all
    values       in the variables: members of objects and items of lists
    cost         what it makes the database look up, and
    conditions   members of the objects in arguments
    planning     pieces of the statement that answers it: see `schema.planner.weights`
    condition_depth  relations within one another there: see `service.api.argument_size`

The counts are of an operation with each spread in full, as often as it is spread. What is below
`__schema` and `__type` is counted apart, so that tools can introspect whatever the settings are.
"""

from typing import NamedTuple

from graphql import GraphQLError

from schema.errors import ErrorCode, request_error
from service.api.complexity import SATURATED


class Limits(NamedTuple):
    """The most that is allowed of each."""

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
    # Some 0.2 ms each, for which the thread that plans works on nothing else.
    planning: int = 2_500
    # No settings: what tools ask is always the same, 229 fields 15 deep for graphql-js.
    introspection_depth: int = 25
    introspection_fields: int = 1_000
    # Each more multiplies the time that PostgreSQL plans for, whatever there is in the tables.
    condition_depth: int = 7
    # Deeper than any value has to be, and less than Python's stack bears.
    value_depth: int = 100


_SAYS = {
    "characters": ("The text is {asked} characters long", "Put long values into variables."),
    "tokens": ("The document has {asked} tokens", "Put values into variables."),
    "depth": ("{subject} is {asked} fields deep", "Ask for what lies deeper by itself."),
    "introspection_depth": ("{subject} introspects {asked} fields deep", "Leave the deepest out."),
    "introspection_fields": ("{subject} introspects {asked} fields", "Leave some out."),
    "value_depth": ("The variables are {asked} levels deep", "Take levels out."),
    "values": ("The variables have {asked} values", "Ask for less at once."),
    "conditions": ("The arguments have {asked} conditions", "Ask for less at once."),
    "condition_depth": ("The conditions lead through {asked} fields", "Ask about what is nearer."),
    "introspection": ("The introspection costs {asked}", "Ask for fewer fields of types."),
    "planning": (
        "The statement for this operation has about {asked} pieces, most of them for {subject}",
        "Leave out some of what is selected, asked about or ordered by there.",
    ),
    "cost": ("The operation costs {asked}", "Ask for smaller pages, or fewer lists in lists."),
    "aliases": ("{subject} has {asked} aliases", "Ask for lists instead of many single items."),
    "directives": (
        "{subject} has {asked} directives",
        "Leave fields out instead of skipping them.",
    ),
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
_SAYS_OTHERWISE = ("{subject} has {asked} {what}", "Ask for less at once.")


def too_large(
    name: str, found: int | str, allowed: int, subject: str = "The document"
) -> GraphQLError:
    """The error for more of something than is allowed."""
    says, advice = _SAYS.get(name, _SAYS_OTHERWISE)
    asked = f"{found} or more" if found == SATURATED else str(found)
    said = says.format(subject=subject, asked=asked, what=name.replace("_", " "))
    message = f"{said}; the limit is {allowed}. {advice} Or send several requests."
    code = _CODES.get(name, ErrorCode.TOO_LARGE)
    # Without a place in the text: there is none that is to blame.
    return request_error(code, message, limit=name, asked=found, allowed=allowed)


def too_deep() -> GraphQLError:
    """The error for a document that Python's stack is too small for."""
    message = "The document is nested too deeply; ask for less at once."
    return request_error(ErrorCode.TOO_DEEP, message)
