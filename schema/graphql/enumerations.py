"""The GraphQL enumerations of `schema.editing`."""

from enum import Enum
from typing import Any

import strawberry

from schema.editing import (
    Action,
    Follow,
    Mode,
    OnConflict,
    ProblemCode,
    ReleaseState,
    UnpublishedReferences,
)


def _enum(of: type[Enum], name: str) -> Any:
    return strawberry.enum(of, name=name, description=" ".join((of.__doc__ or "").split()))


def _described(of: type[Enum], name: str) -> Any:
    """An enumeration whose values are the descriptions of its members."""
    values = {each.name: strawberry.enum_value(each.name, description=each.value) for each in of}
    make: Any = Enum
    return strawberry.enum(
        make(name, values), name=name, description=" ".join((of.__doc__ or "").split())
    )


ACTION = _enum(Action, "Action")
MODE = _enum(Mode, "SaveMode")
ON_CONFLICT = _enum(OnConflict, "OnConflict")
REFERENCES = _enum(UnpublishedReferences, "References")
FOLLOW = _enum(Follow, "ReleaseVersion")
CODE = _described(ProblemCode, "ErrorCode")
RELEASE_STATE = _described(ReleaseState, "ReleaseState")
