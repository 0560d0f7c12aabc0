"""Records as documents."""

import enum
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from schema.attributes import Parts, Reference, References
from schema.model import ContentType, Model
from service.documents.document import Document
from service.documents.records import Key, Record, Values


def document_of(model: Model, record: Record) -> dict[str, Any]:
    """The document of a record, with values as in JSON; empty values are left out."""
    made: dict[str, Any] = {"type": record.type.name, "slug": record.slug}
    made |= _values(record.type, record.values)
    for relation in record.type.relations():
        match relation:
            case Reference():
                value: Any = record.references[relation.name]
            case References():
                value = record.lists[relation.name]
            case Parts():
                part = model[relation.target]
                value = [_values(part, each) for each in record.parts[relation.name]]
            case _:
                continue
        if value:
            made[relation.graphql_name] = value
    return made


def with_new_slugs(
    type_: ContentType, document: Document, slugs: Mapping[Key, str]
) -> dict[str, Any]:
    """A document whose references follow renamed items; `slugs` has their new slugs."""
    made = dict(document)
    for relation in type_.relations():
        value = made.get(relation.graphql_name)
        if value and isinstance(relation, Reference | References):
            given = [value] if isinstance(value, str) else value
            new = [slugs.get((relation.target, each), each) for each in given]
            made[relation.graphql_name] = new[0] if isinstance(value, str) else new
    return made


def _values(type_: ContentType, values: Values) -> dict[str, Any]:
    found = ((each, values[each.name]) for each in type_.written())
    return {each.graphql_name: value_of(value) for each, value in found if value not in (None, [])}


def value_of(value: Any) -> Any:
    """A stored value as in JSON: enumerations by name, dates in ISO 8601, decimals as numbers."""
    match value:
        case enum.Enum():
            return value.name
        case Decimal():
            return int(value) if value == value.to_integral() else float(value)
        case date():
            return value.isoformat()
    return value
