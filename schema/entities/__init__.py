"""The content model: one module for each content type, one import line for each module."""

from schema.entities.answer import Answer as Answer
from schema.entities.applied import Applied as Applied
from schema.entities.before_image import BeforeImage as BeforeImage
from schema.entities.company import Company as Company
from schema.entities.guide import Guide as Guide
from schema.entities.hub import Hub as Hub
from schema.entities.locale import Locale as Locale
from schema.entities.location import Location as Location
from schema.entities.redirect import Redirect as Redirect
from schema.entities.release import Release as Release
from schema.entities.release import ReleaseItem as ReleaseItem
from schema.entities.revision import Revision as Revision
from schema.entities.role import Role as Role
from schema.entities.schedule import Schedule as Schedule
from schema.entities.search_entry import SearchEntry as SearchEntry
from schema.entities.skill import Skill as Skill
from schema.entities.token import Token as Token
from schema.entities.tool import Tool as Tool
from schema.entities.university import University as University
