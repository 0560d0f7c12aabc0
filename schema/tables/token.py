"""What those who are not anonymous show."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Token(Base):
    """A bearer token: what is known of it, and never the token itself."""

    __tablename__ = "token"
    __table_args__ = ({"schema": "service"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, doc="The first part of the token.")
    name: Mapped[str] = mapped_column(unique=True, doc="Who it is for; revisions name it.")
    digest: Mapped[bytes] = mapped_column(LargeBinary, doc="SHA-256 of its secret part.")
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), doc="What it allows.")
    types: Mapped[list[str] | None] = mapped_column(
        ARRAY(Text), doc="The content types that it allows to write and to publish; all, if null."
    )
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None] = mapped_column(doc="To the minute, about.")
    revoked_at: Mapped[datetime | None]
