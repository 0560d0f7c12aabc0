"""The mutations of the GraphQL schema, derived from the content model.

They take the same documents as files: with the same names of fields, references as slugs, texts as
maps of locales, and parts inline. `service.editing` carries them out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from strawberry.scalars import ID

from schema.attributes import Parts, Reference, References
from schema.graphql.changes import ITEM_CHANGE
from schema.graphql.enumerations import CODE, FOLLOW, MODE, ON_CONFLICT, REFERENCES, STAGE
from schema.graphql.field_specs import Argument, FieldSpec, describe
from schema.graphql.inputs import InputField
from schema.graphql.inputs import describe as describe_input
from schema.graphql.scalars import LocaleCode, types_of
from schema.model import OLD_SLUG, ContentType, Model

ERROR: Any = describe(
    type("ContentError", (), {}),
    "A reason why a mutation changed nothing.",
    [
        FieldSpec("code", CODE, "The kind of problem."),
        FieldSpec(
            "path",
            list[str],
            "The path to the wrong value in the arguments; empty if no single argument is wrong.",
        ),
        FieldSpec("message", str, "What is wrong, and what would be right, in English."),
    ],
)

LOCALES = Argument(
    "locales", list[LocaleCode] | None, "Limit the change to these locales. Default: all locales."
)
REASON = Argument(
    "reason", str | None, "A reason for the change, which is kept in the history of the items."
)
DRY_RUN = Argument(
    "dryRun",
    bool | None,
    "If true, nothing is changed, and the result shows what would change. Default: false.",
)


def _expected_version(meaning: str) -> Argument:
    based = "The version of the item that the change is based on."
    return Argument("expectedVersion", int | None, f"{based} {meaning} Default: any version.")


_OR_CONFLICT = "If the item has another version, the error is `CONFLICT`."


class MutationTypes:
    """Makes the root type `Mutation`, with its inputs and payloads."""

    def __init__(
        self, model: Model, objects: Mapping[str, type], node: type, item_type: Any
    ) -> None:
        self._model = model
        self._objects = objects
        self._node: Any = node
        self._item_type = item_type
        self._inputs = {each: type(f"{each}Input", (), {}) for each in model}
        for each in model.values():
            place = ", inside the document of the item that it belongs to" if each.is_part else ""
            described = f"A document with the fields of one {each.label}{place}."
            describe_input(self._inputs[each.name], described, self._fields(each))
        self._any = describe_input(
            type("ItemInput", (), {}),
            "The document of one item: exactly one field, for its content type.",
            [
                InputField(
                    each.graphql_name, self._inputs[each.name], f"The document of the {each.label}."
                )
                for each in model.content()
            ],
            one_of=True,
        )
        self._key = describe_input(
            type("ItemKey", (), {}),
            "The content type and the slug of an item.",
            [
                InputField("type", self._item_type, "The content type.", required=True),
                InputField("slug", str, "The slug that the item has now.", required=True),
            ],
        )

    def root(self) -> type:
        """The root type `Mutation`."""
        return describe(
            type("Mutation", (), {}),
            "Changes content. The fields of a request run in order, in one transaction. A field "
            "that returns `errors` changes nothing; the other fields still take effect.",
            [
                *(self._save(each) for each in self._model.content()),
                *(self._delete(each) for each in self._model.content()),
                *self._common(),
            ],
        )

    def _fields(self, type_: ContentType) -> Iterator[InputField]:
        if not type_.is_part:
            yield InputField(
                "slug",
                str,
                "The slug of the item to create or change. If `renamedFrom` or `id` names an item "
                "with another slug, it gets this one.",
                required=True,
            )
            yield InputField(
                OLD_SLUG,
                str,
                "A slug that the item had before. If there is an item under it, and none under the "
                "new slug, that item is renamed; otherwise, `renamedFrom` changes nothing. If "
                "there are two different items under these slugs, the error is `DUPLICATE`.",
            )
            yield InputField(
                "id",
                ID,
                "The id of the item to change, in any locale and at any stage. If the item has "
                "another slug, it is renamed. `renamedFrom` is not read then.",
            )
        for field in type_.written():
            yield InputField(field.graphql_name, types_of(field).document, field.doc)
        for relation in type_.relations():
            match relation:
                case Reference():
                    target = f"the slug of the {self._model[relation.target].label}."
                    doc = f"{relation.doc} Given as {target}" if relation.doc else f"T{target[1:]}"
                    yield InputField(relation.graphql_name, str, doc)
                case References():
                    doc = relation.doc or f"The {self._model[relation.target].labels}."
                    doc += " Given as slugs, in order; replaces the whole list."
                    yield InputField(relation.graphql_name, list[str], doc)
                case Parts():
                    part: Any = self._inputs[relation.target]
                    doc = relation.doc or f"The {self._model[relation.target].labels}."
                    doc += " Replaces the whole list."
                    yield InputField(relation.graphql_name, list[part], doc)

    def _save(self, type_: ContentType) -> FieldSpec:
        payload = describe(
            type(f"Save{type_.name}Payload", (), {}),
            f"The result of saving one {type_.label}.",
            [
                self._item(type_.table_name, self._objects[type_.name]),
                FieldSpec(
                    "changes",
                    list[ITEM_CHANGE],
                    "The values that changed in all items that were saved.",
                ),
                _ERRORS,
            ],
        )
        document: Any = self._inputs[type_.name]
        others: Any = self._any
        return FieldSpec(
            f"save_{type_.table_name}",
            payload,
            f"Saves one {type_.label} to the working copy. Creates it if no {type_.label} has the "
            "slug of the document.",
            (
                Argument(
                    "document",
                    document,
                    "The slug of the item, and the fields to set. Null clears a field.",
                ),
                Argument(
                    "with",
                    list[others] | None,
                    "Other items to save together with this one, in the same `mode`, such as new "
                    "items that it refers to.",
                ),
                Argument(
                    "mode",
                    MODE | None,
                    "What happens to fields that a document leaves out. Default: `MERGE`.",
                ),
                _expected_version(
                    "0 means that the item must not exist yet. If the item has another version, "
                    "`onConflict` applies."
                ),
                Argument(
                    "onConflict",
                    ON_CONFLICT | None,
                    "What happens if the item has another version than `expectedVersion`. Default: "
                    "`FAIL`.",
                ),
                DRY_RUN,
                REASON,
            ),
        )

    def _delete(self, type_: ContentType) -> FieldSpec:
        payload = describe(
            type(f"Delete{type_.name}Payload", (), {}),
            f"The result of deleting one {type_.label}.",
            [
                FieldSpec(
                    "deleted_id",
                    ID | None,
                    "The `itemId` of the deleted item; null if there are `errors`. The revisions "
                    "of the item are kept.",
                ),
                _ERRORS,
            ],
        )
        return FieldSpec(
            f"delete_{type_.table_name}",
            payload,
            f"Deletes the {type_.label} with this slug from the working copy and the live copy. "
            "Fails if another item refers to it.",
            (
                Argument("slug", str, "The slug of the item."),
                _expected_version(_OR_CONFLICT),
                DRY_RUN,
                REASON,
            ),
        )

    def _common(self) -> Iterable[FieldSpec]:
        yield FieldSpec(
            "publish",
            self._moved(
                "Publish",
                "published",
                "The items that were copied to the live copy, including those that were published "
                "only because another item refers to them.",
                "The items of `ids` and `slugs` whose current version was published already.",
            ),
            "Publishes items: copies them from the working copy to the live copy, all or none.",
            (
                *self._items(),
                _REFERENCES,
                LOCALES,
                DRY_RUN,
                REASON,
            ),
        )
        yield FieldSpec(
            "unpublish",
            self._moved(
                "Unpublish",
                "unpublished",
                "The items that were removed from the live copy.",
                "The items of `ids` and `slugs` that were not in the live copy.",
            ),
            "Removes items from the live copy, all or none. The working copy does not change.",
            (*self._items(), LOCALES, DRY_RUN, REASON),
        )
        yield FieldSpec(
            "schedule",
            self._payload(
                "Schedule",
                [
                    self._list(
                        "scheduled", "The items of `ids` and `slugs`; empty if there are `errors`."
                    )
                ],
            ),
            "Schedules items to be published at the time `at`, unpublished at the time "
            "`unpublishAt`, or both. At each of the two times, either all items change or none. "
            "Replaces what was scheduled for these items before. Without `at` and `unpublishAt`, "
            "it only cancels what was scheduled.",
            (
                *self._items(),
                Argument(
                    "at",
                    datetime | None,
                    "When to publish the items: a time in the future, with a time zone.",
                ),
                Argument(
                    "unpublishAt",
                    datetime | None,
                    "When to unpublish the items: a time in the future and after `at`, with a time "
                    "zone.",
                ),
                _REFERENCES,
                LOCALES,
                Argument(
                    "version",
                    FOLLOW | None,
                    "Which version of the items is published. Default: `PINNED`.",
                ),
                REASON,
            ),
        )
        yield FieldSpec(
            "confirm",
            self._payload(
                "Confirm",
                [self._list("scheduled", "The items of the release; empty if there are `errors`.")],
            ),
            "Resumes a release that is held or failed. The token of the caller becomes its author.",
            (Argument("release", ID, "The id of the release."), REASON),
        )
        restored = [
            self._item("item", self._node),
            FieldSpec("changes", list[ITEM_CHANGE], "The values of the item that changed."),
        ]
        yield FieldSpec(
            "restore",
            self._payload("Restore", restored),
            "Puts the working copy of an item back to what it was after a revision. The item keeps "
            "its current slug. A deleted item is created again with its old id.",
            (
                Argument("revision", ID, "The id of the revision."),
                Argument(
                    "fields",
                    list[str] | None,
                    "The names of the fields to restore. Default: all fields.",
                ),
                _expected_version(f"0 means that the item is deleted. {_OR_CONFLICT}"),
                DRY_RUN,
                REASON,
            ),
        )

    def _items(self) -> tuple[Argument, ...]:
        key: Any = self._key
        return (
            Argument(
                "ids", list[ID] | None, "The items, by their ids. Give `ids`, `slugs` or both."
            ),
            Argument("slugs", list[key] | None, "The items, by their content types and slugs."),
        )

    def _moved(self, name: str, moved: str, those: str, others: str) -> type:
        return self._payload(name, [self._list(moved, those), self._list("unchanged", others)])

    def _payload(self, name: str, fields: Iterable[FieldSpec]) -> type:
        made = type(f"{name}Payload", (), {})
        described = f"The result of `{name.lower()}`."
        return describe(made, described, [*fields, _CONTENT_VERSION, _ERRORS])

    def _item(self, name: str, target: Any) -> FieldSpec:
        description = (
            "The item as it is after the mutation, by default in the working copy; null if there "
            "are `errors`, or if the item is not published in the locale at the stage `LIVE`."
        )
        return FieldSpec(name, target | None, description, (_LOCALE, _STAGE))

    def _list(self, name: str, description: str) -> FieldSpec:
        node: Any = self._node
        return FieldSpec(name, list[node], description, (_LOCALE, _STAGE))


_LOCALE = Argument(
    "locale",
    LocaleCode | None,
    "The locale to read the item in. Default: the header `GraphQL-Locale`, or without that header "
    "the default locale.",
)
_STAGE = Argument(
    "stage",
    STAGE | None,
    "The copy to read the item from: with `LIVE`, a client gets what it has cached of the live "
    "copy as it is now; items that are not published in the locale are left out. Default: `DRAFT`.",
)
_REFERENCES = Argument(
    "references",
    REFERENCES | None,
    "What happens to references to items that are not published. Default: `FAIL`.",
)
_CONTENT_VERSION = FieldSpec(
    "contentVersion",
    str | None,
    "The version of the published content with this mutation. A request with it in the header "
    "`GraphQL-Min-Version` reads nothing older. Null if nothing was changed: with `errors` or "
    "`dryRun`.",
)
_ERRORS = FieldSpec(
    "errors",
    list[ERROR],
    "Everything that is wrong; empty on success. With errors, the mutation changed nothing.",
)
