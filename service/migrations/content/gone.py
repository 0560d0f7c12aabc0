"""Items that others have deleted since, and that the migration may not have changed.

If it has only given them values of fields that it adds, its downgrade drops these fields, and what
is left is what was there before: the item stays deleted. Only the old tables can tell.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service.documents.document import Document
from service.editing.changes import changes
from service.editing.edits import Edit
from service.migrations.content import images
from service.migrations.content.conflicts import decide, possible
from service.migrations.content.images import Image
from service.migrations.content.resolutions import Force, MigrationConflict


@dataclass
class GoneItems:
    """The items of a downgrade about which only the old tables can decide."""

    _ids: set[UUID] = field(default_factory=set)
    unchanged: dict[str, set[UUID]] = field(default_factory=dict)
    """Those that the migration has not changed, by type."""

    def are_decided_later(self, image: Image) -> bool:
        """Whether this item, which is gone, is one of them."""
        if image.before is None or image.after is None or not _adds(image.before, image.after):
            return False
        self._ids.add(image.item_id)
        return True

    async def decide(self, edit: Edit, migration: str, force: Force) -> list[MigrationConflict]:
        """Decide, on the old tables: the conflicts about those that the migration has changed."""
        conflicts: list[MigrationConflict] = []
        async for image, before, after in self._of(edit, migration):
            if changes(before, possible(edit.model, edit.model[image.type], after)):
                conflicts += decide(image, None, force).conflicts
            else:
                self.unchanged.setdefault(image.type, set()).add(image.item_id)
        return conflicts

    async def _of(
        self, edit: Edit, migration: str
    ) -> AsyncIterator[tuple[Image, Document, Document]]:
        async for batch in images.of(edit, migration):
            for group in images.of_types(edit, batch).values():
                for each in group:
                    if each.item_id in self._ids and each.before and each.after:
                        yield each, each.before, each.after


def _adds(before: Any, after: Any) -> bool:
    """Whether a document or the parts of one have all that was there before, and maybe more."""
    match before, after:
        case dict(), dict():
            return all(name in after and _adds(each, after[name]) for name, each in before.items())
        case list(), list():
            return len(before) == len(after) and all(map(_adds, before, after))
    return bool(before == after)
