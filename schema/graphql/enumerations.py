"""The GraphQL enumerations: stages, those of `schema.editing`, and problem codes."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import strawberry

from schema.delivery import Stage
from schema.editing import (
    Action,
    DescribedEnum,
    Follow,
    Mode,
    OnConflict,
    ReleaseState,
    UnpublishedReferences,
)
from schema.errors import PROBLEM_CODES


def enumeration(of: type[Enum], name: str | None = None) -> Any:
    """The GraphQL enumeration of a Python one, with its descriptions."""
    made: Any = strawberry.enum(of, name=name, description=_doc(of) or None)
    if issubclass(of, DescribedEnum):
        return with_values(made, lambda value: of[value].description)
    return with_values(made, lambda value: f"{value.replace('_', ' ').capitalize()}.")


def with_values(made: Any, describe: Callable[[str], str]) -> Any:
    """A GraphQL enumeration with a description of each value, given its name."""
    for each in made.__strawberry_definition__.values:
        each.description = describe(each.name)
    return made


def _doc(of: type[Enum]) -> str:
    return " ".join((of.__doc__ or "").split())


def _described(members: Iterable[Enum], name: str, description: str) -> Any:
    """The GraphQL enumeration for Python members whose values are their descriptions."""
    values = {
        each.name: strawberry.enum_value(each.name, description=each.value) for each in members
    }
    make: Any = Enum
    return strawberry.enum(make(name, values), name=name, description=description)


STAGE: Any = with_values(
    strawberry.enum(Stage, description="One of the two copies of the content."),
    {
        "DRAFT": "The working copy, which editors change.",
        "LIVE": "The live copy, which contains what is published.",
    }.__getitem__,
)
ACTION = enumeration(Action, "Action")
MODE = enumeration(Mode, "SaveMode")
ON_CONFLICT = enumeration(OnConflict, "OnConflict")
REFERENCES = enumeration(UnpublishedReferences, "References")
FOLLOW = enumeration(Follow, "ReleaseVersion")
CODE = _described(PROBLEM_CODES, "ErrorCode", "A kind of problem with content.")
RELEASE_STATE = enumeration(ReleaseState, "ReleaseState")
