"""The mutations of the GraphQL schema, derived from the content model.

Their documents are those of files: the same fields under the same names, references as slugs, texts
as maps of locales, parts inline. What they do is in `service.editing`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.attributes import Parts, Reference, References
from schema.graphql.changes import ITEM_CHANGE
from schema.graphql.enumerations import CODE, FOLLOW, MODE, ON_CONFLICT, REFERENCES
from schema.graphql.field_specs import Argument, Described, describe
from schema.graphql.inputs import InputField
from schema.graphql.inputs import describe as describe_input
from schema.graphql.scalars import LocaleCode, types_of
from schema.model import ContentType, Model

ERROR: Any = describe(
    type("ContentError", (), {}),
    "Something that has to be mended; nothing was changed.",
    [
        Described("code", CODE, "What kind of problem it is."),
        Described("path", list[str], "Where it is in the arguments; empty where it is in none."),
        Described("message", str, "What is wrong, and what would be right."),
    ],
)

LOCALES = Argument("locales", list[LocaleCode] | None, "In these only; in all if left out.")
REASON = Argument("reason", str | None, "Why; the revision says it.")
DRY_RUN = Argument("dryRun", bool | None, "Say what would happen, and change nothing.")
EXPECTED = Argument(
    "expectedVersion",
    int | None,
    "The version that was read; a conflict, if there is another by now. 0 if there was none.",
)


class MutationTypes:
    """The fields of the root type `Mutation`."""

    def __init__(
        self, model: Model, objects: Mapping[str, type], node: type, item_type: Any
    ) -> None:
        self._model = model
        self._objects = objects
        self._node: Any = node
        self._item_type = item_type
        self._inputs = {each: type(f"{each}Input", (), {}) for each in model}
        for each in model.values():
            kind = "a part of a document" if each.is_part else "a document"
            described = f"A {each.label} as {kind}."
            describe_input(self._inputs[each.name], described, self._fields(each))
        self._any = describe_input(
            type("ItemInput", (), {}),
            "A document of any type.",
            [InputField(each.graphql_name, self._inputs[each.name]) for each in model.content()],
            one_of=True,
        )
        self._key = describe_input(
            type("ItemKey", (), {}),
            "An item by its natural key; both have to be given.",
            [InputField("type", self._item_type), InputField("slug", str)],
        )

    def root(self) -> type:
        """The root type."""
        return describe(
            type("Mutation", (), {}),
            "What changes content. A request is one transaction.",
            [
                *(self._save(each) for each in self._model.content()),
                *(self._delete(each) for each in self._model.content()),
                *self._common(),
            ],
        )

    def _fields(self, type_: ContentType) -> Iterator[InputField]:
        if not type_.is_part:
            yield InputField("slug", str, "The natural key; it has to be given.")
        for field in type_.written():
            yield InputField(field.graphql_name, types_of(field).document, field.doc)
        for relation in type_.relations():
            match relation:
                case Reference():
                    doc = relation.doc or f"The slug of the {relation.target}."
                    yield InputField(relation.graphql_name, str, doc)
                case References():
                    doc = f"The slugs, in order. {relation.doc or ''}".strip()
                    yield InputField(relation.graphql_name, list[str], doc)
                case Parts():
                    part: Any = self._inputs[relation.target]
                    yield InputField(relation.graphql_name, list[part], relation.doc)

    def _save(self, type_: ContentType) -> Described:
        payload = describe(
            type(f"Save{type_.name}Payload", (), {}),
            f"What saving a {type_.label} did.",
            [
                self._item(type_.table_name, self._objects[type_.name]),
                Described("changes", list[ITEM_CHANGE], "What is different of all that was saved."),
                _ERRORS,
            ],
        )
        document: Any = self._inputs[type_.name]
        others: Any = self._any
        return Described(
            f"save_{type_.table_name}",
            payload,
            f"Create or change a {type_.label} in the working copy.",
            (
                Argument("document", document, "What it is to be."),
                Argument("with", list[others] | None, "What it refers to, saved with it."),
                Argument(
                    "mode", MODE | None, "What becomes of what is left out; `MERGE` if left out."
                ),
                EXPECTED,
                Argument("onConflict", ON_CONFLICT | None, "`FAIL` if left out."),
                DRY_RUN,
                REASON,
            ),
        )

    def _delete(self, type_: ContentType) -> Described:
        payload = describe(
            type(f"Delete{type_.name}Payload", (), {}),
            f"What deleting a {type_.label} did.",
            [Described("deleted_id", ID | None, "Its id; revisions of it stay."), _ERRORS],
        )
        return Described(
            f"delete_{type_.table_name}",
            payload,
            f"Delete a {type_.label} from both copies. Nothing may refer to it.",
            (Argument("slug", str, "The natural key."), EXPECTED, DRY_RUN, REASON),
        )

    def _common(self) -> Iterable[Described]:
        yield Described(
            "publish",
            self._moved("Publish", "published", "What was made live.", "What was live already."),
            "Make the live copies of items what their working copies are, all or none.",
            (
                *self._items(),
                Argument("references", REFERENCES | None, "`FAIL` if left out."),
                LOCALES,
                DRY_RUN,
                REASON,
            ),
        )
        yield Described(
            "unpublish",
            self._moved("Unpublish", "unpublished", "What was live.", "What was not."),
            "Take items out of the live copy, all or none.",
            (*self._items(), LOCALES, DRY_RUN, REASON),
        )
        yield Described(
            "schedule",
            self._payload("Schedule", [self._list("scheduled", "What it is set for.")]),
            "Publish and unpublish items later, together, in place of what was set for them "
            "before; without a time, only that is taken back.",
            (
                *self._items(),
                Argument("at", datetime | None, "When to publish, with a time zone."),
                Argument("unpublishAt", datetime | None, "When to unpublish, with a time zone."),
                Argument("references", REFERENCES | None, "`FAIL` if left out."),
                LOCALES,
                Argument("version", FOLLOW | None, "Which one is published; `PINNED` if left out."),
                REASON,
            ),
        )
        yield Described(
            "confirm",
            self._payload("Confirm", [self._list("scheduled", "The items of the release.")]),
            "Resume a release that is held or that failed; the caller becomes its author.",
            (Argument("release", ID, "The id of the release."), REASON),
        )
        restored = [
            self._item("item", self._node),
            Described("changes", list[ITEM_CHANGE], "What is different of it."),
        ]
        yield Described(
            "restore",
            self._payload("Restore", restored),
            "Make an item in the working copy what it was in a revision.",
            (
                Argument("revision", ID, "The id of the revision."),
                Argument("fields", list[str] | None, "These fields only; all if left out."),
                EXPECTED,
                DRY_RUN,
                REASON,
            ),
        )

    def _items(self) -> tuple[Argument, ...]:
        key: Any = self._key
        return (
            Argument("ids", list[ID] | None, "The items' ids."),
            Argument("slugs", list[key] | None, "The items' types and slugs."),
        )

    def _moved(self, name: str, moved: str, those: str, others: str) -> type:
        return self._payload(name, [self._list(moved, those), self._list("unchanged", others)])

    def _payload(self, name: str, fields: Iterable[Described]) -> type:
        made = type(f"{name}Payload", (), {})
        return describe(made, f"What `{name.lower()}` did.", [*fields, _ERRORS])

    def _item(self, name: str, target: Any) -> Described:
        description = "As it is in the working copy now; null where nothing was saved."
        return Described(name, target | None, description, (_LOCALE,))

    def _list(self, name: str, description: str) -> Described:
        node: Any = self._node
        return Described(name, list[node], description, (_LOCALE,))


_LOCALE = Argument("locale", LocaleCode | None, "The locale to serve; the default one if left out.")
_ERRORS = Described(
    "errors", list[ERROR], "What is wrong, all of it; nothing was done if there is anything."
)
