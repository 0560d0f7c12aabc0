"""The content model: one module for each content type, one import line for each module.

`fields` has the formats of fields, `relations` the kinds of relation, `content` the base classes,
and `live_tables` the tables of the live copy.
"""

from schema.entities.company import Company as Company
from schema.entities.guide import Guide as Guide
from schema.entities.hub import Hub as Hub
from schema.entities.location import Location as Location
from schema.entities.role import Role as Role
from schema.entities.skill import Skill as Skill
from schema.entities.tool import Tool as Tool
from schema.entities.university import University as University
