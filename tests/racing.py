"""Processes that write and read at once, each with its own client of a running service."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx2

from tests.processes import DIRECT

SIDES = ("left", "right")
"""The slugs of two guides that are a pair: they say the same number."""

SHARED = "title"
"""The field that both editors change."""

PAUSE = 0.01
"""The most seconds that somebody waits between two requests."""

_SAVE = """mutation($document: GuideInput!, $with: [ItemInput!], $expected: Int, $how: OnConflict) {
  saveGuide(document: $document, with: $with, expectedVersion: $expected, onConflict: $how) {
    guide { version } errors { code message }
  }
}"""
_PUBLISH = """mutation($slugs: [ItemKey!]) {
  publish(slugs: $slugs) { published { id } errors { code message } }
}"""
_FIELDS = "version title subtitle seoTitle"
_GUIDE = f'query($stage: Stage) {{ guide(slug: "left", stage: $stage) {{ {_FIELDS} }} }}'
_PAIR = """query($stage: Stage) {
  left: guide(slug: "left", stage: $stage) { title }
  right: guide(slug: "right", stage: $stage) { title }
  guides(stage: $stage, where: { slug: { in: ["left", "right"] } }) { nodes { title } }
}"""

State = dict[str, Any]


class FailedError(Exception):
    """A request that was not answered as it should be."""


class Client:
    """One who asks a service over HTTP."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http = http

    def __call__(self, query: str, **variables: Any) -> Any:
        """The `data` of the answer; raises `FailedError` where there is none."""
        try:
            response = self._http.post("/graphql", json={"query": query, "variables": variables})
        except httpx2.TimeoutException:
            # A service that hangs is a fault, however the request ends.
            raise
        except httpx2.HTTPError as error:
            raise FailedError(repr(error)) from error
        answer = response.json()
        if "errors" in answer:
            raise FailedError(f"{response.status_code}: {answer['errors']}")
        return answer["data"]

    def save(self, document: State, **arguments: Any) -> set[str]:
        """Save a guide; the codes of the errors."""
        return _codes(self(_SAVE, document=document, **arguments)["saveGuide"])

    def publish(self, slugs: Iterable[str] = SIDES) -> set[str]:
        """Publish guides; the codes of the errors."""
        keys = [{"type": "GUIDE", "slug": slug} for slug in slugs]
        return _codes(self(_PUBLISH, slugs=keys)["publish"])

    def guide(self, stage: str) -> State:
        """The left guide as it is."""
        found: State = self(_GUIDE, stage=stage)["guide"]
        return found

    def pair(self, stage: str = "LIVE") -> int:
        """The number of a pair, read in one request; raises where it is not one."""
        answer = self(_PAIR, stage=stage)
        titles = [each["title"] for each in answer.pop("guides")["nodes"]]
        titles += [each["title"] for each in answer.values()]
        if len(titles) != 4 or len({*titles}) > 1:
            raise AssertionError(f"a pair that was never published: {titles}")
        return int(titles[0])

    def save_pair(self, number: int) -> set[str]:
        """Give a pair a number; the codes of the errors."""
        left, right = ({"slug": slug, "title": {"en": str(number)}} for slug in SIDES)
        return self.save(left, **{"with": [{"guide": right}]})


def _codes(payload: Any) -> set[str]:
    return {each["code"] for each in payload["errors"]}


@contextmanager
def client(url: str, token: str) -> Iterator[Client]:
    """A client with a token."""
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=url, headers=headers, **DIRECT) as http:
        yield Client(http)


def begin(someone: Client) -> None:
    """Make a pair of guides, and publish it with what it refers to."""
    place = {"slug": "belgium", "name": {"en": "Belgium"}, "kind": "COUNTRY"}
    role = {"slug": "backend", "name": {"en": "Backend"}, "plural": {"en": "Backends"}}
    zero = {name: {"en": "0"} for name in (SHARED, "subtitle", "seoTitle")}
    left, right = (
        {"slug": slug, "role": "backend", "location": where, **zero}
        for slug, where in zip(SIDES, ("belgium", "ghent"), strict=True)
    )
    others = [
        {"guide": right},
        {"location": place},
        {"location": {**place, "slug": "ghent"}},
        {"role": role},
    ]
    assert someone.save(left, **{"with": others}) == set()
    keys = [("ROLE", "backend"), ("LOCATION", "belgium"), ("LOCATION", "ghent")]
    keys += [("GUIDE", slug) for slug in SIDES]
    slugs = [{"type": name, "slug": slug} for name, slug in keys]
    assert _codes(someone(_PUBLISH, slugs=slugs)["publish"]) == set()


class Edited(NamedTuple):
    """How often an editor counted each field up, and how often it had to try again."""

    counted: dict[str, int]
    conflicts: int


def edit(url: str, token: str, own: str, times: int, seed: int) -> Edited:
    """Count up the shared field or one's own, by chance, each time from what was read."""
    by_chance = Random(f"{seed} {own}")
    counted = {SHARED: 0, own: 0}
    conflicts = 0
    with client(url, token) as editor:
        while sum(counted.values()) < times:
            field = by_chance.choice((SHARED, own))
            now = editor.guide("DRAFT")
            time.sleep(by_chance.uniform(0, PAUSE))
            document = {"slug": "left", field: {"en": str(int(now[field]) + 1)}}
            # What nobody else changes is merged; what both count is read again.
            how = "FAIL" if field == SHARED else "MERGE"
            codes = editor.save(document, expected=now["version"], how=how)
            assert codes <= {"CONFLICT"}, codes
            counted[field] += not codes
            conflicts += len(codes)
    return Edited(counted, conflicts)


def publish(url: str, token: str, done: Path) -> list[State]:
    """Publish the guide again and again until a file is there; what was live, each time."""
    found = []
    with client(url, token) as publisher:
        while not done.exists():
            assert publisher.publish(["left"]) == set()
            found.append(publisher.guide("LIVE"))
    return found


def publish_pairs(url: str, other: str, token: str, done: Path, times: int, seed: int) -> None:
    """Publish pairs with growing numbers; what is published is read at once, anywhere."""
    by_chance = Random(seed)
    try:
        with client(url, token) as publisher, client(other, token) as reader:
            begun = publisher.pair()
            for number in range(begun + 1, begun + times + 1):
                assert publisher.save_pair(number) == set()
                time.sleep(by_chance.uniform(0, PAUSE))
                assert publisher.publish() == set()
                assert reader.pair() == number
    finally:
        done.touch()


def read_pairs(url: str, token: str, done: Path) -> int:
    """Read pairs until a file is there, which never go back; how many."""
    read, last = 0, 0
    with client(url, token) as reader:
        while not done.exists():
            number = reader.pair()
            assert number >= last, (number, last)
            read, last = read + 1, number
    return read


def text(state: State) -> str:
    """A state as something that can be looked for."""
    return json.dumps(state, sort_keys=True)
