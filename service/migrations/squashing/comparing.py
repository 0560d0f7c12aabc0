"""Two databases compared whole: what pg_dump says of them, roles, and rows.

Rows are compared as text, except times at which the revisions ran.
"""

import asyncio
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from service.messages import shortened
from service.migrations.squashing.rows import COUNTED, LOG, read_rows, tables_of
from service.migrations.squashing.scratch import Scratch, ScratchServer

_ENTRY = re.compile(r"^-- (?:Data for )?Name: (.*?); Owner: .*$", re.MULTILINE)
_REQUIRED = re.compile(r"(?<= )CONSTRAINT (?:\w+|\"[^\"]+\") NOT NULL")
"""Since PostgreSQL 18 this has a name, which stays when the table or the column is renamed."""
_MOST = 20
"""How many differences are listed, and how many lines of each."""


class Snapshot(NamedTuple):
    """All that is in a database, and the roles of its server."""

    objects: Mapping[str, Sequence[str]]
    """The statements that make a thing, by its name and kind; sorted where order says nothing."""
    rows: Mapping[str, Sequence[str]]
    """By table."""


def snapshot(server: ScratchServer, database: Scratch) -> Snapshot:
    """What is in a database."""
    dump = server.program("pg_dump", "--schema-only")
    roles = server.program("pg_dumpall", "--roles-only", "--no-role-passwords")
    objects = {**_objects(dump), "roles": sorted(_said(roles))}
    return Snapshot(objects, asyncio.run(_rows(database)))


def differences(old: Snapshot, new: Snapshot) -> list[str]:
    """In what two databases differ, as lines: what only the old one has after `-`, the new `+`."""
    found = [*_differences(old.objects, new.objects), *_differences(old.rows, new.rows)]
    lines = [line for each in found[:_MOST] for line in each]
    more = len(found) - _MOST
    return [*lines, f"and {more} more differences"] if more > 0 else lines


def _differences(
    old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]
) -> Iterator[list[str]]:
    for name in sorted({*old, *new}):
        before, after = old.get(name, ()), new.get(name, ())
        if before != after:
            compared = difflib.unified_diff([*before], [*after], lineterm="", n=0)
            changed = [each for each in compared if each[:2] not in {"--", "++", "@@"}]
            lines = [f"  {each[0]} {shortened(each[1:], 300)}" for each in changed[:_MOST]]
            more = len(changed) - _MOST
            yield [f"{name}:", *lines, *([f"  and {more} more lines"] if more > 0 else [])]


def _objects(dump: str) -> dict[str, list[str]]:
    """The statements of a dump, by the names of what they make."""
    _, *pieces = _ENTRY.split(dump)
    found: dict[str, list[str]] = {}
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        # Privileges are dumped in the order in which they were granted.
        lines = sorted(_said(body)) if "Type: ACL" in name or "DEFAULT ACL" in name else _said(body)
        found.setdefault(name, []).extend(lines)
    return found


def _said(dump: str) -> list[str]:
    """The lines of a dump, without comments, and without the key that each dump has of its own."""
    kept = (_REQUIRED.sub("NOT NULL", line.rstrip()) for line in dump.splitlines())
    return [
        line for line in kept if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
    ]


async def _rows(database: Scratch) -> dict[str, list[str]]:
    return {
        # As text, so that JSON's null is not SQL's.
        f"rows of {name}": await read_rows(database, table, "{}::text")
        for name, table in (await tables_of(database)).items()
        if name not in {LOG, COUNTED}
    }
