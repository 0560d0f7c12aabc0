"""What is done past mutations: SQL on the live copy, as somebody does it by hand."""

import json
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import asyncpg
from sqlalchemy import Table

from schema.attributes import Parts, References
from schema.model import Model
from tests.differential.content import LOCALES

LENDERS = {"Location": 4, "Role": 4, "Guide": 3, "Company": 2}
"""How much more often than others a type is chosen: most depends on these."""


def often(random: Random, names: Sequence[str]) -> str:
    """One of the names of types, by chance."""
    return random.choices(names, [LENDERS.get(each, 1) for each in names])[0]


class Statements:
    """Changes rows of live tables by chance; what cannot be is refused by the database."""

    def __init__(self, random: Random, model: Model, connection: Any) -> None:
        self._random = random
        self._model = model
        self._connection = connection
        self._removed: list[tuple[str, str]] = []
        """Rows that were there once, as JSON, each with its table."""

    async def __call__(self) -> str:
        """Run some in a transaction; what was run."""
        kinds: Sequence[tuple[int, Callable[[], Awaitable[str]]]] = (
            (20, self._set),
            (10, self._remove),
            (10, self._put_back),
            (4, self._copy),
            (1, self._move),
            (1, self._redirect),
            (1, self._exchange),
            (1, self._rename_locale),
        )
        weights = [weight for weight, _ in kinds]
        chosen = self._random.choices(
            [it for _, it in kinds], weights, k=self._random.choice((1, 1, 2))
        )
        try:
            async with self._connection.transaction():
                return "; ".join([await each() for each in chosen])
        except asyncpg.PostgresError as error:
            return f"refused: {error}"

    async def truncate(self) -> str:
        """Empty a table of lists or parts."""
        return await self._run(f"truncate live.{self._random.choice(self._lists()).name}")

    def _lists(self) -> list[Table]:
        """The tables of lists and parts."""
        found: list[Table] = []
        for type_ in self._model.content():
            for each in type_.relations():
                if isinstance(each, References):
                    found.append(each.live)
                elif isinstance(each, Parts):
                    found.append(self._model[each.target].live)
        return found

    def _table(self) -> Table:
        """One of items, and now and then another one: then anything may have changed."""
        if self._random.random() < 0.12:
            return self._random.choice([*self._lists(), *self._others()])
        return self._model[often(self._random, [it.name for it in self._model.content()])].live

    async def _run(self, statement: str, *values: Any) -> str:
        done = await self._connection.execute(statement, *values)
        return f"{statement} {values or ''} -- {done}"

    async def _row(self, table: Table) -> dict[str, Any] | None:
        """A row by chance."""
        rows = await self._connection.fetch(
            f"select to_jsonb(t)::text from live.{table.name} t order by 1"  # noqa: S608
        )
        return json.loads(self._random.choice(rows)[0]) if rows else None

    def _key(self, table: Table, row: dict[str, Any]) -> tuple[str, str]:
        """The condition that it is a row, or all rows of the item."""
        names = [each.name for each in table.primary_key]
        if "locale" in names and self._random.random() < 0.5:
            names.remove("locale")
        key = json.dumps({name: row[name] for name in names})
        return "to_jsonb(t) @> $1::text::jsonb", key

    async def _set(self) -> str:
        """Give a column of a row the value of another row, or another text."""
        table = self._table()
        row, other = await self._row(table), await self._row(table)
        if row is None or other is None:
            return f"nothing in {table.name}"
        keys = {each.name for each in table.primary_key}
        column = self._random.choice([each.name for each in table.columns if each.name not in keys])
        condition, key = self._key(table, row)
        value = other[column]
        if isinstance(value, str) and column.endswith(("slug", "name", "title", "text")):
            value = f"{column}-{self._random.randrange(9)}"
        if column.endswith("_owner_id") and value is not None:
            # An item has the entries of its list itself, or inherits them; see `entries_column`.
            value = row["id"]
        return await self._run(
            f"update live.{table.name} t set {column} = s.{column} "  # noqa: S608
            f"from jsonb_populate_record(null::live.{table.name}, $2::text::jsonb) s "
            f"where {condition}",
            key,
            json.dumps({column: value}),
        )

    async def _remove(self) -> str:
        table = self._table()
        row = await self._row(table)
        if row is None:
            return f"nothing in {table.name}"
        condition, key = self._key(table, row)
        rows = await self._connection.fetch(
            f"select to_jsonb(t)::text from live.{table.name} t where {condition}",  # noqa: S608
            key,
        )
        done = await self._run(f"delete from live.{table.name} t where {condition}", key)  # noqa: S608
        self._removed += [(table.name, each[0]) for each in rows]
        return done

    def _others(self) -> list[Table]:
        metadata = next(iter(self._model.values())).live.metadata
        return [metadata.tables["live.redirect"], metadata.tables["live.search_entry"]]

    async def _put_back(self) -> str:
        """Insert rows that were there."""
        self._random.shuffle(self._removed)
        rows, self._removed = self._removed[:4], self._removed[4:]
        done = [await self._insert(name, row) for name, row in rows]
        return "; ".join(done) or "nothing was removed"

    async def _insert(self, name: str, row: str) -> str:
        try:
            async with self._connection.transaction():
                return await self._run(
                    f"insert into live.{name} "  # noqa: S608
                    f"select * from jsonb_populate_record(null::live.{name}, $1::text::jsonb)",
                    row,
                )
        except asyncpg.PostgresError as error:
            return f"not inserted into {name}: {error}"

    async def _copy(self) -> str:
        """Insert an item in another locale."""
        table = self._random.choice(self._model.content()).live
        row = await self._row(table)
        if row is None:
            return f"nothing in {table.name}"
        return await self._insert(
            table.name, json.dumps({**row, "locale": self._random.choice(LOCALES)})
        )

    async def _move(self) -> str:
        """Give a row another locale: in this one it goes, in that one it comes."""
        table = self._random.choice(self._model.content()).live
        row = await self._row(table)
        if row is None:
            return f"nothing in {table.name}"
        return await self._run(
            f"update live.{table.name} t set locale = $2 where to_jsonb(t) @> $1::text::jsonb",  # noqa: S608
            json.dumps({"id": row["id"], "locale": row["locale"]}),
            self._random.choice(LOCALES),
        )

    async def _redirect(self) -> str:
        """Let a slug lead to an item, whatever it led to."""
        type_ = self._random.choice(self._model.content())
        row = await self._row(type_.live)
        if row is None:
            return f"nothing in {type_.live.name}"
        slug = self._random.choice(("here", "there", f"former-{type_.table_name}-0"))
        return await self._run(
            "insert into live.redirect (type, slug, item_id) values ($1, $2, $3::text::uuid) "
            "on conflict (type, slug) do update set item_id = excluded.item_id",
            type_.table_name,
            slug,
            row["id"],
        )

    async def _exchange(self) -> str:
        """Put an item into lists in the place of another one."""
        tables = [each for each in self._lists() if "target_id" in each.c]
        table = self._random.choice(tables)
        row, other = await self._row(table), await self._row(table)
        if row is None or other is None:
            return f"nothing in {table.name}"
        return await self._run(
            f"update live.{table.name} set target_id = $1::text::uuid "  # noqa: S608
            "where target_id = $2::text::uuid",
            row["target_id"],
            other["target_id"],
        )

    async def _rename_locale(self) -> str:
        return await self._run(
            "update service.locale set name = $1 where code = $2",
            f"Name {self._random.randrange(9)}",
            self._random.choice(LOCALES),
        )
