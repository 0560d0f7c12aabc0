"""Values of items that have to be unique, in documents."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import UniqueConstraint

from schema.attributes import Reference, ScalarField, column_of
from schema.model import ContentType, Model
from service.documents.document import Document
from service.documents.records import Key

Documents = Mapping[Key, Document]


def taken(
    model: Model, wanted: Documents, there: Documents
) -> Iterator[tuple[Key, Key, Sequence[str]]]:
    """The items that want values which another item has: both, and the fields."""
    for type_ in model.content():
        for names in _unique(type_):
            owners = {
                picked: key
                for key, document in there.items()
                if key[0] == type_.name and (picked := _picked(document, names))
            }
            for key, document in wanted.items():
                owner = owners.get(_picked(document, names)) if key[0] == type_.name else None
                if owner not in (None, key):
                    yield key, owner, names


def _unique(type_: ContentType) -> Iterator[list[str]]:
    """The fields, by their names in documents, that are unique together; not the slug."""
    stored = (
        each for each in type_.attributes.values() if isinstance(each, ScalarField | Reference)
    )
    names = {column_of(each): each.graphql_name for each in stored}
    for each in type_.draft.constraints:
        if isinstance(each, UniqueConstraint):
            fields = [names[column.name] for column in each.columns]
            if fields != ["slug"]:
                yield fields


def _picked(document: Document, names: Sequence[str]) -> tuple[str, ...]:
    """The values of some fields; nothing if one of them is missing."""
    values = [document.get(name) for name in names]
    return () if None in values else tuple(map(repr, values))
