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

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, GraphQLSyntaxError, parse

from schema.errors import ErrorCode, request_error, with_code
from service.api.complexity import SATURATED, Definition, complexities


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


def read(text: str, limits: Limits) -> DocumentNode:
    """The document, if it is within the limits; raises `GraphQLError` otherwise.

    It may still be invalid, but has no cycles of fragments.
    """
    if len(text) > limits.characters:
        raise too_large("characters", len(text), limits.characters)
    document = _parsed(text, limits.tokens)
    for node, complexity in complexities(document):
        for name, found in complexity._asdict().items():
            allowed: int = getattr(limits, name)
            if found > allowed:
                raise too_large(name, found, allowed, _subject(node))
    return document


def require_small_variables(variables: Mapping[str, Any], limits: Limits) -> None:
    """Raise `GraphQLError` for variables with too much in them."""
    found, depth, level = 0, 0, [*variables.values()]
    while level:
        found, depth = found + len(level), depth + 1
        if found > limits.values:
            raise too_large("values", f"more than {limits.values}", limits.values)
        if depth > limits.value_depth:
            raise too_large("value_depth", f"more than {limits.value_depth}", limits.value_depth)
        level = [inner for each in level for inner in _inside(each)]


def _inside(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _parsed(text: str, tokens: int) -> DocumentNode:
    try:
        return parse(text, max_lexical_tokens=tokens)
    except GraphQLSyntaxError as error:
        if error.message.endswith(f"contains more than {tokens} tokens. Parsing aborted."):
            raise too_large("tokens", f"more than {tokens}", tokens) from error
        raise with_code(ErrorCode.SYNTAX_ERROR, error) from error
    except GraphQLError as error:
        raise with_code(ErrorCode.SYNTAX_ERROR, error) from error


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


def _subject(node: Definition) -> str:
    kind = "fragment" if isinstance(node, FragmentDefinitionNode) else "operation"
    return f"The {kind} {node.name.value}" if node.name else f"The {kind}"
