"""Skills."""

import enum

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized


class SkillKind(enum.Enum):
    """A kind of skill."""

    ARCHITECTURE = "ARCHITECTURE"
    DATA = "DATA"
    SECURITY = "SECURITY"
    PRACTICE = "PRACTICE"


class Skill(Content):
    """A skill that roles require."""

    name: Mapped[Localized]
    kind: Mapped[SkillKind | None] = mapped_column(doc="The kind of skill; null if unknown.")
