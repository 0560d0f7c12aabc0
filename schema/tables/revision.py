"""What was done to items."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Revision(Base):
    """One thing that was done to one item, with the item as it was after it."""

    __tablename__ = "revision"
    __table_args__ = (
        Index(None, "item_id", "id"),
        Index(None, "type", "slug", "id"),
        Index(None, "at"),
        {"schema": "service"},
    )

    # In the order of the writes, one of which goes on at a time. A clock may go back.
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    type: Mapped[str] = mapped_column(Text, doc="The name of the item's type.")
    item_id: Mapped[UUID]
    slug: Mapped[str] = mapped_column(Text(collation="C"), doc="That the item had then.")
    version: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(
        JSONB, doc="The item; of one that was deleted, as it was before."
    )
    changes: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, doc="`{path, before, after}` of each value that changed."
    )
    locales: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), doc="Those in which it was published, or unpublished."
    )
    author: Mapped[str] = mapped_column(doc="The name of the token, or of the program.")
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
