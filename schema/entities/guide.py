"""The guides themselves: recruiting for one role in one place."""

import enum
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
    """A level of seniority."""

    JUNIOR = "JUNIOR"
    MID = "MID"
    SENIOR = "SENIOR"
    LEAD = "LEAD"


class Period(enum.Enum):
    """The period of time that a salary is paid for."""

    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"
    HOUR = "HOUR"


class Basis(enum.Enum):
    """Whether a salary is stated before taxes (GROSS) or after taxes (NET)."""

    GROSS = "GROSS"
    NET = "NET"


class SalaryRange(Part, statistics="salary_statistics", units=("currency", "period", "basis")):
    """What people of one level of seniority earn, from a minimum to a maximum."""

    __table_args__ = (
        UniqueConstraint("owner_id", "level"),
        at_least("minimum", 0),
        ascending("minimum", "maximum"),
    )

    level: Mapped[Level] = mapped_column(doc="The level of seniority.")
    minimum: Mapped[Decimal] = mapped_column(doc="The lower end, in `currency` per `period`.")
    maximum: Mapped[Decimal] = mapped_column(
        doc="The upper end, in `currency` per `period`; not less than `minimum`."
    )
    currency: Mapped[CurrencyCode] = mapped_column(doc="The currency of `minimum` and `maximum`.")
    period: Mapped[Period] = mapped_column(
        doc="The period that `minimum` and `maximum` are paid for."
    )
    basis: Mapped[Basis] = mapped_column(
        doc="Whether `minimum` and `maximum` are before or after taxes."
    )
    as_of: Mapped[date | None] = mapped_column(
        doc="The date that the figures are from; null if unknown."
    )
    source: Mapped[str | None] = mapped_column(doc="Where the figures come from; null if unknown.")


class Guide(Content):
    """A guide to recruiting for one role in one place.

    It inherits texts and lists that it does not have from its location and its role.
    """

    __table_args__ = (UniqueConstraint("role_id", "location_id"),)

    title: Mapped[Localized]
    subtitle: Mapped[Localized | None] = mapped_column(
        doc="What stands below the title; null if there is nothing."
    )
    tech_scene: Mapped[RichText | None] = inherit("location")
    about_role: Mapped[RichText | None] = inherit("role.about")
    market_demand: Mapped[RichText | None] = inherit("role")
    why_hire: Mapped[RichText | None] = mapped_column(
        doc="Reasons to hire for the role in the place; null if none are written."
    )
    jobs_url: Mapped[Url | None] = mapped_column(
        doc="A page with job openings; null if none is known."
    )
    seo_title: Mapped[Localized | None] = mapped_column(
        doc="A title for search engines; null if there is none."
    )
    seo_description: Mapped[Localized | None] = mapped_column(
        doc="A description for search engines; null if there is none."
    )
    role: Mapped[Role] = reference(reverse="guides", doc="The role that the guide is about.")
    location: Mapped[Location] = reference(
        reverse="guides", doc="The place that the guide is about."
    )
    salary_ranges: Mapped[list[SalaryRange]] = parts(
        doc="What people in the role earn in the place, at most one range for each level."
    )
    companies: Mapped[list["Company"]] = references(inherit="location", reverse="guides")
    hubs: Mapped[list["Hub"]] = references(inherit="location", reverse="guides")
    universities: Mapped[list["University"]] = references(inherit="location", reverse="guides")
    skills: Mapped[list["Skill"]] = references(inherit="role", reverse="guides")
    tools: Mapped[list["Tool"]] = references(inherit="role", reverse="guides")
    career_path: Mapped[list[CareerStep]] = inherit("role")
