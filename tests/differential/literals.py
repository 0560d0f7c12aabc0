"""Values of GraphQL: as they stand in a document, and in JSON."""

import json
from typing import Any


class Name(str):
    """A value of an enumeration."""

    __slots__ = ()


class Variable(str):
    """A variable's name, in the place of a value."""

    __slots__ = ()


def has_variable(value: Any) -> bool:
    """Whether there is a variable in it."""
    if isinstance(value, dict):
        return any(map(has_variable, value.values()))
    if isinstance(value, list):
        return any(map(has_variable, value))
    return isinstance(value, Variable)


def plain(value: Any) -> Any:
    """A value as it stands in JSON."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return str(value) if isinstance(value, Name) else value


def literal(value: Any) -> str:
    """A value as it stands in a document."""
    if isinstance(value, Variable):
        return f"${value}"
    if isinstance(value, Name):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)
