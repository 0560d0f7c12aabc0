"""What migrations have dropped of content, with its columns and tables."""

from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class DroppedRow(Base):
    """A row that a migration dropped with its table, or a value that it dropped with its column.

    What an upgrade dropped comes back when its downgrade adds the column or the table again, and
    what a downgrade dropped when the migration is run again.
    """

    __tablename__ = "dropped_row"
    __table_args__ = (
        Index(None, "migration", "table_schema", "table_name"),
        {"schema": "service"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    migration: Mapped[str] = mapped_column(Text, doc="The revision of alembic's.")
    is_upgrade: Mapped[bool] = mapped_column(doc="Whether its upgrade dropped it.")
    table_schema: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(Text)
    column_name: Mapped[str | None] = mapped_column(
        Text, doc="The column; null if the table was dropped whole."
    )
    content: Mapped[dict[str, Any]] = mapped_column(
        JSONB, doc="The row by column; of a dropped column, its value and the row's primary key."
    )
    published: Mapped[dict[str, bool] | None] = mapped_column(
        JSONB,
        doc="By locale: of an item, whether its working copy was published then; else true.",
    )
