"""What a migration drops of content with its columns and tables, and what comes back with them.

Rows and values are kept as they are, in both copies, in one statement for each table or column.
They come back by primary key when the other direction of the same migration makes the column or
the table again: others cannot have changed them since, but items may have come and gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Boolean,
    CheckConstraint,
    Connection,
    CursorResult,
    ForeignKeyConstraint,
    MetaData,
    Row,
    Table,
    Text,
    bindparam,
    text,
)
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.schema import AddConstraint

from schema.attributes import camel_case
from schema.entities.content import DRAFT, LIVE
from schema.entities.live_tables import LOCALE
from schema.tables.redirect import Redirect
from schema.tables.search_entry import SearchEntry
from service.editing.merging import Side
from service.errors import GuidepostError

_SHOWN = 3
"""How many of many rows an error names."""

quote = dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]  # it has no types

_IS_CONTENT = text("""
    select to_regclass('service.dropped_row') is not null and exists (
        select from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace in (to_regnamespace('draft'), to_regnamespace('live'))
        and relname = cast(:name as text) and attname in ('slug', 'owner_id')
        and not attisdropped
    )
""")
OWNER = "owner_id"
"""The column of parts and entries of lists that refers to their item."""
_NO_CONTENT = {SearchEntry.__tablename__, Redirect.__tablename__}

_COLUMNS = text("""
    select attname::text as name, contype is not null as is_key
    from pg_attribute left join pg_constraint
        on conrelid = attrelid and contype = 'p' and attnum = any(conkey)
    where attrelid = to_regclass(:table) and attnum > 0 and not attisdropped order by attnum
""")
_OWNER = text("""
    select relname::text from pg_constraint join pg_class on pg_class.oid = confrelid
    join pg_attribute on attrelid = conrelid and conkey = array[attnum]
    where contype = 'f' and conrelid = to_regclass('draft.' || quote_ident(:name))
    and attname = 'owner_id'
""")
_FALLBACKS = text("""
    select code, fallback
    from service.locale, unnest(fallbacks) with ordinality as chain (fallback, place)
    order by cardinality(fallbacks), code, place
""")
_UNCHECKED = text("""
    select nspname::text, relname::text, conname::text from pg_constraint
    join pg_class on pg_class.oid = conrelid
    join pg_namespace on pg_namespace.oid = relnamespace
    where contype = 'f' and not convalidated and nspname in ('draft', 'live') order by 1, 2, 3
""")
_CHECK_KEYS = text("set constraints all immediate")
_CHECK_KEYS_LAST = text("set constraints all deferred")

_ENTRY = """
    dropped.migration = :migration and dropped.is_upgrade = :is_upgrade
    and dropped.table_schema = :schema and dropped.table_name = :name
    and dropped.column_name is not distinct from :column
"""
_FORGET = "delete from service.dropped_row as dropped where {entry}"
_ARE_KEPT = "select exists (select from service.dropped_row as dropped where {entry})"
_LOCALES = """
    select distinct jsonb_object_keys(published) from service.dropped_row as dropped where {entry}
"""
# What the migration itself made, or gave a value, is not kept when its downgrade drops it: the
# migration does that again.
_KEEP = """
    insert into service.dropped_row
        (migration, is_upgrade, table_schema, table_name, column_name, content, published)
    select :migration, :is_upgrade, :schema, :name, :column, {content}, {published}
    from {table} as found
    where {there} and (:is_upgrade or not exists (
        select from service.before_image as image, jsonb_each_text({content}) as each
        where image.migration = :migration and image.item_id::text = each.value and (
            image.before is null
            or jsonb_exists(image.after, {field}) and not jsonb_exists(image.before, {field})
        )
    ))
"""
_PUBLISHED = """(
    select jsonb_object_agg(code, exists (
        select from {live} as copy
        where copy.id = found.id and copy.locale = code and copy.version = found.version
    )) from service.locale
)"""
_PUBLISHED_NOW = """
    update service.dropped_row as dropped set published = {published}
    from {items} as found where {entry} and found.id::text = dropped.content->>'id'
"""
_LOCALES_NOW = "(select jsonb_object_agg(code, true) from service.locale)"
"""Of live rows: every locale that there is, also those in which nothing is published."""
_PUT_BACK_VALUES = """
    update {table} as target set {name} = kept.{name}
    from service.dropped_row as dropped,
        jsonb_populate_record(null::{table}, dropped.content) as kept
    where {entry} and {same}
"""
# What others have published since lacks what was dropped, and has an unpublished change now.
_MARK_CHANGED = """
    update {table} as target set version = target.version + 1
    from service.dropped_row as dropped
    where {entry} and target.id::text = dropped.content->>'id' and exists (
        select from {live} as copy
        where copy.id = target.id and copy.version = target.version
        and not coalesce((dropped.published->>copy.locale)::boolean, true)
    )
"""
_PUT_BACK_ROWS = """
    insert into {table} ({columns}) select {values}
    from service.dropped_row as dropped,
        jsonb_populate_record(null::{table}, dropped.content) as kept
    where {entry} {more}
"""
_FOLLOW_FALLBACK = """
    update {table} as target set {column} = other.{column} from {table} as other
    where target.locale = :code and other.locale = :fallback and target.id = other.id
    and target.{column} is null
"""
_COPY_FALLBACK = """
    insert into {table} ({columns}) select {values} from {table} as other
    where other.locale = :fallback and not exists (
        select from {table} as there where there.locale = :code and {same}
    )
"""
_IS_DANGLING = "{there} and not exists (select from {target} as target where {same})"
_IS_BROKEN = "found.ctid in (select ctid from {table} where not ({check}))"
_LEAVE_OUT_VALUES = "update {table} as found set {column} = null where {where}"
_LEAVE_OUT_ROWS = "delete from {table} as found where {where}"
_NAMES = "select distinct {named}.slug from {source} where {where} order by 1"


class TableName(NamedTuple):
    """The schema and the name of a content table."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{quote(self.schema)}.{quote(self.name)}"


@dataclass
class DroppedContent:
    """What a migration that is being run, up or down, has dropped, and what comes back."""

    connection: Connection
    migration: str
    is_upgrade: bool
    force: Side | None = None
    """THEIRS leaves out what refers to something that others have deleted since."""
    has_come_back: bool = False
    """Whether content has come back, which search does not find yet."""
    _required: dict[tuple[TableName, str], None] = field(default_factory=dict)
    _of_items: dict[tuple[TableName, str], TableName] = field(default_factory=dict)
    """The columns of items whose values were kept, with what their tables are called now."""

    def table(self, schema: str | None, name: str) -> TableName | None:
        """The content table with this name; None if it is none, or nothing can be kept yet."""
        if schema not in {DRAFT, LIVE} or name in _NO_CONTENT:
            return None
        is_content = self.connection.scalar(_IS_CONTENT, {"name": name})
        return TableName(schema, name) if is_content else None

    def keep_values(self, table: TableName, column: str) -> None:
        """Keep the values of a column that is about to be dropped."""
        self._required.pop((table, column), None)
        names = [*self._key(table), column]
        pairs = ", ".join(f"{literal(each)}, found.{quote(each)}" for each in names)
        there = f"found.{quote(column)} is not null"
        self._keep(table, column, f"jsonb_build_object({pairs})", there)

    def keep_rows(self, table: TableName) -> None:
        """Keep the rows of a table that is about to be dropped."""
        for each in [each for each in self._required if each[0] == table]:
            del self._required[each]
        self._of_items = {kept: it for kept, it in self._of_items.items() if it != table}
        self._keep(table, None, "to_jsonb(found)", "true")

    def put_back_values(self, table: TableName, column: str) -> None:
        """Put back the values of a column that has just been added, where their rows still are."""
        if not self._are_kept(table, column):
            return
        same = " and ".join(
            f"target.{quote(each)} = kept.{quote(each)}" for each in self._key(table)
        )
        self._run(_PUT_BACK_VALUES, table, column, name=quote(column), same=same)
        if table.schema == LIVE:
            self._follow_fallbacks(table, column)
        elif self._has_versions(table):
            live = TableName(LIVE, table.name)
            self._run(_MARK_CHANGED, table, column, live=live)
        self._done(table, column)

    def put_back_rows(self, made: Table, keys: Sequence[ForeignKeyConstraint]) -> None:
        """Put back the rows of a table that has just been created with these keys."""
        table = TableName(str(made.schema), str(made.name))
        if not self._are_kept(table, None):
            return
        columns = [quote(each) for each in self._columns(table)]
        is_localized = table.schema == LIVE and LOCALE in self._columns(table)
        more = "and kept.locale in (select code from service.locale)" if is_localized else ""
        names, values = ", ".join(columns), ", ".join(f"kept.{each}" for each in columns)
        self._run(_PUT_BACK_ROWS, table, None, columns=names, values=values, more=more)
        if is_localized:
            self._copy_fallbacks(table)
        for key in keys:
            self.leave_out_dangling(key)
        self._done(table, None)

    def leave_out_dangling(self, key: ForeignKeyConstraint) -> None:
        """Delete rows of deleted owners; other rows may refer to what is gone only with `force`.

        Raises `GuidepostError`.
        """
        table = TableName(str(key.table.schema), str(key.table.name))
        names = [*key.column_keys]
        target = key.elements[0].target_fullname.rpartition(".")[0]
        others = [each.target_fullname.rpartition(".")[2] for each in key.elements]
        pairs = zip(map(quote, names), map(quote, others), strict=True)
        same = " and ".join(f"target.{other} = found.{own}" for own, other in pairs)
        there = " and ".join(f"found.{quote(each)} is not null" for each in names)
        where = _IS_DANGLING.format(there=there, target=target, same=same)
        if OWNER not in names and self.force is not Side.THEIRS:
            self._refuse_dangling(table, names[0], where)
        column = key.table.columns.get(names[0])
        is_required = (table, names[0]) in self._required
        is_optional = column is not None and column.nullable and not is_required
        statement = _LEAVE_OUT_VALUES if is_optional else _LEAVE_OUT_ROWS
        given = {"table": table, "column": quote(names[0]), "where": where}
        self.connection.execute(text(statement.format(**given)))

    def add_unchecked(self, key: ForeignKeyConstraint) -> None:
        """Add a key that is checked at the end of the migration."""
        key.dialect_options["postgresql"]["not_valid"] = True
        self.connection.execute(AddConstraint(key))

    def check_references(self) -> None:
        """Check the keys that were added without it; as `leave_out_dangling`."""
        for schema, name, found in self.connection.execute(_UNCHECKED).all():
            table = Table(name, MetaData(), schema=schema, autoload_with=self.connection)
            for key in table.foreign_key_constraints:
                if key.name == found and self.has_come_back and self.table(schema, name):
                    self.leave_out_dangling(key)
            validate = f"alter table {TableName(schema, name)} validate constraint {quote(found)}"
            self.connection.execute(text(validate))

    def require_later(self, table: TableName, column: str) -> None:
        """Let a column of a downgrade be required at its end, when all content has come back."""
        self._required[table, column] = None

    def do_not_require_yet(self, table: TableName, column: str) -> None:
        """Let a column be required again at the end of a downgrade, if it is still there."""
        self.require_later(table, column)
        self.connection.execute(
            text(f"alter table {table} alter column {quote(column)} drop not null")
        )

    def do_not_require(self, table: TableName, column: str) -> None:
        """Let a column be as it is at the end, whatever was said before."""
        self._required.pop((table, column), None)

    def end(self) -> None:
        """End the migration; raises `GuidepostError`.

        What it has published after it dropped columns is published. Columns of a downgrade become
        required.
        """
        for (table, column), items in self._of_items.items():
            published = _PUBLISHED.format(live=TableName(LIVE, items.name))
            names = {"items": items, "published": published}
            self._run(_PUBLISHED_NOW, table, column, is_upgrade=self.is_upgrade, **names)
        self._require()

    def rename_tables(self, names: Mapping[str, str]) -> None:
        """Go on with the new names of tables."""
        self._of_items = {
            kept: items._replace(name=names.get(items.name, items.name))
            for kept, items in self._of_items.items()
        }
        self._required = {
            (table._replace(name=names.get(table.name, table.name)), column): None
            for table, column in self._required
        }

    def rename_columns(self, name: str, columns: Mapping[str, str]) -> None:
        """Go on with the new names of columns of a table."""
        self._required = {
            (table, columns.get(column, column) if table.name == name else column): None
            for table, column in self._required
        }

    def _require(self) -> None:
        for table, column in self._required:
            self.check_values(table, column)
            self.connection.execute(
                text(f"alter table {table} alter column {quote(column)} set not null")
            )

    def check_values(self, table: TableName, column: str) -> None:
        """Raise `GuidepostError` if a row lacks a value in a column that is to be required."""
        if lacking := self._named(table, f"found.{quote(column)} is null"):
            raise GuidepostError(
                f"revision {self.migration}: {table}.{column} cannot be required, because it has "
                f"no value in {_some(lacking)}; give it one first, or delete these items, or let "
                "the revision add the column with a server_default"
            )

    def check_rows(self, table: TableName, check: CheckConstraint) -> None:
        """Raise `GuidepostError` if a row breaks a check constraint that is to be added."""
        if breaking := self._named(table, _IS_BROKEN.format(table=table, check=check.sqltext)):
            raise GuidepostError(
                f"revision {self.migration}: {table} cannot have {check.name}, because "
                f"{check.sqltext} is not true in {_some(breaking)}; change these items first"
            )

    def _keep(self, table: TableName, column: str | None, content: str, there: str) -> None:
        live = TableName(LIVE, table.name)
        is_item = table.schema == DRAFT and self._has_versions(table) and self._columns(live)
        published = _PUBLISHED.format(live=live) if is_item else _LOCALES_NOW
        given = literal(camel_case((column or "").removesuffix("_id")))
        names = {"content": content, "published": published, "there": there, "field": given}
        self._run(_FORGET, table, column, is_upgrade=self.is_upgrade)
        self._run(_KEEP, table, column, is_upgrade=self.is_upgrade, **names)
        if is_item and column is not None:
            self._of_items[table, column] = table

    def _done(self, table: TableName, column: str | None) -> None:
        self._run(_FORGET, table, column)
        # PostgreSQL refuses to alter a table while keys of its rows are still to be checked.
        self.connection.execute(_CHECK_KEYS)
        self.connection.execute(_CHECK_KEYS_LAST)
        self.has_come_back = True

    def _are_kept(self, table: TableName, column: str | None) -> bool:
        return bool(self._run(_ARE_KEPT, table, column).scalar())

    def _follow_fallbacks(self, table: TableName, column: str) -> None:
        """Serve in locales added since what their fallbacks serve."""
        statement = text(_FOLLOW_FALLBACK.format(table=table, column=quote(column)))
        for code, fallback in self._new_locales(table, column):
            self.connection.execute(statement, {"code": code, "fallback": fallback})

    def _copy_fallbacks(self, table: TableName) -> None:
        columns = self._columns(table)
        values = ", ".join(":code" if each == LOCALE else quote(each) for each in columns)
        key = (quote(each) for each in self._key(table) if each != LOCALE)
        same = " and ".join(f"there.{each} = other.{each}" for each in key)
        names = ", ".join(map(quote, columns))
        given = {"table": table, "columns": names, "values": values, "same": same}
        statement = text(_COPY_FALLBACK.format(**given))
        for code, fallback in self._new_locales(table, None):
            self.connection.execute(statement, {"code": code, "fallback": fallback})

    def _new_locales(self, table: TableName, column: str | None) -> Iterator[Sequence[str]]:
        known = {*self._run(_LOCALES, table, column).scalars()}
        for code, fallback in self.connection.execute(_FALLBACKS):
            if code not in known:
                yield code, fallback

    def _refuse_dangling(self, table: TableName, column: str, where: str) -> None:
        if found := self._named(table, where):
            raise GuidepostError(
                f"revision {self.migration}: {table} cannot come back as it was: in "
                f"{_some(found)}, {column} refers to what others have deleted or unpublished "
                "since; restore that first, or leave these references out with -x force=theirs"
            )

    def _named(self, table: TableName, where: str) -> list[str]:
        """The rows for which something is true, by the slugs of their items."""
        columns, named = self._columns(table), "found"
        source = f"{table} as found"
        if "slug" not in columns:
            owner = self.connection.scalar(_OWNER, {"name": table.name})
            source += f" left join draft.{quote(str(owner))} as item on item.id = owner_id"
            named = "item"
        statement = text(_NAMES.format(named=named, source=source, where=where))
        return [str(each) for each in self.connection.scalars(statement)]

    def _run(
        self,
        statement: str,
        table: TableName,
        column: str | None,
        *,
        is_upgrade: bool | None = None,
        **names: Any,
    ) -> CursorResult[Any]:
        """Run a statement about what a direction has kept, by default the other one."""
        entry = {
            "migration": self.migration,
            "is_upgrade": not self.is_upgrade if is_upgrade is None else is_upgrade,
            "schema": table.schema,
            "name": table.name,
            "column": column,
        }
        whole = text(statement.format(entry=_ENTRY, table=table, **names))
        return self.connection.execute(whole.bindparams(*_ENTRY_TYPES), entry)

    def _key(self, table: TableName) -> list[str]:
        return [each.name for each in self._attributes(table) if each.is_key]

    def _columns(self, table: TableName) -> list[str]:
        return [each.name for each in self._attributes(table)]

    def _has_versions(self, table: TableName) -> bool:
        return {"id", "version"} <= {*self._columns(table)}

    def _attributes(self, table: TableName) -> Sequence[Row[Any]]:
        return self.connection.execute(_COLUMNS, {"table": str(table)}).all()


_ENTRY_TYPES: list[BindParameter[Any]] = [
    bindparam("is_upgrade", type_=Boolean()),
    *(bindparam(name, type_=Text()) for name in ("migration", "schema", "name", "column")),
]
"""The parameters with their types, which PostgreSQL cannot always infer."""


def literal(name: str) -> str:
    """A text as it is written in SQL."""
    return "'" + name.replace("'", "''") + "'"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
