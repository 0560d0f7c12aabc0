"""Things that can be done, as requests, and what is said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tests.machine import publishing, saving
from tests.machine.publishing import Moved
from tests.machine.saving import Save, Saved
from tests.machine.world import TYPES, Document, Key, RefusedError, Revision, World

Outcome = Any
"""What was done, in a form that can be compared; or the codes of the errors."""

_KEYS = " ".join(f"... on {name} {{ slug }}" for name in TYPES)
_ERRORS = "errors { code message }"
_MOVED = f"{{ moved: %s {{ __typename {_KEYS} }} unchanged {{ __typename {_KEYS} }} {_ERRORS} }}"


class Operation(Protocol):
    """Something that can be done."""

    @property
    def is_dry(self) -> bool:
        """Whether it only says what it would do."""

    def request(self) -> tuple[str, dict[str, Any]]:
        """A document with one mutation, and its variables."""

    def do(self, world: World) -> Outcome:
        """Do it to a world; raises `RefusedError`, and may have done half of it then."""

    def said(self, payload: dict[str, Any]) -> Outcome:
        """The outcome that a payload without errors says."""


def done(world: World, operation: Operation) -> tuple[World, Outcome]:
    """What a world is after an operation, and its outcome."""
    after = world.copied()
    try:
        outcome = operation.do(after)
    except RefusedError as error:
        return world, error.codes
    return (world if operation.is_dry else after), outcome


def outcome(operation: Operation, payload: dict[str, Any]) -> Outcome:
    """The outcome that a payload says."""
    if payload["errors"]:
        return frozenset(each["code"] for each in payload["errors"])
    return operation.said(payload)


@dataclass(frozen=True)
class Saving:
    """Saving documents: one, and others with it."""

    saves: Sequence[Save]
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`save…`."""
        first, *others = self.saves
        name = first.key[0]
        query = f"""mutation(
          $document: {name}Input!, $with: [ItemInput!], $mode: SaveMode, $expected: Int,
          $onConflict: OnConflict, $dryRun: Boolean
        ) {{
          save{name}(
            document: $document, with: $with, mode: $mode, expectedVersion: $expected,
            onConflict: $onConflict, dryRun: $dryRun
          ) {{
            item: {name.lower()} {{ version }} changes {{ type slug path before after }} {_ERRORS}
          }}
        }}"""
        return query, {
            "document": _written(first),
            "with": [{each.key[0].lower(): _written(each)} for each in others],
            "mode": first.mode,
            "expected": first.expected,
            "onConflict": first.on_conflict,
            "dryRun": self.is_dry,
        }

    def do(self, world: World) -> Outcome:
        """See `saving.save`."""
        return _saved(saving.save(world, self.saves))

    def said(self, payload: dict[str, Any]) -> Outcome:
        """The version, and the changes."""
        return payload["item"]["version"], _changes(payload)


@dataclass(frozen=True)
class Deleting:
    """Deleting an item."""

    key: Key
    expected: int | None
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`delete…`."""
        query = f"""mutation($slug: String!, $expected: Int, $dryRun: Boolean) {{
          delete{self.key[0]}(slug: $slug, expectedVersion: $expected, dryRun: $dryRun)
            {{ deletedId {_ERRORS} }}
        }}"""
        return query, {"slug": self.key[1], "expected": self.expected, "dryRun": self.is_dry}

    def do(self, world: World) -> Outcome:
        """See `saving.delete`."""
        saving.delete(world, self.key, self.expected)
        return self.key[0].lower()

    def said(self, payload: dict[str, Any]) -> Outcome:
        """What the id begins with."""
        return payload["deletedId"].partition("_")[0]


@dataclass(frozen=True)
class Restoring:
    """Restoring an item, or some fields of it."""

    revision: Revision
    id: str
    fields: Sequence[str] | None
    expected: int | None
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`restore`."""
        item = " ".join(f"... on {name} {{ version }}" for name in TYPES)
        query = f"""mutation($id: ID!, $fields: [String!], $expected: Int, $dryRun: Boolean) {{
          restore(revision: $id, fields: $fields, expectedVersion: $expected, dryRun: $dryRun)
            {{ item {{ {item} }} changes {{ type slug path before after }} {_ERRORS} }}
        }}"""
        return query, {
            "id": self.id,
            "fields": self.fields,
            "expected": self.expected,
            "dryRun": self.is_dry,
        }

    def do(self, world: World) -> Outcome:
        """See `saving.restore`."""
        return _saved(saving.restore(world, self.revision, self.fields, self.expected))

    def said(self, payload: dict[str, Any]) -> Outcome:
        """The version, and the changes."""
        return payload["item"]["version"], _changes(payload)


@dataclass(frozen=True)
class Publishing:
    """Publishing items."""

    keys: Sequence[Key]
    references: str
    locales: Sequence[str] | None
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`publish`."""
        query = f"""mutation(
          $slugs: [ItemKey!], $references: References, $locales: [Locale!], $dryRun: Boolean
        ) {{
          publish(slugs: $slugs, references: $references, locales: $locales, dryRun: $dryRun)
            {_MOVED % "published"}
        }}"""
        return query, {
            "slugs": _slugs(self.keys),
            "references": self.references,
            "locales": self.locales,
            "dryRun": self.is_dry,
        }

    def do(self, world: World) -> Outcome:
        """See `publishing.publish`."""
        return publishing.publish(world, self.keys, self.references, self.locales)

    def said(self, payload: dict[str, Any]) -> Outcome:
        """What was published, and what was before."""
        return _moved(payload)


@dataclass(frozen=True)
class Unpublishing:
    """Unpublishing items."""

    keys: Sequence[Key]
    locales: Sequence[str] | None
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`unpublish`."""
        query = f"""mutation($slugs: [ItemKey!], $locales: [Locale!], $dryRun: Boolean) {{
          unpublish(slugs: $slugs, locales: $locales, dryRun: $dryRun) {_MOVED % "unpublished"}
        }}"""
        slugs = _slugs(self.keys)
        return query, {"slugs": slugs, "locales": self.locales, "dryRun": self.is_dry}

    def do(self, world: World) -> Outcome:
        """See `publishing.unpublish`."""
        return publishing.unpublish(world, self.keys, self.locales)

    def said(self, payload: dict[str, Any]) -> Outcome:
        """What was unpublished, and what was before."""
        return _moved(payload)


@dataclass(frozen=True)
class Scheduling:
    """Setting what is to happen to items."""

    keys: Sequence[Key]
    at: int | None
    until: int | None
    references: str
    locales: Sequence[str] | None
    version: str
    times: tuple[datetime | None, datetime | None]
    """`at` and `until` as instants."""
    is_dry: bool = False

    def request(self) -> tuple[str, dict[str, Any]]:
        """`schedule`."""
        query = f"""mutation(
          $slugs: [ItemKey!], $at: DateTime, $until: DateTime, $references: References,
          $locales: [Locale!], $version: ReleaseVersion
        ) {{
          schedule(
            slugs: $slugs, at: $at, unpublishAt: $until, references: $references,
            locales: $locales, version: $version
          ) {{ scheduled {{ __typename {_KEYS} }} {_ERRORS} }}
        }}"""
        at, until = (each and each.isoformat() for each in self.times)
        return query, {
            "slugs": _slugs(self.keys),
            "at": at,
            "until": until,
            "references": self.references,
            "locales": self.locales,
            "version": self.version,
        }

    def do(self, world: World) -> Outcome:
        """See `publishing.schedule`."""
        times = self.at, self.until
        publishing.schedule(world, self.keys, times, self.references, self.locales, self.version)
        return frozenset(self.keys)

    def said(self, payload: dict[str, Any]) -> Outcome:
        """What it was set for."""
        return _keys(payload["scheduled"])


def _written(save: Save) -> Document:
    old = {} if save.old is None else {"renamedFrom": save.old}
    return {"slug": save.key[1], **old, **save.document}


def _slugs(keys: Sequence[Key]) -> list[dict[str, str]]:
    return [{"type": name.upper(), "slug": slug} for name, slug in keys]


def _keys(items: list[dict[str, str]]) -> frozenset[Key]:
    return frozenset((each["__typename"], each["slug"]) for each in items)


def _moved(payload: dict[str, Any]) -> Moved:
    return Moved(_keys(payload["moved"]), _keys(payload["unchanged"]))


def _saved(saved: Saved) -> Outcome:
    return saved.version, sorted(saved.changes, key=repr)


def _changes(payload: dict[str, Any]) -> Any:
    found = [
        ((each["type"], each["slug"]), tuple(each["path"]), each["before"], each["after"])
        for each in payload["changes"]
    ]
    return sorted(found, key=repr)
