"""The first answers to requests that may be sent again."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class StoredResponse(Base):
    """What a mutation with an `Idempotency-Key` was answered."""

    __tablename__ = "answer"
    __table_args__ = (Index(None, "at"), {"schema": "service"})

    author: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary, doc="SHA-256 of the request's body.")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
