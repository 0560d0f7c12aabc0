"""The schema that is kept is the one that the code makes, and none that other code made."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLScalarType, GraphQLSchema, print_schema

import schema
from schema.graphql import types
from schema.graphql.types import graphql_schema
from schema.model import content_model
from service import derived
from service.schema_cache import executable_schema
from tests.databases import PROJECT
from tests.processes import environment

MODEL = content_model()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that the schema is derived from; nothing of it is kept yet."""
    folder = tmp_path / "schema"
    shutil.copytree(PROJECT / "schema", folder, ignore=shutil.ignore_patterns("__pycache__"))
    _derive_from(folder, monkeypatch)
    return folder


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "schema"
    shutil.copytree(PROJECT / "schema", folder, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        _derive_from(folder, patch)
        executable_schema(MODEL)
    return folder


@pytest.fixture
def package_with_schema(_kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One whose schema is kept."""
    folder = tmp_path / "schema"
    shutil.copytree(_kept, folder)
    _derive_from(folder, monkeypatch)
    return folder


def _derive_from(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(schema, "__path__", [str(folder)])
    patch.setattr(schema, "__file__", str(folder / "__init__.py"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The models of which a description was made."""
    found: list[Any] = []
    make = types.schema_description

    def describe(model: Any) -> Any:
        found.append(model)
        return make(model)

    monkeypatch.setattr(types, "schema_description", describe)
    return found


def kept(package: Path) -> list[Path]:
    """The files in which a schema is kept."""
    return [*(package / "__pycache__").iterdir()] if (package / "__pycache__").exists() else []


def everything(of: GraphQLSchema) -> Any:
    """All that documents are validated and values coerced with."""
    found = of.type_map.values()
    members = {
        (each.name, name): (value.value.name, value.value.value, type(value.value).__bases__)
        for each in found
        if isinstance(each, GraphQLEnumType) and not each.name.startswith("__")
        for name, value in each.values.items()
    }
    parsers = {
        each.name: (each.parse_value, each.coerce_input_value)
        for each in found
        if isinstance(each, GraphQLScalarType)
    }
    return print_schema(of), members, parsers


def test_it_is_made_once_and_is_the_same_every_time(package: Path, made: list[Any]) -> None:
    first, second = executable_schema(MODEL), executable_schema(MODEL)
    assert len(made) == len(kept(package)) == 1
    assert everything(first) == everything(second) == everything(graphql_schema(MODEL))


@pytest.mark.parametrize("file", ["types.py", "entities/hub.py", "planner/comparisons.py"])
def test_it_is_made_anew_after_any_change_of_the_code(
    package_with_schema: Path, made: list[Any], file: str
) -> None:
    executable_schema(MODEL)
    assert not made
    with (package_with_schema / file).open("a") as changed:
        changed.write("# changed\n")
    executable_schema(MODEL)
    assert len(made) == 1
    assert len(kept(package_with_schema)) == 1, "nothing is left of the one before"
    executable_schema(MODEL)
    assert len(made) == 1


def test_it_is_made_anew_for_other_libraries(
    package_with_schema: Path, made: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "version", lambda _: "0.0.1")
    executable_schema(MODEL)
    assert len(made) == 1
    assert kept(package_with_schema)


@pytest.mark.parametrize("left", [b"\xff", b"", b"{", b"[]", b'{"key": "", "value": {}}'])
def test_what_is_spoiled_is_made_anew(
    package_with_schema: Path, made: list[Any], left: bytes
) -> None:
    [file] = kept(package_with_schema)
    file.write_bytes(left)
    executable_schema(MODEL)
    executable_schema(MODEL)
    assert len(made) == 1


def test_where_nothing_can_be_kept_it_is_made_every_time(package: Path, made: list[Any]) -> None:
    (package / "__pycache__").write_text("No folder, as on a disk that cannot be written to.")
    executable_schema(MODEL)
    executable_schema(MODEL)
    assert len(made) == 2


def test_one_that_is_kept_takes_no_strawberry() -> None:
    code = "import sys, service.application as it; from schema.model import content_model;"
    code += "from service.schema_cache import executable_schema as schema;"
    code += "schema(content_model()); sys.exit('strawberry' in sys.modules)"
    executable_schema(MODEL)
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=PROJECT, check=True)
