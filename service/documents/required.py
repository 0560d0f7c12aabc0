"""Required values that a document does not have."""

from collections.abc import Iterator
from typing import NamedTuple

from schema.attributes import Attribute, Parts
from schema.model import ContentType, Model
from service.documents.document import Document
from service.documents.problems import Path


class MissingValue(NamedTuple):
    """A value that has to be there, and is not."""

    path: Path
    holder: ContentType
    """The type or the part that requires it."""
    attribute: Attribute


def missing_values(model: Model, type_: ContentType, document: Document) -> Iterator[MissingValue]:
    """The required values that a document lacks, and its parts."""
    for each in (*type_.written(), *type_.relations()):
        name, value = each.graphql_name, document.get(each.graphql_name)
        if isinstance(each, Parts):
            for number, part in enumerate(value or ()):
                for found in missing_values(model, model[each.target], part):
                    yield found._replace(path=(name, number, *found.path))
        elif value is None and each.needs_value:
            yield MissingValue((name,), type_, each)
