"""The comments of the working copy, as a database has them."""

from sqlalchemy import Connection, text

from schema.entities.comments import Comments

_COMMENTS = text(
    "select relname::text, attname::text, description from pg_description"
    " join pg_class on pg_class.oid = objoid and classoid = 'pg_class'::regclass"
    " left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0"
    " where relnamespace = to_regnamespace('draft') and relkind = 'r' order by 1, 2"
)


def table_comments(connection: Connection) -> Comments:
    """The comments of tables and columns."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_COMMENTS)}
