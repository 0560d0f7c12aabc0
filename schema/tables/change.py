"""What each version of the content changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class ContentChange(Base):
    """An item that a version changed for readers, and how. Triggers on the live copy write it."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "version"), Index(None, "at"), {"schema": "service"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    mark: Mapped[int] = mapped_column(BigInteger, doc="The version's; see `ContentVersion`.")
    kind: Mapped[str] = mapped_column(
        Text,
        doc="PUBLISHED, CHANGED or WITHDRAWN; REDIRECTED: another slug leads to it now, or no "
        "longer does; AFFECTED: it refers to an item that came or went; EVERYTHING: anything.",
    )
    type: Mapped[str | None] = mapped_column(Text, doc="The name of the item's table.")
    item_id: Mapped[UUID | None]
    slugs: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text),
        doc="All slugs that it had before and has now; where it comes, all that lead to it.",
    )
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
