"""What full-text search looks at."""

from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import LIVE, Base


class SearchEntry(Base):
    """A published item in one locale, as words."""

    __tablename__ = "search_entry"
    __table_args__ = (
        Index(None, "vector", postgresql_using="gin"),
        {"schema": LIVE},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, doc="The item's.")
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text, doc="The name of the item's table.")
    vector: Mapped[str] = mapped_column(TSVECTOR, doc="Its words, by where they stand in it.")
    text: Mapped[str] = mapped_column(Text, doc="What snippets are cut from.")
