"""The comments of the working copy, as a database has them, and renames of what they say."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.attributes import Attribute, References, Relation
from schema.entities.comments import Comments, with_names
from schema.entities.content import DRAFT
from schema.entities.relations import Inheritance
from schema.model import ContentType, Model
from service.migrations.content.dropped import literal, quote

COMMENTS = (
    "select relname::text, attname::text, description from pg_description"
    " join pg_class on pg_class.oid = objoid and classoid = 'pg_class'::regclass"
    " left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0"
    " where relnamespace = to_regnamespace('draft') and relkind = 'r' order by 1, 2"
)


def table_comments(connection: Connection) -> Comments:
    """The comments of tables and columns."""
    return comments_of(connection.execute(text(COMMENTS)))


def comments_of(rows: Iterable[Sequence[Any]]) -> Comments:
    """The comments in rows of `COMMENTS`."""
    return {(table, column): comment for table, column, comment in rows}


async def rename_in_comments(
    connection: AsyncConnection, model: Model, type_: ContentType, attribute: Attribute, new: str
) -> None:
    """Give an attribute its new name where comments say what is inherited from it, or through it.

    The tables are still those of the model.
    """

    def changed(heir: ContentType, name: str, source: Inheritance) -> tuple[str, Inheritance]:
        def named(of: str, found: str) -> str:
            return new if (of, found) == (type_.name, attribute.name) else found

        via = heir.attributes.get(source.via)
        lender = via.target if isinstance(via, Relation) else ""
        made = Inheritance(named(heir.name, source.via), named(lender, source.field))
        return named(heir.name, name), made

    owners = dict(_owners(model))
    for (table, column), comment in (await connection.run_sync(table_comments)).items():
        if heir := owners.get(table):
            said = with_names(comment, partial(changed, heir))
            if said != comment:
                await connection.execute(text(_comment(table, column, said)))


def _owners(model: Model) -> Iterator[tuple[str, ContentType]]:
    """The content types by their tables, and by those of their lists."""
    for type_ in model.values():
        yield type_.table_name, type_
        for relation in type_.relations():
            if isinstance(relation, References):
                yield relation.draft.name, type_


def _comment(table: str, column: str | None, comment: str) -> str:
    names = [quote(each) for each in (DRAFT, table, column) if each]
    kind = "column" if column else "table"
    return f"comment on {kind} {'.'.join(names)} is {literal(comment)}"
