"""The documents in files: Apollo's manifests, maps of hashes, and plain GraphQL."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from service.manifests.problems import ManifestError, ManifestProblem
from service.persisted_documents import hash_of, normal_id

GRAPHQL = {".graphql", ".gql"}
"""The endings of files that are a document each."""
APOLLO = "apollo-persisted-query-manifest"

_EXPECTED = (
    f'expected a manifest ({{"format": "{APOLLO}", "version": 1, "operations": […]}}) or a map '
    '({"<id>": "query …"})'
)


class ManifestDocument(NamedTuple):
    """A document in a file."""

    source: str
    """The file."""
    id: str
    """As clients send it, without `sha256:`."""
    text: str


def read(files: Iterable[Path]) -> list[ManifestDocument]:
    """The documents in files, each once; raises `ManifestError` for all that cannot be used."""
    problems: list[ManifestProblem] = []
    found: dict[str, ManifestDocument] = {}
    for file in files:
        for each in _read(file):
            if isinstance(each, ManifestProblem):
                problems.append(each)
                continue
            first = found.setdefault(each.id, each)
            if first.text != each.text:
                message = f"has the id of another document in {first.source}"
                problems.append(ManifestProblem(each.source, message, each.id))
    if problems:
        raise ManifestError(problems)
    return [*found.values()]


def _read(file: Path) -> Iterator[ManifestDocument | ManifestProblem]:
    source = str(file)
    try:
        text = file.read_bytes().decode()
        if file.suffix in GRAPHQL:
            yield _document(source, None, text)
        else:
            yield from _from_json(source, orjson.loads(text))
    except OSError as error:
        yield ManifestProblem(source, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        yield ManifestProblem(source, f"is not UTF-8: {error}")
    except orjson.JSONDecodeError as error:
        yield ManifestProblem(source, f"is not JSON: {error}; {_EXPECTED}")


def _from_json(source: str, content: Any) -> Iterator[ManifestDocument | ManifestProblem]:
    if not isinstance(content, dict):
        yield ManifestProblem(source, f"is not a JSON object; {_EXPECTED}")
    elif "format" not in content:
        for id_, text in content.items():
            yield _document(source, id_, text)
    elif (content["format"], content.get("version")) != (APOLLO, 1):
        said = f"has the format {content['format']!r}, version {content.get('version')!r}"
        yield ManifestProblem(source, f"{said}; {_EXPECTED}")
    else:
        yield from _from_manifest(source, content.get("operations"))


def _from_manifest(source: str, operations: Any) -> Iterator[ManifestDocument | ManifestProblem]:
    listed = operations if isinstance(operations, list) else [operations]
    for each in listed:
        if isinstance(each, dict) and isinstance(each.get("id"), str):
            yield _document(source, each["id"], each.get("body"))
        else:
            message = "each of `operations` has to be an object with the texts `id` and `body`"
            yield ManifestProblem(source, message)


def _document(source: str, said: str | None, text: Any) -> ManifestDocument | ManifestProblem:
    """A document under an id, or under its hash if it has none."""
    if not isinstance(text, str):
        return ManifestProblem(source, f"has no text of a document; {_EXPECTED}", said)
    if "\0" in text:
        return ManifestProblem(source, "contains the character U+0000", said)
    hash_ = hash_of(text)
    try:
        id_ = hash_ if said is None else normal_id(said)
    except ValueError as error:
        return ManifestProblem(source, str(error), said)
    if said and id_ not in {said, hash_}:
        message = f"has another hash: sha256:{hash_}. Was the file changed after it was made?"
        return ManifestProblem(source, message, said)
    return ManifestDocument(source, id_, text)
