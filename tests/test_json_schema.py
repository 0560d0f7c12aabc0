"""The JSON Schema of documents, against documents."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schema.locales import Locales
from schema.model import content_model
from service.documents.checking import check_documents
from service.documents.files import read_documents
from service.documents.json_schema import json_schema
from service.documents.problems import Problem
from service.documents.unchecked import UncheckedDocument
from tests.databases import SEEDS
from tests.processes import run

LOCALES = Locales(frozenset({"en", "nl", "fr"}), "en")
VALIDATOR = Draft202012Validator(json_schema(content_model(), LOCALES))
GUIDE: dict[str, Any] = {
    "type": "Guide",
    "slug": "a-guide",
    "title": {"en": "A guide"},
    "role": "a-role",
    "location": "a-place",
}
RANGE = {
    "level": "JUNIOR", "minimum": 1, "maximum": 2.5, "currency": "EUR", "period": "YEAR",
    "basis": "GROSS",
}  # fmt: skip

WRONG: dict[str, dict[str, Any]] = {
    "no type": {"slug": "a"},
    "an unknown type": {**GUIDE, "type": "Gude"},
    "no slug": {key: value for key, value in GUIDE.items() if key != "slug"},
    "a bad slug": {**GUIDE, "slug": "A guide"},
    "an unknown field": {**GUIDE, "titel": {"en": "x"}},
    "a text that is no map": {**GUIDE, "subtitle": "x"},
    "an empty text": {**GUIDE, "subtitle": {"en": ""}},
    "an unknown locale": {**GUIDE, "subtitle": {"de": "x"}},
    "no text in the default locale": {**GUIDE, "title": {"nl": "x"}},
    "no role": {key: value for key, value in GUIDE.items() if key != "role"},
    "a list that is none": {**GUIDE, "skills": "java"},
    "a slug twice": {**GUIDE, "skills": ["java", "java"]},
    "a bad address": {**GUIDE, "jobsUrl": "ftp://example.org"},
    "an unknown level": {**GUIDE, "salaryRanges": [{**RANGE, "level": "BOSS"}]},
    "a salary that is a text": {**GUIDE, "salaryRanges": [{**RANGE, "minimum": "1"}]},
    "a salary below zero": {**GUIDE, "salaryRanges": [{**RANGE, "minimum": -1}]},
    "a title twice": {
        "type": "Role",
        "slug": "a-role",
        "name": {"en": "A"},
        "plural": {"en": "A"},
        "careerPath": [{"titles": {"en": ["a", "a"]}}],
    },
    "published nowhere": {**GUIDE, "published": []},
    "published in an unknown locale": {**GUIDE, "published": ["de"]},
    "live nowhere": {**GUIDE, "draft": True, "live": [{"title": {"en": "x"}}]},
    "a long currency": {**GUIDE, "salaryRanges": [{**RANGE, "currency": "EURO"}]},
}


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(VALIDATOR.schema)


def test_every_seed_fits() -> None:
    problems: list[Problem] = []
    documents = [*read_documents(SEEDS, problems)]
    assert documents
    assert not problems
    for each in documents:
        plain = json.loads(json.dumps(each.content))
        assert not [error.message for error in VALIDATOR.iter_errors(plain)], each.file


def test_what_is_published_need_not_be_there_in_the_default_locale() -> None:
    texts = {"name": {"nl": "x"}, "plural": {"nl": "x"}}
    steps = {"careerPath": [{"titles": {"nl": ["x"]}}]}
    role = {"type": "Role", "slug": "a", "name": {"en": "x"}, "plural": {"en": "x"}, "draft": True}
    assert not VALIDATOR.is_valid({**role, **texts})
    assert not VALIDATOR.is_valid({**role, **steps})
    assert VALIDATOR.is_valid({**role, "live": [{"locales": ["nl"], **texts, **steps}]})


@pytest.mark.parametrize("name", WRONG)
def test_what_a_load_would_refuse_does_not_fit(name: str) -> None:
    assert VALIDATOR.is_valid({**GUIDE, "salaryRanges": [RANGE]})
    assert not VALIDATOR.is_valid(WRONG[name])
    assert check_documents([UncheckedDocument(WRONG[name])], content_model(), LOCALES)[1]


async def test_the_command_prints_it_without_a_database(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        run, "schema", "documents", GUIDEPOST_DATA=str(tmp_path / "data")
    )
    assert json.loads(done.stdout) == json_schema(content_model())
    assert not (tmp_path / "data").exists()
