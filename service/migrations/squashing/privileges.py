"""The privileges in a database as statements.

The revisions may have granted them on tables that were renamed or dropped since. So they are read
from the dump of the database, and granted in as few statements as say the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from service.migrations.squashing.comparing import Snapshot
from service.migrations.squashing.tables import VERSION

_GRANT = re.compile(r"GRANT ([A-Z,]+) ON (TABLE|SCHEMA) (\S+) TO (\S+);")
_DEFAULT = re.compile(
    r"ALTER DEFAULT PRIVILEGES FOR ROLE \S+ IN SCHEMA (\S+) GRANT ([A-Z,]+) ON ([A-Z]+) TO (\S+);"
)
_VIEW = re.compile(r"(.+); Type: (?:MATERIALIZED VIEW|VIEW|FOREIGN TABLE); Schema: (.+)")
_FOR = re.compile(r"(?<=ALTER DEFAULT PRIVILEGES )FOR ROLE \S+ ")
"""Whose tables they are; on each server those of the role that migrates."""


def privileges(database: Snapshot, tables: Iterable[str]) -> list[str]:
    """Statements that grant what is granted in a database with these tables."""
    lines = [*_lines(database.objects)]
    grants = sorted(
        (role, kind, rights, name)
        for each in lines
        if (match := _GRANT.fullmatch(each))
        for rights, kind, name, role in [match.groups()]
    )
    schemas: dict[str, list[str]] = {}
    for name in (*tables, *_views(database.objects)):
        schemas.setdefault(name.partition(".")[0], []).append(name)
    found = [_other(each) for each in lines if not _GRANT.fullmatch(each)]
    for (role, kind, rights), group in groupby(grants, lambda each: each[:3]):
        names = [each[3] for each in group]
        on = [f"schema {', '.join(names)}"] if kind == "SCHEMA" else _on(names, schemas)
        found += [f"grant {_listed(rights)} on {each} to {role}" for each in on]
    return found


def _lines(objects: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, lines in objects.items():
        if "Type: ACL" in name or "Type: DEFAULT ACL" in name:
            yield from lines


def _views(objects: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is granted with all tables of a schema, and is none."""
    for each in objects:
        if match := _VIEW.match(each):
            yield f"{match[2]}.{match[1]}"


def _other(line: str) -> str:
    """A statement about something else than single tables and schemas."""
    if match := _DEFAULT.fullmatch(line):
        schema, rights, kind, role = match.groups()
        begin = f"alter default privileges in schema {schema}"
        return f"{begin} grant {_listed(rights)} on {kind.lower()} to {role}"
    return _FOR.sub("", line).removesuffix(";")


def _listed(rights: str) -> str:
    return rights.lower().replace(",", ", ")


def _on(names: Sequence[str], schemas: Mapping[str, Sequence[str]]) -> list[str]:
    """Tables by name, but all those of a schema together."""
    rest = {*names}
    whole = [schema for schema, tables in schemas.items() if rest.issuperset(tables)]
    for schema in whole:
        rest -= {*schemas[schema]}
    # alembic's own table is where the search path says.
    single = ", ".join(sorted(each.replace(f"public.{VERSION}", VERSION) for each in rest))
    return [*(f"all tables in schema {each}" for each in whole), *([single] if single else [])]
