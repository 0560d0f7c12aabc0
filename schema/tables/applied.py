"""What was last applied from a folder of documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class AppliedDocument(Base):
    """What a folder said of an item when it was last applied: the base of the next merge.

    It stays when the item is deleted by somebody else, so that it is not made again.
    """

    __tablename__ = "applied"
    __table_args__ = ({"schema": "service"},)

    type: Mapped[str] = mapped_column(Text, primary_key=True, doc="The name of the item's type.")
    slug: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    folders: Mapped[list[str]] = mapped_column(
        ARRAY(Text),
        server_default=text("'{}'"),
        doc="The names of the folders that brought it and hold it still.",
    )
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
