"""What the release before keeps of what is to happen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class Schedule(Base):
    """Nobody writes to it or reads it any more; see `schema.tables.release`.

    Instances of the release before need it while they run beside newer ones. The next one drops it.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_due_at", "due_at", postgresql_where=text("problem is null")),
        {"schema": "service"},
    )

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    references: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    reason: Mapped[str | None]
    problem: Mapped[str | None]
