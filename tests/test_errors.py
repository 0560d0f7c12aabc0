"""Errors: one tree of classes, one list of codes, one response to each."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
from pkgutil import walk_packages
from typing import Any

import orjson
import pytest
from graphql import GraphQLEnumType, build_schema

import schema
import service
from schema.errors import PROBLEM_CODES, ErrorCode, request_error
from service import errors
from service.access import AccessError
from service.api.requests import JSON, ProtocolError
from service.api.responses import GRAPHQL_RESPONSE, error_response
from service.errors import (
    DatabaseError,
    EmbeddedError,
    GuidepostError,
    OutdatedError,
    RefusedError,
    RequestError,
    SessionError,
    StatementTimeoutError,
)
from tests.databases import PROJECT

CAUGHT = {"UnusualError": "Only the module that raises it catches it."}
"""Exceptions that are no errors of the tree, and why."""
DOCUMENTS = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *(PROJECT / "docs").rglob("*.md")]
WRONG = request_error(ErrorCode.BAD_PAGE, "It is too large.")


def test_the_tree_that_is_drawn_is_that_of_the_classes() -> None:
    assert dict(drawn()) == {
        each.__name__: each.__mro__[1].__name__
        for each in declared()
        if each.__name__ not in CAUGHT
        if each is not GuidepostError
    }


def drawn() -> Iterator[tuple[str, str]]:
    """Each class in the docstring of `service.errors`, with the one that it hangs from."""
    above = ["GuidepostError"]
    for branches, name in re.findall(r"^    ([│├└─ ]+)(\w+)  ", errors.__doc__ or "", re.MULTILINE):
        depth = len(branches) // 4
        del above[depth:]
        yield name, above[-1]
        above.append(name)


def declared() -> Iterator[type[Any]]:
    """Every exception that a module of the project declares."""
    for package in (schema, service):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            for _, each in getmembers(module, isclass):
                if issubclass(each, Exception) and each.__module__ == module.__name__:
                    yield each


def test_clients_find_every_code_in_the_documentation() -> None:
    text = (PROJECT / "docs/errors.md").read_text("utf-8")
    shown = re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", text, re.MULTILINE)
    of_requests = [each for each in ErrorCode if each not in PROBLEM_CODES]
    assert shown == [(each.name, each.value) for each in (*of_requests, *PROBLEM_CODES)]


def test_codes_that_documents_name_are_on_the_list() -> None:
    known = {each.name for each in ErrorCode}
    text = " ".join(" ".join(each.read_text("utf-8").split()) for each in DOCUMENTS)
    # `the codes `A`, `B` or `C``, and words that only a code can be.
    named = re.findall(r"\bcodes? ((?:`[A-Z_]+`(?:, | or | and )?)+)", text)
    words = {word for each in named for word in re.findall("[A-Z_]+", each)}
    words |= {*re.findall("`((?:BAD|TOO|UNKNOWN|NOT)_[A-Z_]+)`", text)}
    assert {"TIMEOUT", "TOO_COSTLY", "BAD_CURSOR"} <= words
    assert not words - known


def test_the_codes_of_problems_are_those_of_the_graphql_schema() -> None:
    sdl = (PROJECT / "schema/schema.graphql").read_text("utf-8")
    type_ = build_schema(sdl).type_map["ErrorCode"]
    assert isinstance(type_, GraphQLEnumType)
    shown = {name: value.description for name, value in type_.values.items()}
    assert shown == {each.name: each.value for each in PROBLEM_CODES}


def test_every_code_is_used() -> None:
    used: set[str] = set()
    for package in ("schema", "service"):
        for file in (PROJECT / package).rglob("*.py"):
            if file != PROJECT / "schema/errors.py":
                used |= set(codes(ast.parse(file.read_text("utf-8"))))
    assert used == {each.name for each in ErrorCode}


def codes(module: ast.Module) -> Iterator[str]:
    """The codes that a module names."""
    for node in ast.walk(module):
        match node:
            case ast.Attribute(value=ast.Name(id="ErrorCode"), attr=name):
                yield name


@pytest.mark.parametrize(
    ("error", "status", "code", "headers"),
    [
        (ProtocolError(415, "…"), 415, "BAD_REQUEST", {}),
        (ProtocolError(405, "…", {"Allow": "POST"}), 405, "BAD_REQUEST", {"allow": "POST"}),
        (AccessError(401, "…"), 401, "UNAUTHENTICATED", {"www-authenticate": "Bearer"}),
        (AccessError(403, "…"), 403, "FORBIDDEN", {}),
        (RefusedError([WRONG, WRONG]), None, "BAD_PAGE", {}),
        (RequestError([WRONG]), None, "BAD_PAGE", {}),
        (WRONG, None, "BAD_PAGE", {}),
        (StatementTimeoutError(), 504, "TIMEOUT", {}),
        (TimeoutError(), 504, "TIMEOUT", {}),
        (DatabaseError("secret"), 503, "UNAVAILABLE", {"retry-after": "1"}),
        (EmbeddedError("secret"), 503, "UNAVAILABLE", {"retry-after": "1"}),
        (SessionError("secret"), 503, "UNAVAILABLE", {"retry-after": "1"}),
        (OutdatedError("secret"), 503, "UNAVAILABLE", {"retry-after": "1"}),
        (GuidepostError("secret"), 500, "INTERNAL", {}),
        (ValueError("secret"), 500, "INTERNAL", {}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
@pytest.mark.parametrize(("answer_type", "refused"), [(JSON, 200), (GRAPHQL_RESPONSE, 400)])
def test_each_error_has_its_response(
    error: Exception,
    status: int | None,
    code: str,
    headers: dict[str, str],
    answer_type: str,
    refused: int,
) -> None:
    response = error_response(error, answer_type)
    assert response.status_code == (status or refused)
    assert response.headers["content-type"] == f"{answer_type}; charset=utf-8"
    said = {"content-type", "content-length", "vary"}
    assert {name: it for name, it in response.headers.items() if name not in said} == headers
    body = bytes(response.body)
    shown = orjson.loads(body)["errors"]
    assert {each["extensions"]["code"] for each in shown} == {code}
    assert len(shown) == (2 if isinstance(error, RefusedError) else 1)
    assert b"secret" not in body
