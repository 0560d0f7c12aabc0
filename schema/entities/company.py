"""Companies that people work for."""

from sqlalchemy.orm import Mapped

from schema.entities.content import Content
from schema.entities.fields import Localized, RichText, Tags, Url
from schema.entities.location import Location
from schema.entities.relations import reference


class Company(Content):
    """A company worth knowing when one recruits."""

    name: Mapped[Localized]
    website: Mapped[Url | None]
    description: Mapped[RichText | None]
    sectors: Mapped[Tags]
    headquarters: Mapped[Location | None] = reference()
