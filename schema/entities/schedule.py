"""What is to be published, or unpublished, later."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Schedule(Base):
    """What is to be done to an item at an instant: of each action one at most."""

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_due_at", "due_at", postgresql_where=text("problem is null")),
        {"schema": "service"},
    )

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(Text, primary_key=True, doc="PUBLISH or UNPUBLISH.")
    type: Mapped[str] = mapped_column(Text, doc="The name of the item's type.")
    due_at: Mapped[datetime]
    references: Mapped[str] = mapped_column(Text, doc="What becomes of references; see `publish`.")
    author: Mapped[str]
    reason: Mapped[str | None]
    problem: Mapped[str | None] = mapped_column(doc="Why it could not be done when it was due.")
