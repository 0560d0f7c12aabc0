"""Places that people are recruited in."""

import enum
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from schema.entities.content import Content
from schema.entities.fields import CountryCode, Localized, RichText
from schema.entities.relations import reference, references

if TYPE_CHECKING:
    from schema.entities.company import Company
    from schema.entities.hub import Hub
    from schema.entities.university import University


class LocationKind(enum.Enum):
    """How large a place is."""

    COUNTRY = "COUNTRY"
    REGION = "REGION"
    CITY = "CITY"


class Location(Content):
    """A place: a country, a region or a city. What is true of it is written once, here."""

    name: Mapped[Localized]
    kind: Mapped[LocationKind]
    country_code: Mapped[CountryCode | None]
    tech_scene: Mapped[RichText | None]
    parent: Mapped["Location | None"] = reference(
        reverse="children", doc="The place that this one is in."
    )
    companies: Mapped[list["Company"]] = references(doc="The companies to know there.")
    hubs: Mapped[list["Hub"]] = references(doc="Its tech hubs and coworking spaces.")
    universities: Mapped[list["University"]] = references(doc="Where its graduates come from.")
