"""Who may do what: scopes, and what is said to those who lack one."""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from schema.delivery import Stage
from schema.errors import ErrorCode, request_error
from service.errors import RequestError


class Scope(enum.Enum):
    """What a token can allow; the values are what people write."""

    READ = "read"
    """Published content."""
    PREVIEW = "preview"
    """The working copy."""
    WRITE = "write"
    PUBLISH = "publish"
    ADMIN = "admin"

    @property
    def implied(self) -> frozenset["Scope"]:
        """The scope itself, and all that come with it."""
        return frozenset({self}).union(*(each.implied for each in _IMPLIED.get(self, ())))


_IMPLIED = {
    Scope.ADMIN: (Scope.WRITE, Scope.PUBLISH),
    Scope.WRITE: (Scope.PREVIEW,),
    Scope.PUBLISH: (Scope.PREVIEW,),
    Scope.PREVIEW: (Scope.READ,),
}
"""What each brings with it at once; the rest follows."""

OF_TYPES = frozenset({Scope.WRITE, Scope.PUBLISH})
"""The scopes that a token may have for some content types only."""


class AccessError(RequestError):
    """Something that the sender of a request may not do.

    The status is 401 where there is no token or it is not valid, and 403 where it does not go far
    enough.
    """

    def __init__(self, status: Literal[401, 403], message: str) -> None:
        code = ErrorCode.UNAUTHENTICATED if status == 401 else ErrorCode.FORBIDDEN
        challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        super().__init__([request_error(code, message)], status, challenge)


@dataclass(frozen=True)
class Access:
    """What the sender of a request may do."""

    name: str | None
    """Of the token; None without one."""
    scopes: frozenset[Scope]
    """With those that they imply, which need not be given."""
    types: frozenset[str] | None = None
    """The content types, as in GraphQL, that may be written and published; None for all."""

    def __post_init__(self) -> None:
        scopes = frozenset[Scope]().union(*(each.implied for each in self.scopes))
        object.__setattr__(self, "scopes", scopes)

    def allows(self, scope: Scope, type_: str | None = None) -> bool:
        """Whether this may be done with items of the type; without one, with any at all."""
        return scope in self.scopes and self._reaches(scope, type_)

    def require(self, scope: Scope, type_: str | None = None) -> None:
        """Raise `AccessError` where `allows` says no."""
        if not self.allows(scope, type_):
            raise AccessError(401 if self.name is None else 403, self._missing(scope, type_))

    def require_stages(self, stages: Collection[Stage]) -> None:
        """Raise `AccessError` unless these copies of the content may be read."""
        self.require(Scope.PREVIEW if Stage.DRAFT in stages else Scope.READ)

    def _reaches(self, scope: Scope, type_: str | None) -> bool:
        return self.types is None or scope not in OF_TYPES or type_ is None or type_ in self.types

    def _missing(self, scope: Scope, type_: str | None) -> str:
        missing = f"the scope `{scope.value}`"
        if scope in self.scopes:
            missing += f" for the type `{type_}`"
        if self.name is None:
            header = "Authorization: Bearer …"
            return f"This requires {missing}; send a token that has it in the header `{header}`."
        return f"This requires {missing}, which the token `{self.name}` does not have."


def anonymous(reading: bool) -> Access:
    """What may be done without a token: read what is published, if that is allowed."""
    return Access(None, frozenset({Scope.READ}) if reading else frozenset())
