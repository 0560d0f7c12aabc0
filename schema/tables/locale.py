"""The locales in which content is served. They are data, not code."""

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Locale(Base):
    """A language that content is served in, and where its missing texts come from."""

    __tablename__ = "locale"
    __table_args__ = (
        Index(
            "uq_locale_is_default", "is_default", unique=True, postgresql_where=text("is_default")
        ),
        {"schema": "service"},
    )

    code: Mapped[str] = mapped_column(
        Text(collation="C"), primary_key=True, doc="BCP 47, as nl-BE."
    )
    fallbacks: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]"), doc="Tried in this order."
    )
    is_default: Mapped[bool] = mapped_column(
        server_default=text("false"), doc="Served where a request names no locale; one is."
    )
    name: Mapped[str | None] = mapped_column(
        doc="What its readers call it, as Nederlands; null if nobody said."
    )
