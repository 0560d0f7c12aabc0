"""Tools."""

import enum

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized


class ToolKind(enum.Enum):
    """A kind of tool."""

    LANGUAGE = "LANGUAGE"
    PLATFORM = "PLATFORM"
    RUNTIME = "RUNTIME"
    FRAMEWORK = "FRAMEWORK"
    DATABASE = "DATABASE"
    MESSAGE_BROKER = "MESSAGE_BROKER"


class Tool(Content):
    """A programming language, platform or product that roles work with."""

    name: Mapped[Localized]
    kind: Mapped[ToolKind | None] = mapped_column(doc="The kind of tool; null if unknown.")
