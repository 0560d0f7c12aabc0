"""Jobs that people are recruited for."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content, Part
from schema.entities.fields import Localized, LocalizedList, RichText
from schema.entities.relations import parts, references

if TYPE_CHECKING:
    from schema.entities.skill import Skill
    from schema.entities.tool import Tool


class CareerStep(Part):
    """One step of a career path."""

    titles: Mapped[LocalizedList] = mapped_column(doc="One job title, or several equivalent ones.")


class Role(Content):
    """A job, such as Backend Developer.

    Guides for the role inherit its texts, skills and tools, unless they have their own, and always
    its career path.
    """

    name: Mapped[Localized]
    plural: Mapped[Localized] = mapped_column(doc="The name in the plural.")
    about: Mapped[RichText | None] = mapped_column(
        doc="What people in the role do; null if nothing is written about it."
    )
    market_demand: Mapped[RichText | None] = mapped_column(
        doc="How much employers look for the role; null if nothing is written about it."
    )
    skills: Mapped[list["Skill"]] = references(
        reverse="roles", doc="Skills that the role requires, the most wanted first."
    )
    tools: Mapped[list["Tool"]] = references(
        reverse="roles", doc="Tools that the role works with, the most common first."
    )
    career_path: Mapped[list[CareerStep]] = parts(
        doc="The steps of a career, from the first job to the last."
    )
