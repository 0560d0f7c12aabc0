"""The JSON Schema of documents, for text editors that complete and check what people write.

https://json-schema.org/draft/2020-12. It describes a document by itself; it cannot tell whether the
items exist that a document refers to.
"""

from collections.abc import Iterator

from schema.attributes import Parts, Reference, References, ScalarField
from schema.entities.fields import Format
from schema.locales import Locales
from schema.model import OLD_SLUG, ContentType, Model
from service.documents.formats import SLUG_SCHEMA, Schema, schema_of

_LIVE = "Live"
"""The prefix of definitions that describe what is published in some locales."""


def json_schema(model: Model, locales: Locales | None = None) -> Schema:
    """The schema of a document of any type; with `locales`, it allows texts in those only."""
    definitions = {
        each.name: _part(each, locales) if each.is_part else _document(each, locales)
        for each in model.values()
    }
    definitions |= {f"{_LIVE}{each.name}": _live(each, locales) for each in model.values()}
    types = [each.name for each in model.content()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A document of Guidepost",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": types}},
        # Not `oneOf`: with `if`, errors are about the document's own type, and not about all.
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in types
        ],
        "$defs": definitions,
    }


def _document(type_: ContentType, locales: Locales | None) -> Schema:
    header = {
        "type": {"const": type_.name},
        "slug": {
            **SLUG_SCHEMA,
            "description": "The slug of the item, unique among items of its type.",
        },
        OLD_SLUG: {
            **SLUG_SCHEMA,
            "description": "A slug that the item had before. If there is an item under it, and "
            "none under the new slug, that item is renamed.",
        },
        "draft": {"type": "boolean", "description": "True: not published in any locale."},
        "published": {
            **_codes(locales),
            "description": "The locales in which the document is published. Default: all.",
        },
        "live": {
            "type": "array",
            "items": {"$ref": f"#/$defs/{_LIVE}{type_.name}"},
            "description": "What is published in other locales.",
        },
    }
    return _object(type_, locales, header, ["type", "slug"])


def _live(type_: ContentType, locales: Locales | None) -> Schema:
    """What is published in some locales; it needs no texts in the default locale."""
    header = {} if type_.is_part else {"locales": _codes(locales), "slug": SLUG_SCHEMA}
    return _object(type_, locales, header, [*header][:1], prefix=_LIVE)


def _codes(locales: Locales | None) -> Schema:
    code = {"enum": sorted(locales.codes)} if locales else {"type": "string"}
    return {"type": "array", "items": code, "minItems": 1, "uniqueItems": True}


def _part(type_: ContentType, locales: Locales | None) -> Schema:
    return _object(type_, locales, {}, [])


def _object(
    type_: ContentType,
    locales: Locales | None,
    header: Schema,
    required: list[str],
    prefix: str = "",
) -> Schema:
    fields = {each.graphql_name: _described(each, locales) for each in type_.written()}
    for field in fields.values() if prefix else ():
        field.pop("required", None)
    required = [*required, *_required(type_)]
    return {
        "description": type_.doc,
        "type": "object",
        "properties": {**header, **fields, **dict(_relations(type_, prefix))},
        "required": required,
        "additionalProperties": False,
    }


def _required(type_: ContentType) -> Iterator[str]:
    for field in type_.written():
        if field.required and field.format is not Format.LIST:
            yield field.graphql_name
    for relation in type_.relations():
        if isinstance(relation, Reference) and relation.required:
            yield relation.graphql_name


def _relations(type_: ContentType, prefix: str) -> Iterator[tuple[str, Schema]]:
    for relation in type_.relations():
        about = {"description": relation.doc} if relation.doc else {}
        match relation:
            case Reference():
                about = about or {"description": f"The slug of the {relation.target}."}
                yield relation.graphql_name, {**SLUG_SCHEMA, **about}
            case References():
                about = about or {"description": f"The slugs of {relation.target} items, in order."}
                items = {"type": "array", "items": SLUG_SCHEMA, "uniqueItems": True}
                yield relation.graphql_name, {**items, **about}
            case Parts():
                items = {"type": "array", "items": {"$ref": f"#/$defs/{prefix}{relation.target}"}}
                yield relation.graphql_name, {**items, **about}


def _described(field: ScalarField, locales: Locales | None) -> Schema:
    about = {"description": field.doc} if field.doc else {}
    value = schema_of(field)
    if not field.format.localized:
        return {**value, **about}
    made: Schema = {"type": "object", "minProperties": 1, "additionalProperties": value}
    if locales is not None:
        names = dict.fromkeys(sorted(locales.codes), value)
        made |= {"properties": names, "additionalProperties": False}
        if field.required:
            made["required"] = [locales.default]
    return {**made, **about}
