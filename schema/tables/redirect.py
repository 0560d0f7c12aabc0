"""The slugs that lead to published items besides their own."""

from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from schema.entities.content import LIVE, Base


class Redirect(Base):
    """A slug that an item has, or had, in a locale or in all, and that finds it.

    It is not the `slug` of the item, and no other item is published under it since.
    """

    __tablename__ = "redirect"
    __table_args__ = ({"schema": LIVE},)

    type: Mapped[str] = mapped_column(Text, primary_key=True, doc="The name of the item's table.")
    slug: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(index=True)
