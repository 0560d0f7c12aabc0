"""Universities."""

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class University(Content):
    """A university that recruiters hire graduates from."""

    name: Mapped[Localized]
    website: Mapped[Url | None] = mapped_column(doc="The university's website; null if unknown.")
    location: Mapped[Location | None] = reference(
        doc="The place of the university; null if unknown."
    )
