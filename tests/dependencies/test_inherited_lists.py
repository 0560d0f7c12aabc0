"""What a condition on a list depends on that is always inherited."""

from dataclasses import replace

from sqlalchemy import literal

from schema.attributes import InheritedList
from schema.delivery import Stage
from schema.entities.relations import Inheritance
from schema.model import content_model
from schema.planner.contexts import ReadContext
from schema.planner.rows import all_rows, reached
from schema.planner.tags import Scanned


def test_the_items_that_have_the_list_are_looked_through() -> None:
    """No type inherits such a list of references yet."""
    model, scanned = content_model(), Scanned()
    guide = model["Guide"]
    path = guide.attributes["career_path"]
    assert isinstance(path, InheritedList)
    skills = replace(path, name="wanted", target="Skill", inheritance=Inheritance("role", "skills"))
    rows = all_rows(guide, ReadContext(literal("en"), Stage.LIVE, literal(""), scanned))
    reached(model, rows.row, skills)
    assert scanned == {b"guide", b"skill", b"role"}
