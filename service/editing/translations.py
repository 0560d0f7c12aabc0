"""The texts that content has in a locale: found, left out, and moved to another code."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union, update

from schema.model import ContentType
from service.documents.document import Document
from service.documents.records import Key
from service.editing.edits import Edit

TextsByLocale = Mapping[str, Any]
"""What a localized field has, by locale."""


async def items_with_texts_in(edit: Edit, code: str) -> dict[Key, UUID]:
    """The items with a text in a locale, or with parts that have one."""
    found: dict[Key, UUID] = {}
    for type_ in edit.model.content():
        owned = edit.model.parts_of(type_)
        ids = [
            *_having(type_, type_.draft.c.id, code),
            *(each for part in owned for each in _having(part, part.draft.c.owner_id, code)),
        ]
        if ids:
            statement = select(type_.draft.c.slug, type_.draft.c.id)
            wanted = statement.where(type_.draft.c.id.in_(union(*ids)))
            rows = await edit.connection.execute(wanted.order_by(type_.draft.c.slug))
            found |= {(type_.name, slug): id_ for slug, id_ in rows}
    return found


async def rename_texts(edit: Edit, old: str, new: str) -> None:
    """Give the texts of the working copy in a locale its new code."""
    for type_ in edit.model.values():
        for field in type_.fields():
            if field.format.localized:
                column = type_.draft.c[field.name]
                renamed = column.op("-")(old).op("||")(func.jsonb_build_object(new, column[old]))
                statement = update(type_.draft).where(column.has_key(old))
                await edit.connection.execute(statement.values({field.name: renamed}))


def without(document: Document, code: str) -> dict[str, Any]:
    """A document without the texts in a locale."""
    left = with_texts(document, lambda it: {key: text for key, text in it.items() if key != code})
    return {name: value for name, value in left.items() if value != {}}


def renamed(document: Document, old: str, new: str) -> dict[str, Any]:
    """A document with its texts in a locale under the new code of the locale, and vice versa.

    An old document may have texts in a locale that had the new code before, and has been removed.
    """
    codes = exchanged(old, new)
    return with_texts(document, lambda it: {codes.get(key, key): text for key, text in it.items()})


def exchanged(old: str, new: str) -> dict[str, str]:
    """The other one of two names, by each."""
    return {old: new, new: old}


def with_texts(
    document: Document, change: Callable[[TextsByLocale], TextsByLocale]
) -> dict[str, Any]:
    """A document in which the texts of each localized field are changed, also those of its parts.

    In a document, only texts are maps. A map in a list is a part, which is like a document.
    """
    return {name: _changed(value, change) for name, value in document.items()}


def _changed(value: Any, change: Callable[[TextsByLocale], TextsByLocale]) -> Any:
    match value:
        case Mapping():
            return change(value)
        case list():
            return [with_texts(it, change) if isinstance(it, Mapping) else it for it in value]
    return value


def _having(type_: ContentType, id_: ColumnElement[Any], code: str) -> Iterator[Select[Any]]:
    """Statements for the ids of the items of a type that have a text in a locale."""
    for field in type_.fields():
        if field.format.localized:
            yield select(id_).where(type_.draft.c[field.name].has_key(code))
