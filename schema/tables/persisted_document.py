"""GraphQL documents that clients name by an id instead of sending their text."""

from datetime import datetime

from sqlalchemy import Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class PersistedDocument(Base):
    """A GraphQL document that was registered. An id never stands for another text."""

    __tablename__ = "persisted_document"
    __table_args__ = (Index(None, "sha256"), {"schema": "service"})

    id: Mapped[str] = mapped_column(
        Text(collation="C"), primary_key=True, doc="As clients send it, without `sha256:`."
    )
    sha256: Mapped[str] = mapped_column(
        Text(collation="C"), doc="Of its text in UTF-8, in hexadecimal digits."
    )
    text: Mapped[str] = mapped_column(Text)
    operations: Mapped[list[str]] = mapped_column(
        ARRAY(Text), doc="The type and the name of each operation, such as `query Guide`."
    )
    clients: Mapped[list[str]] = mapped_column(
        ARRAY(Text), doc="The names of the clients that registered it and still use it."
    )
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None] = mapped_column(doc="Since when no client uses it.")
