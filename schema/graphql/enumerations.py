"""The GraphQL enumerations of `schema.editing`, and that of problem codes."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import strawberry

from schema.editing import Action, Follow, Mode, OnConflict, ReleaseState, UnpublishedReferences
from schema.errors import PROBLEM_CODES


def _enum(of: type[Enum], name: str) -> Any:
    return strawberry.enum(of, name=name, description=_doc(of))


def _doc(of: type[Enum]) -> str:
    return " ".join((of.__doc__ or "").split())


def _described(members: Iterable[Enum], name: str, description: str) -> Any:
    """The GraphQL enumeration for Python members whose values are their descriptions."""
    values = {
        each.name: strawberry.enum_value(each.name, description=each.value) for each in members
    }
    make: Any = Enum
    return strawberry.enum(make(name, values), name=name, description=description)


ACTION = _enum(Action, "Action")
MODE = _enum(Mode, "SaveMode")
ON_CONFLICT = _enum(OnConflict, "OnConflict")
REFERENCES = _enum(UnpublishedReferences, "References")
FOLLOW = _enum(Follow, "ReleaseVersion")
CODE = _described(PROBLEM_CODES, "ErrorCode", "What kind of problem content has.")
RELEASE_STATE = _described(ReleaseState, "ReleaseState", _doc(ReleaseState))
