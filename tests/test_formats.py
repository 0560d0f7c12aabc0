"""Every format in every place that knows one, and the declaration of what is none."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from sqlalchemy import Column, MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

import schema
import service
import tests.differential
from schema.attributes import camel_case
from schema.entities.content import DRAFT, LIVE, Base
from schema.entities.fields import Format
from schema.model import content_model
from schema.planner.formats import FORMATS
from schema.reflection import reflected_model
from tests.copies import Copy
from tests.databases import PROJECT

DECLARED = [each for each in Format if each.declared]


class Example(NamedTuple):
    """Two values of a format, as documents have them, the lesser one first."""

    less: Any
    more: Any
    served: Any = None
    """The lesser one as it is served, where that is not as documents have it."""
    selection: str = ""


EXAMPLES: dict[Format, Example] = {
    Format.TEXT: Example("a", "b"),
    Format.LOCALIZED: Example({"en": "a"}, {"en": "b"}, "a"),
    Format.LOCALIZED_LIST: Example({"en": ["a"]}, {"en": ["b"]}, ["a"]),
    Format.RICH_TEXT: Example({"en": "*a*"}, {"en": "*b*"}, {"text": "a"}, "{ text }"),
    Format.LIST: Example(["a"], ["b"]),
    Format.SLUG: Example("a", "b"),
    Format.URL: Example("https://a.org", "https://b.org"),
    Format.COUNTRY_CODE: Example("BE", "NL"),
    Format.CURRENCY_CODE: Example("EUR", "GBP"),
    Format.ENUM: Example("LESS", "MORE"),
    Format.INTEGER: Example(9, 10),
    Format.DECIMAL: Example(9.5, 10.5),
    Format.BOOLEAN: Example(less=False, more=True),
    Format.DATE: Example("2026-01-31", "2026-02-01"),
    Format.DATETIME: Example(
        "2026-01-31T09:00:00+01:00", "2026-01-31T08:30:00Z", "2026-01-31T08:00:00+00:00"
    ),
}

HEAD = '''
import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Content, Part
from schema.entities.fields import *

class Enum(enum.Enum):
    """Which."""
    LESS = "LESS"
    MORE = "MORE"

'''.lstrip()


def _modules() -> Iterator[Any]:
    for package in (schema, service, tests.differential):
        for each in walk_packages(package.__path__, f"{package.__name__}."):
            yield import_module(each.name)
    yield sys.modules[__name__]


def test_every_table_of_formats_is_complete() -> None:
    tables: dict[str, set[Format]] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if isinstance(value, Mapping | set | frozenset | tuple | list):
                found = {each for each in value if isinstance(each, Format)}
                if found and value != DECLARED:
                    tables[f"{module.__name__}.{name}"] = found
    whole = [{*Format}, {*DECLARED}, {*DECLARED, Format.LOCALIZED_SLUG}]
    assert {name: found for name, found in tables.items() if found not in whole} == {}
    assert {"schema.planner.formats.FORMATS", "service.documents.formats.FORMATS"} <= {*tables}


REFUSED = {
    "UUID": "{}.field has the type Uuid(); a field can be",
    "float": "{}.field has the type Double(); a field can be",
    "bytes": "{}.field has the type LargeBinary(); a field can be",
    "Literal['a', 'b']": "{}.field has the type Enum('a', 'b'",
    "datetime] = mapped_column(DateTime())  # [": "{}.field has the type DateTime(); a field",
    "dict": "{}: Could not locate",
    "list[str]": "{}: Could not locate",
}

TRY = (
    HEAD
    + """
import json, sys

def said(base, name, annotation):
    try:
        exec(f"class {name}({base}):\\n    field: Mapped[{annotation}]")
    except Exception as error:
        return f"{type(error).__name__}: {error}"

found = {}
for index, annotation in enumerate(json.loads(sys.argv[1])):
    for base in ("Content", "Part"):
        name = f"{base}{index}"
        found[f"{annotation} {base}"] = name, said(base, name, annotation)
print(json.dumps(found))
"""
)


async def _declared(*annotations: str) -> dict[str, tuple[str, str | None]]:
    """The names of classes whose field has an annotation, and what was said of each.

    There are two for each annotation, an item and a part.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", TRY, json.dumps(annotations)),
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate()
    found: dict[str, tuple[str, str | None]] = json.loads(answer)
    assert len(found) == 2 * len(annotations)
    return found


async def test_what_is_no_format_is_refused_where_it_is_declared() -> None:
    for key, (name, said) in (await _declared(*REFUSED)).items():
        annotation, _, _ = key.rpartition(" ")
        assert said is not None, key
        assert said.startswith(f"TypeError: {REFUSED[annotation].format(name)}"), said
        assert "field" in said
        assert all(f" {each.declared}" in said for each in DECLARED), said


async def test_what_holds_several_values_cannot_be_unique() -> None:
    unique = {f"{each.declared}] = mapped_column(unique=True)  # [": each for each in DECLARED}
    # Each enumeration is a class of its own.
    unique = {each: format_ for each, format_ in unique.items() if format_ is not Format.ENUM}
    message = "TypeError: {}.field cannot be unique: it holds several values"
    for key, (name, said) in (await _declared(*unique)).items():
        annotation, _, _ = key.rpartition(" ")
        assert said == (message.format(name) if unique[annotation].holds_several else None)


def test_the_documentation_names_what_a_field_can_be() -> None:
    page = (PROJECT / "docs/content-types.md").read_text("utf-8")
    assert [each for each in DECLARED if f"`{each.declared}`" not in page] == []


@pytest.mark.parametrize(
    ("type_", "format_"),
    [
        (postgresql.TIMESTAMP(timezone=True), Format.DATETIME),
        (postgresql.DATE(), Format.DATE),
        (postgresql.INTEGER(), Format.INTEGER),
        (postgresql.NUMERIC(), Format.DECIMAL),
        (postgresql.BOOLEAN(), Format.BOOLEAN),
        (postgresql.TEXT(), Format.TEXT),
        (postgresql.VARCHAR(64), Format.ENUM),
        (postgresql.ARRAY(postgresql.TEXT()), Format.LIST),
        (postgresql.ARRAY(postgresql.VARCHAR(64)), Format.LIST),
        # What no declaration makes.
        (postgresql.TIMESTAMP(), None),
        (postgresql.UUID(), None),
        (postgresql.INET(), None),
    ],
)
def test_what_a_column_that_nothing_declares_is(
    type_: TypeEngine[Any], format_: Format | None
) -> None:
    declared, found = content_model(), MetaData()
    for each in Base.metadata.tables.values():
        if each.schema in {DRAFT, LIVE}:
            each.to_metadata(found)
    for stage in (DRAFT, LIVE):
        found.tables[f"{stage}.tool"].append_column(Column("opened", type_))
    attribute = reflected_model(declared, found.tables)["Tool"].attributes.get("opened")
    assert getattr(attribute, "format", None) is format_


def _name(format_: Format) -> str:
    """That of a field, in snake case."""
    return f"one_{format_.name.lower()}"


def _names(format_: Format) -> tuple[str, str]:
    """Those of the fields of a format in GraphQL: one that has a value, and one that may not."""
    name = _name(format_)
    return camel_case(name), camel_case(f"{name}_or_none")


def _declaration() -> str:
    fields = (
        f"    {_name(each)}: Mapped[{each.declared}]\n"
        f"    {_name(each)}_or_none: Mapped[{each.declared} | None]\n"
        for each in DECLARED
    )
    return f'{HEAD}class Sample(Content):\n    """A value of each format."""\n{"".join(fields)}'


def _document(slug: str, values: Mapping[Format, Any]) -> dict[str, Any]:
    fields = {_names(each)[0]: value for each, value in values.items()}
    return {"type": "Sample", "slug": slug, **fields}


LESS = _document("less", {each: EXAMPLES[each].less for each in DECLARED})
MORE = _document("more", {each: EXAMPLES[each].more for each in DECLARED})


def _literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_literal(each)}" for key, each in value.items()) + "}"
        case "LESS" | "MORE":
            return str(value)
    return json.dumps(value)


def _served(format_: Format) -> Any:
    example = EXAMPLES[format_]
    return example.less if example.served is None else example.served


def _read() -> tuple[str, dict[str, Any]]:
    """All fields of an item, and what they answer."""
    names = {name: each for each in DECLARED for name in _names(each)}
    selected = " ".join(f"{name} {EXAMPLES[each].selection}" for name, each in names.items())
    served: dict[str, Any] = {}
    for each in DECLARED:
        name, none = _names(each)
        served |= {name: _served(each), none: [] if each is Format.LIST else None}
    return selected, served


def _where(format_: Format) -> str:
    """The lesser item, by its value."""
    served = _served(format_)
    [value] = served.values() if isinstance(served, dict) else [served]
    condition = (
        f"has: {_literal(value[0])}" if isinstance(value, list) else f"eq: {_literal(value)}"
    )
    return f"samples(where: {{{_names(format_)[0]}: {{{condition}}}}}) {{ nodes {{ slug }} }}"


def _ordered(format_: Format, after: str = "null") -> str:
    """The first item in an order, or behind a place in it."""
    order = f"{{{_names(format_)[0]}: ASC}}"
    answer = "{ nodes { slug } pageInfo { endCursor } }"
    return f"samples(first: 1, after: {after}, orderBy: [{order}]) {answer}"


def _operation(fields: Mapping[str, str]) -> str:
    return f"{{ {' '.join(f'{name}: {each}' for name, each in fields.items())} }}"


def _slugs(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [each["slug"] for each in answer["nodes"]] for name, answer in answers.items()}


async def _copy(database: str, folder: Path) -> Copy:
    """The project with one more type, of which two items are published."""
    made = Copy(folder / "project", database)
    entities = made.folder / "schema/entities"
    (entities / "sample.py").write_text(_declaration())
    with (entities / "__init__.py").open("a") as imports:
        imports.write("from schema.entities.sample import Sample as Sample\n")
    documents = folder / "documents"
    documents.mkdir()
    for each in (LESS, MORE):
        (documents / f"{each['slug']}.yaml").write_text(json.dumps(each))
    assert "2 created" in await made.run("-c", BEGIN, str(documents))
    return made


async def test_a_field_of_every_format_does_everything(database: str, tmp_path: Path) -> None:
    copy = await _copy(database, tmp_path)
    ordered = [each for each in DECLARED if FORMATS[each].cursor_value is not None]
    selected, served = _read()
    read = {
        "draft": f'sample(slug: "less", stage: DRAFT) {{ {selected} }}',
        "live": f'sample(slug: "less") {{ {selected} }}',
        **{each.name: _where(each) for each in DECLARED},
    }
    first = {each.name: _ordered(each) for each in ordered}
    found, page = map(
        json.loads, (await copy.ask(_operation(read), _operation(first))).splitlines()
    )
    assert (found.pop("draft"), found.pop("live")) == (served, served)
    assert _slugs(found) == {name: ["less"] for name in found}
    assert _slugs(page) == {each.name: ["less"] for each in ordered}
    places = {name: f'"{answer["pageInfo"]["endCursor"]}"' for name, answer in page.items()}
    second = {each.name: _ordered(each, places[each.name]) for each in ordered}
    page, saved = map(json.loads, (await copy.ask(_operation(second), SAVE)).splitlines())
    assert _slugs(page) == {each.name: ["more"] for each in ordered}
    assert saved["same"] == {"changes": [], "errors": []}
    changed = {each["path"][0] for each in saved["other"]["changes"]}
    assert (changed, saved["other"]["errors"]) == ({*LESS} - {"type", "slug"}, [])
    await _is_exported(copy, tmp_path)


async def _is_exported(copy: Copy, folder: Path) -> None:
    """What was written, written again, and what its JSON Schema says."""
    end = await copy.run("-c", END, str(folder / "exported"), str(folder / "schema.json"))
    assert "2 unchanged" in end
    canonical = {_names(Format.DATETIME)[0]: _served(Format.DATETIME)}
    [written] = (folder / "exported").rglob("less.yaml")
    less = YAML(typ="safe").load(written.read_text())
    assert less == {**LESS, **canonical}
    validator = Draft202012Validator(json.loads((folder / "schema.json").read_text()))
    for each in (LESS, MORE, less):
        assert [*validator.iter_errors(each)] == []


def _save(slug: str) -> str:
    document = {key: each for key, each in LESS.items() if key != "type"} | {"slug": slug}
    answer = "{ changes { path } errors { message } }"
    return f"saveSample(document: {_literal(document)}) {answer}"


SAVE = f"mutation {{ same: {_save('less')} other: {_save('more')} }}"
BEGIN = """
import sys
from alembic.config import main
from service.cli import run
main(["revision", "--autogenerate", "-m", "Samples"])
main(["upgrade", "head"])
main(["check"])
assert run(["content", "apply", sys.argv[1], "--publish"]) == 0
"""
END = """
import sys
from contextlib import redirect_stdout
from service.cli import run
assert run(["content", "export", sys.argv[1]]) == 0
assert run(["content", "apply", sys.argv[1]]) == 0
with open(sys.argv[2], "w") as file, redirect_stdout(file):
    assert run(["schema", "documents"]) == 0
"""
