"""Skills."""

import enum

from sqlalchemy.orm import Mapped

from schema.entities.content import Content
from schema.entities.fields import Localized


class SkillKind(enum.Enum):
    """What a skill is about."""

    ARCHITECTURE = "ARCHITECTURE"
    DATA = "DATA"
    SECURITY = "SECURITY"
    PRACTICE = "PRACTICE"


class Skill(Content):
    """Something that one has to know for a role."""

    name: Mapped[Localized]
    kind: Mapped[SkillKind | None]
