"""Universities."""

from sqlalchemy.orm import Mapped

from schema.entities.content import Content
from schema.entities.fields import Localized, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class University(Content):
    """A university that recruiters hire graduates from."""

    name: Mapped[Localized]
    website: Mapped[Url | None]
    location: Mapped[Location | None] = reference()
