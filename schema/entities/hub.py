"""Tech hubs and coworking spaces."""

import enum

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class HubKind(enum.Enum):
    """A kind of hub."""

    COWORKING = "COWORKING"
    INCUBATOR = "INCUBATOR"
    CAMPUS = "CAMPUS"
    RESEARCH = "RESEARCH"


class Hub(Content):
    """A tech hub or coworking space."""

    name: Mapped[Localized]
    kind: Mapped[HubKind | None] = mapped_column(doc="The kind of hub; null if unknown.")
    website: Mapped[Url | None] = mapped_column(doc="The hub's website; null if unknown.")
    location: Mapped[Location] = reference(doc="The place of the hub.")
