"""Jobs that people are recruited for."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from schema.entities.content import Content, Part
from schema.entities.fields import Localized, LocalizedList, RichText
from schema.entities.relations import parts, references

if TYPE_CHECKING:
    from schema.entities.skill import Skill
    from schema.entities.tool import Tool


class CareerStep(Part):
    """A step of a career, under one title or several that are equals."""

    titles: Mapped[LocalizedList]


class Role(Content):
    """A job, such as Backend Developer. What is true of it anywhere is written once, here."""

    name: Mapped[Localized]
    plural: Mapped[Localized]
    about: Mapped[RichText | None]
    market_demand: Mapped[RichText | None]
    skills: Mapped[list["Skill"]] = references(
        reverse="roles", doc="What one has to know, the most wanted first."
    )
    tools: Mapped[list["Tool"]] = references(
        reverse="roles", doc="What one works with, the most common first."
    )
    career_path: Mapped[list[CareerStep]] = parts(doc="From the first job to the last.")
