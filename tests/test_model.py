"""The content model: a value that is built once, and changes for nobody who sees it."""

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from schema.attributes import Attribute
from schema.entities.content import DRAFT, LIVE, Base
from schema.model import ContentType, Model, content_model
from schema.reflection import reflected_model
from tests.migrations.declared import declared

VALUES = (str, bool, tuple, MappingProxyType, Attribute, ContentType, Table, type(None))
"""What a model may show of itself: values, and the tables that it is about."""


def older() -> Model:
    """The model of tables with a column that nothing declares."""
    tables = MetaData()
    for each in Base.metadata.tables.values():
        if each.schema in {DRAFT, LIVE}:
            each.to_metadata(tables)
    for schema in (DRAFT, LIVE):
        tables.tables[f"{schema}.tool"].append_column(Column("stars", Integer))
    return reflected_model(content_model(), tables.tables)


MODELS = pytest.mark.parametrize("model", [content_model(), older()], ids=["declared", "reflected"])


def _shown(value: Any) -> Iterator[tuple[str, Any]]:
    """What there is to see of a value, methods without arguments called; what is cached, too."""
    for name in dir(type(value)):
        if not name.startswith("_") and name not in dir(dict):
            found = getattr(value, name)
            if callable(found) and name in {"fields", "written", "relations"}:
                found = found()
            if not callable(found):
                yield name, found
    yield from vars(value).items()


@MODELS
def test_all_of_a_model_is_a_value(model: Model) -> None:
    found = [*_shown(model), *(each for type_ in model.values() for each in _shown(type_))]
    assert [each for each in found if not isinstance(each[1], VALUES)] == []
    assert {"by_dependency", "_kinds", "attributes"} <= {name for name, _ in found}


@MODELS
def test_nothing_of_a_model_can_be_changed(model: Model) -> None:
    tool: Any = model["Tool"]
    changed: Any = model
    for value in (changed, tool):
        for name, _ in _shown(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, name, None)
    with pytest.raises(TypeError):
        tool.attributes["other"] = tool.attributes["name"]
    with pytest.raises(TypeError):
        changed["Other"] = tool


def test_a_type_with_more_attributes_is_another_one() -> None:
    tool = content_model()["Tool"]
    assert tool.named("name").name == "name"
    before = (dict(tool.attributes), tool.fields(), tool.written(), tool.relations())
    other = replace(tool.named("name"), name="other")
    more = tool.with_attributes([other])
    assert (dict(tool.attributes), tool.fields(), tool.written(), tool.relations()) == before
    with pytest.raises(KeyError):
        tool.named("other")
    assert (more.named("other"), more.written()[-1]) == (other, other)
    with pytest.raises(TypeError, match="Tool has two attributes called other"):
        more.with_attributes([other])
    with pytest.raises(TypeError, match="Tool has two attributes called other"):
        tool.with_attributes([other, other])


@pytest.mark.parametrize("taken", ["type", "draft", "published", "live", "locales"])
def test_no_field_is_called_as_what_a_document_says_of_itself(taken: str) -> None:
    skill = content_model()["Skill"]
    with pytest.raises(TypeError, match=rf"Skill\.{taken} needs another name"):
        skill.with_attributes([replace(skill.attributes["name"], name=taken)])


LENDER = """
class Kind(enum.Enum):
    ONE = "ONE"

class Other(enum.Enum):
    ONE = "ONE"

class Street(Own, Content):
    name: Mapped[Localized]

class Town(Own, Content):
    name: Mapped[Localized]
    people: Mapped[int | None]
    kind: Mapped[Kind | None]
    streets: Mapped[list[Street]] = references()

class Club(Own, Content):
    town: Mapped[Town | None] = reference()
    towns: Mapped[list[Town]] = references()
"""


@pytest.mark.parametrize(
    "wrong",
    [
        'size: Mapped[str | None] = inherit("town.people")',
        'title: Mapped[RichText | None] = inherit("town.name")',
        'kind: Mapped[Other | None] = inherit("town")',
        'streets: Mapped[list[Town]] = references(inherit="town")',
        'streets: Mapped[list[Street]] = inherit("town.people")',
        'people: Mapped[list[Street]] = references(inherit="town")',
    ],
)
def test_what_is_inherited_is_of_the_same_kind(wrong: str) -> None:
    with pytest.raises(TypeError, match=r"Club\.\w+ inherits \w+, which is of another kind"):
        declared(f"{LENDER}    {wrong}\n")


CIRCLE = """
class Town(Own, Content):
    mayor: Mapped["Person"] = reference()

class Person(Own, Content):
    club: Mapped["Club"] = reference()

class Club(Own, Content):
    town: Mapped[Town | None] = reference()
    self: Mapped["Club"] = reference()
"""


def test_types_cannot_require_each_other() -> None:
    """There could be no first item. An item may require one of its own type: itself."""
    declared(CIRCLE)
    said = r"Club\.town and Town\.mayor and Person\.club require each other.*Mapped\[Town \| None\]"
    with pytest.raises(TypeError, match=said):
        declared(CIRCLE.replace("Mapped[Town | None]", "Mapped[Town]"))


PARTS = """
class Stop(Own, Part):
    name: Mapped[Localized]

class Town(Own, Content):
    stops: Mapped[list[Stop]] = parts()

class Club(Own, Content):
    name: Mapped[Localized]
"""


def test_a_part_has_one_owner() -> None:
    declared(PARTS)
    said = r"Club\.halts: Stop has to be a Part, declared before its owner and owned by no other"
    with pytest.raises(TypeError, match=said):
        declared(f"{PARTS}    halts: Mapped[list[Stop]] = parts()\n")
