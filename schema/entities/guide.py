"""The guides themselves: recruiting for one role in one place."""

import enum
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from schema.entities.content import Content, Part
from schema.entities.fields import CurrencyCode, Localized, RichText, Url
from schema.entities.location import Location
from schema.entities.relations import ascending, at_least, inherit, parts, reference, references
from schema.entities.role import CareerStep, Role

if TYPE_CHECKING:
    from schema.entities.company import Company
    from schema.entities.hub import Hub
    from schema.entities.skill import Skill
    from schema.entities.tool import Tool
    from schema.entities.university import University


class Level(enum.Enum):
    """How senior somebody is."""

    JUNIOR = "JUNIOR"
    MID = "MID"
    SENIOR = "SENIOR"
    LEAD = "LEAD"


class Period(enum.Enum):
    """The time that a salary is paid for."""

    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"
    HOUR = "HOUR"


class Basis(enum.Enum):
    """Whether taxes are still to come off."""

    GROSS = "GROSS"
    NET = "NET"


class SalaryRange(Part, statistics="salary_statistics", units=("currency", "period", "basis")):
    """What people of one level earn."""

    __table_args__ = (
        UniqueConstraint("owner_id", "level"),
        at_least("minimum", 0),
        ascending("minimum", "maximum"),
    )

    level: Mapped[Level]
    minimum: Mapped[Decimal]
    maximum: Mapped[Decimal]
    currency: Mapped[CurrencyCode]
    period: Mapped[Period]
    basis: Mapped[Basis]
    as_of: Mapped[date | None]
    source: Mapped[str | None]


class Guide(Content):
    """A guide to recruiting for one role in one place.

    What a guide does not say itself is said by its location and its role.
    """

    __table_args__ = (UniqueConstraint("role_id", "location_id"),)

    title: Mapped[Localized]
    subtitle: Mapped[Localized | None]
    tech_scene: Mapped[RichText | None] = inherit("location", doc="Its own, or its location's.")
    about_role: Mapped[RichText | None] = inherit("role.about", doc="Its own, or its role's.")
    market_demand: Mapped[RichText | None] = inherit("role", doc="Its own, or its role's.")
    why_hire: Mapped[RichText | None]
    jobs_url: Mapped[Url | None]
    seo_title: Mapped[Localized | None]
    seo_description: Mapped[Localized | None]
    role: Mapped[Role] = reference(reverse="guides")
    location: Mapped[Location] = reference(reverse="guides")
    salary_ranges: Mapped[list[SalaryRange]] = parts()
    companies: Mapped[list["Company"]] = references(
        inherit="location", reverse="guides", doc="Its own, or its location's."
    )
    hubs: Mapped[list["Hub"]] = references(
        inherit="location", reverse="guides", doc="Its own, or its location's."
    )
    universities: Mapped[list["University"]] = references(
        inherit="location", reverse="guides", doc="Its own, or its location's."
    )
    skills: Mapped[list["Skill"]] = references(
        inherit="role", reverse="guides", doc="Its own, or its role's."
    )
    tools: Mapped[list["Tool"]] = references(
        inherit="role", reverse="guides", doc="Its own, or its role's."
    )
    career_path: Mapped[list[CareerStep]] = inherit("role", doc="Its role's.")
