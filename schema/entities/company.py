"""Companies that people work for."""

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized, RichText, Tags, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class Company(Content):
    """A company that recruiters in a place should know."""

    name: Mapped[Localized]
    website: Mapped[Url | None]
    description: Mapped[RichText | None]
    sectors: Mapped[Tags] = mapped_column(doc="The sectors of business; empty if none is given.")
    headquarters: Mapped[Location | None] = reference(doc="The place of the head office.")
