"""Places that people are recruited in."""

import enum
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content
from schema.entities.fields import CountryCode, Localized, RichText
from schema.entities.relations import reference, references

if TYPE_CHECKING:
    from schema.entities.company import Company
    from schema.entities.hub import Hub
    from schema.entities.university import University


class LocationKind(enum.Enum):
    """A kind of place."""

    COUNTRY = "COUNTRY"
    REGION = "REGION"
    CITY = "CITY"


class Location(Content):
    """A place: a country, a region or a city.

    Guides to the place inherit its tech scene and its lists of companies, hubs and universities,
    unless they have their own.
    """

    name: Mapped[Localized]
    kind: Mapped[LocationKind]
    country_code: Mapped[CountryCode | None] = mapped_column(
        doc="The country, or the country that the place is in; null if unknown."
    )
    tech_scene: Mapped[RichText | None] = mapped_column(
        doc="The technology sector of the place; null if nothing is written about it."
    )
    parent: Mapped["Location | None"] = reference(
        reverse="children",
        doc="The larger place that this place is in; null if none is given.",
    )
    companies: Mapped[list["Company"]] = references(doc="Companies to know in the place.")
    hubs: Mapped[list["Hub"]] = references(doc="Tech hubs and coworking spaces in the place.")
    universities: Mapped[list["University"]] = references(
        doc="Universities whose graduates are hired in the place."
    )
