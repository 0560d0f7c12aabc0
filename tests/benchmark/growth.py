"""A hundred times as many guides, for seeing what costs more with them and what does not."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
from graphql import OperationDefinitionNode, get_variable_values, parse
from graphql.execution.values import VariableValues

from schema.graphql.types import graphql_schema
from schema.locales import Locales
from schema.model import content_model
from schema.planner.arguments import PlanRequest
from schema.planner.plan import plan
from schema.planner.selection import select
from service.database.pools import READING
from tests.benchmark.content import GUIDES
from tests.benchmark.queries import LOCALES, Query

_COPIED = {
    "role": "role",
    "career_step": "role",
    "role_skills": "role",
    "role_tools": "role",
    "guide": "guide",
    "salary_range": "guide",
    "guide_companies": "guide",
    "guide_hubs": "guide",
    "guide_universities": "guide",
    "guide_skills": "guide",
    "guide_tools": "guide",
}
"""The tables of roles, of guides and of what they own."""

_ENTRIES = "search_entry"
"""What search finds them by."""

_KEYS = {"id", "owner_id", "role_id"}


async def multiply(url: str, guides: int) -> None:
    """Copy the published guides, and their roles, until there are so many.

    Straight in SQL: as documents they would be read, checked and rendered one by one.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for table in (*_COPIED, _ENTRIES):
                columns = await connection.fetch(
                    "select column_name from information_schema.columns"
                    " where table_schema = 'live' and table_name = $1 order by ordinal_position",
                    table,
                )
                await connection.execute(_copy(table, [each[0] for each in columns], guides))
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def _copy(table: str, columns: list[str], guides: int) -> str:
    copied = (
        f"md5({each}::text || n)::uuid"
        if each in _KEYS
        else "slug || '-' || to_char(n, 'FM0000')"
        if each == "slug"
        else each
        for each in columns
    )
    return (
        f"insert into live.{table} ({', '.join(columns)}) select {', '.join(copied)}"
        f" from live.{table}, generate_series(2, {guides // GUIDES}) n"
        + (" where type in ('role', 'guide')" if table == _ENTRIES else "")
    )


async def slugs(url: str, number: int) -> list[str]:
    """The slugs of some guides from everywhere among them."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "select slug from live.guide where locale = 'en' order by md5(slug) limit $1", number
        )
        return [row[0] for row in rows]
    finally:
        await connection.close()


async def scanned_whole(url: str, query: Query) -> set[str]:
    """The tables that the planner's statement for a query goes through from end to end.

    In sessions that read, as PostgreSQL plans for the values of a request and as it plans for any.
    """
    sql, values = planned(query)
    written = ", ".join(f"'{each}'" for each in values)
    found: set[str] = set()
    for mode in ("force_custom_plan", "force_generic_plan"):
        connection = await asyncpg.connect(
            url, server_settings={**READING, "plan_cache_mode": mode}
        )
        try:
            await connection.execute(f"prepare planned as {sql}")
            explained = f"explain (format json) execute planned({written})"
            nodes = plan_nodes(json.loads(await connection.fetchval(explained)))
            found |= {each["Relation Name"] for each in nodes if each["Node Type"] == "Seq Scan"}
        finally:
            await connection.close()
    return found


def planned(query: Query) -> tuple[str, list[Any]]:
    """The planner's statement for a request, and what is bound to it."""
    model, document = content_model(), parse(query.text)
    schema = graphql_schema(model)
    [operation] = (it for it in document.definitions if isinstance(it, OperationDefinitionNode))
    definitions = operation.variable_definitions or ()
    variables = get_variable_values(schema, definitions, dict(query.requests[0]))
    assert isinstance(variables, VariableValues)
    request = PlanRequest(variables, Locales(frozenset(LOCALES), LOCALES[0]))
    made = plan(model, select(schema, document, operation, {}), request.input)
    return made.sql, made.bind(request).values


def plan_nodes(plan_: Any) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    if isinstance(plan_, list):
        for each in plan_:
            yield from plan_nodes(each)
    elif isinstance(plan_, dict):
        if "Node Type" in plan_:
            yield plan_
        for each in plan_.values():
            yield from plan_nodes(each)
