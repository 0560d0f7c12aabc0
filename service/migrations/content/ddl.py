"""alembic's schema operations on the tables of content: what is dropped is kept, and comes back."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from alembic.ddl.postgresql import PostgresqlImpl
from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Table, UniqueConstraint

from schema.entities.content import DRAFT, LIVE
from service.migrations.content.dropped import OWNER, DroppedContent, TableName
from service.migrations.content.entries import fill_entries
from service.migrations.content.steps import ATTACHED, PRINTS_UPGRADES, Attached, RunningRevision


class ContentImpl(PostgresqlImpl):
    """Runs what `op.drop_column` and others say; alembic finds the class by its dialect."""

    __dialect__ = "postgresql"

    def drop_column(
        self, table_name: str, column: Column[Any], *, schema: str | None = None, **options: Any
    ) -> None:
        """Drop a column, and keep its values."""
        self._refuse_to_print(f"drop_column of {schema}.{table_name}.{column.name}", schema)
        if table := self._table(schema, table_name):
            self._dropped().keep_values(table, str(column.name))
        super().drop_column(table_name, column, schema=schema, **options)

    def drop_table(self, table: Table, **options: Any) -> None:
        """Drop a table, and keep its rows."""
        self._refuse_to_print(f"drop_table of {table}", table.schema)
        if name := self._table(table.schema, table.name):
            self._dropped().keep_rows(name)
        super().drop_table(table, **options)

    def add_column(
        self, table_name: str, column: Column[Any], *, schema: str | None = None, **options: Any
    ) -> None:
        """Add a column with the values that went with it.

        If it is required, the end of a downgrade makes it so.
        """
        table = self._table(schema, table_name)
        is_later = table is not None and self._is_required_later(column)
        if table is not None and is_later:
            column.nullable = True
            self._dropped().require_later(table, str(column.name))
        super().add_column(table_name, column, schema=schema, **options)
        if table is not None:
            self._dropped().put_back_values(table, str(column.name))
            fill_entries(self._dropped().connection, table, str(column.name))

    def create_table(self, table: Table, **options: Any) -> None:
        """Create a table with the rows that went with it."""
        keys = sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
        later = [key for key in keys if self._is_checked_last(key)]
        now = [key for key in keys if key not in later]
        super().create_table(table, include_foreign_key_constraints=now, **options)
        if self._table(table.schema, table.name):
            self._dropped().put_back_rows(table, now)
        for key in later:
            self.add_constraint(key)

    def add_constraint(self, const: Any, **options: Any) -> None:
        """Add a constraint; a foreign key of what came back may find its targets gone."""
        if self._is_checked_last(const):
            self._dropped().add_unchecked(const)
        elif self._is_in_downgrade_of(const):
            self._step().constraints.add(partial(self._add_constraint, const, options))
        else:
            self._add_constraint(const, options)

    def _add_constraint(self, const: Any, options: Mapping[str, Any]) -> None:
        table = self._table(const.table.schema, const.table.name)
        if isinstance(const, CheckConstraint) and table:
            self._dropped().check_rows(table, const)
        if (
            isinstance(const, ForeignKeyConstraint)
            and self._table(const.table.schema, const.table.name)
            and self._dropped().has_come_back
        ):
            self._dropped().leave_out_dangling(const)
        # SQLAlchemy adds a constraint only once, but a downgrade may have to try again.
        const._create_rule = None  # noqa: SLF001
        super().add_constraint(const, **options)

    def drop_constraint(self, const: Any, **options: Any) -> None:
        """Drop a constraint; a downgrade may have dropped it before content came back."""
        is_dropped = self._is_in_downgrade_of(const) and self._step().constraints.is_dropped(
            str(const.name)
        )
        if not is_dropped:
            super().drop_constraint(const, **options)

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        schema: str | None = None,
        **options: Any,
    ) -> None:
        """Change a column; a downgrade makes it required at its end."""
        table = None if nullable is None else self._table(schema, table_name)
        if table is not None and nullable:
            self._dropped().do_not_require(table, column_name)
        elif table is not None and self._dropped().is_upgrade:
            self._dropped().check_values(table, column_name)
        elif table is not None:
            self._dropped().require_later(table, column_name)
            nullable = None
        super().alter_column(table_name, column_name, nullable=nullable, schema=schema, **options)

    def _is_required_later(self, column: Column[Any]) -> bool:
        has_value = column.nullable or column.primary_key or column.server_default is not None
        return not has_value and not self._dropped().is_upgrade

    def _table(self, schema: str | None, name: str) -> TableName | None:
        """The content table with this name, if a migration is being run."""
        attached = self.context_opts.get(ATTACHED)
        if not isinstance(attached, Attached) or attached.step is None:
            return None
        return attached.step.dropped.table(schema, name)

    def _is_in_downgrade_of(self, const: Any) -> bool:
        """Whether it is a unique or check constraint of the working copy, in a downgrade."""
        return (
            isinstance(const, UniqueConstraint | CheckConstraint)
            and const.table.schema == DRAFT
            and self._table(const.table.schema, const.table.name) is not None
            and not self._dropped().is_upgrade
        )

    def _is_checked_last(self, const: Any) -> bool:
        """Whether it is a reference in the live copy, in a downgrade: what is live comes last."""
        attached = self.context_opts.get(ATTACHED)
        return (
            isinstance(const, ForeignKeyConstraint)
            and const.table.schema == LIVE
            and OWNER not in const.column_keys
            and isinstance(attached, Attached)
            and attached.step is not None
            and not attached.step.dropped.is_upgrade
        )

    def _step(self) -> RunningRevision:
        step: RunningRevision = self.context_opts[ATTACHED].step
        return step

    def _dropped(self) -> DroppedContent:
        return self._step().dropped

    def _refuse_to_print(self, called: str, schema: str | None) -> None:
        if self.context_opts.get(PRINTS_UPGRADES) and schema in {DRAFT, LIVE}:
            raise CommandError(
                f"op.{called} needs the content of the database, and cannot be printed as SQL; "
                "migrate the database itself, or print the revisions before and after this one"
            )
