"""Companies that people work for."""

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import Localized, RichText, Tags, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class Company(Content):
    """A company that recruiters in a place should know."""

    name: Mapped[Localized]
    website: Mapped[Url | None] = mapped_column(doc="The company's website; null if unknown.")
    description: Mapped[RichText | None] = mapped_column(
        doc="What the company does; null if nothing is written about it."
    )
    sectors: Mapped[Tags] = mapped_column(doc="The sectors of business; empty if none is given.")
    headquarters: Mapped[Location | None] = reference(
        doc="The place of the head office; null if unknown."
    )
