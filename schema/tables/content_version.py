"""The version of what readers see."""

from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import Base


class ContentVersion(Base):
    """The one row with the version of the live copy.

    A transaction that changes what readers can see raises the version once. Edits come one after
    another, so versions are dense, and in the order in which transactions commit.
    """

    __tablename__ = "content_version"
    __table_args__ = ({"schema": "service"},)

    epoch: Mapped[UUID] = mapped_column(
        primary_key=True,
        server_default=text("gen_random_uuid()"),
        doc="Which of all databases these versions are of.",
    )
    version: Mapped[int] = mapped_column(BigInteger)
    mark: Mapped[int] = mapped_column(
        BigInteger,
        doc="At random, new with each version. A version that has another mark is of a database "
        "that went another way, such as a dump that was restored.",
    )
