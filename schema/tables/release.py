"""What is to be published, or unpublished, later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Release(Base):
    """Items that are published, or unpublished, together at an instant."""

    __tablename__ = "release"
    __table_args__ = (
        Index(
            "ix_release_next_at",
            "next_at",
            postgresql_where=text("not is_given_up and not is_held"),
        ),
        {"schema": "service"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    action: Mapped[str] = mapped_column(Text, doc="PUBLISH or UNPUBLISH.")
    due_at: Mapped[datetime]
    references: Mapped[str] = mapped_column(Text, doc="What becomes of references; see `publish`.")
    author: Mapped[str] = mapped_column(doc="Who answers for it.")
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = mapped_column(doc="When it is tried next.")
    is_given_up: Mapped[bool] = mapped_column(server_default=text("false"))
    is_held: Mapped[bool] = mapped_column(
        server_default=text("false"), doc="Whether the token of its author was revoked since."
    )
    problems: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default=text("'[]'"), doc="`{code, message}`: why it could not be done."
    )


class ReleaseItem(Base):
    """An item that a release is about."""

    __tablename__ = "release_item"
    __table_args__ = (Index(None, "item_id"), {"schema": "service"})

    release_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("service.release.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(Text, doc="The name of the item's type.")
    version: Mapped[int | None] = mapped_column(
        doc="The one that is published; whichever there is by then, if null."
    )
    locales: Mapped[list[str] | None] = mapped_column(ARRAY(Text), doc="All of them, if null.")
    is_reference: Mapped[bool] = mapped_column(
        doc="Whether it is published only because one of the others refers to it."
    )
