"""What content was before a migration changed it."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base

_JSON = JSONB(none_as_null=True)


class BeforeImage(Base):
    """An item that a migration changed, as it was before and as it was left.

    Downgrading puts back what was before, where it still is as it was left. Both follow
    renames of types, fields, values and locales.
    """

    __tablename__ = "before_image"
    __table_args__ = (
        UniqueConstraint("migration", "item_id"),
        Index(None, "item_id", "id"),
        {"schema": "service"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    migration: Mapped[str] = mapped_column(Text, doc="The revision of alembic's.")
    type: Mapped[str] = mapped_column(Text, doc="The name of the item's type.")
    item_id: Mapped[UUID]
    before: Mapped[dict[str, Any] | None] = mapped_column(
        _JSON, doc="The item's document; nothing where there was no such item."
    )
    status: Mapped[str] = mapped_column(
        Text, doc="DRAFT, PUBLISHED or CHANGED: how the item was to what was published of it."
    )
    live: Mapped[dict[str, list[dict[str, Any]]] | None] = mapped_column(
        _JSON, doc="Of one with later edits: the rows that were live, by table."
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(
        _JSON, doc="The document that the migration left; nothing where it deleted the item."
    )
    published: Mapped[dict[str, int | None] | None] = mapped_column(
        _JSON,
        doc="By locale, the versions that were live after it; null where others unpublished it.",
    )
