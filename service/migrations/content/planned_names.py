"""The names of types, fields and values as pending migrations will find them.

A plan reads a database whose tables have the names of before. What it reads gets the new names, as
what was written of it does when the migrations are run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schema.attributes import Attribute, Relation
from schema.model import ContentType, Model
from service.documents.copies import Copies
from service.documents.document import Document
from service.documents.problems import Path
from service.documents.records import Key
from service.migrations.content.images import Image
from service.migrations.content.renaming import RenameFieldOp, RenameTypeOp, RenamingOperation
from service.migrations.content.written import Rewriting


@dataclass
class PlannedNames:
    """The names of now, and those that the database has."""

    model: Model
    """The database's by the names of now, which is not for statements."""
    _types: dict[str, str] = field(default_factory=dict)
    """The names of types in the database, by those of now."""
    _fields: list[tuple[str, str]] = field(default_factory=list)
    """The new and the old names of fields in documents, the last ones first."""
    _changes: list[tuple[Mapping[str, Rewriting], str, str]] = field(default_factory=list)
    """What renames do to documents by type, and the old and the new name of a type."""

    def rename(self, operation: RenamingOperation) -> Mapping[str, Rewriting]:
        """Rename something; what that does to documents, by type. Raises `ContentError`."""
        changes = operation.in_documents(self.model)
        old = new = ""
        if isinstance(operation, RenameTypeOp):
            old, new = operation.old, operation.new
            self._types[new] = self._types.pop(old, old)
            self.model = Model(_retyped(each, old, new) for each in self.model.values())
        elif isinstance(operation, RenameFieldOp):
            type_ = self.model[operation.type]
            there = type_.attributes[operation.old]
            made = replace(there, name=operation.new)
            self._fields.insert(0, (made.graphql_name, there.graphql_name))
            new_type = _with(type_, there, made)
            self.model = Model(new_type if it is type_ else it for it in self.model.values())
        self._changes.append((changes, old, new))
        return changes

    def stored(self, key: Key) -> Key:
        """The key in the database, but for its slug, of what has a key now."""
        return self._types.get(key[0], key[0]), key[1]

    def now(self, key: Key) -> Key:
        """The key of now, but for its slug, of what has a key in the database."""
        return next((new for new, old in self._types.items() if old == key[0]), key[0]), key[1]

    def document(self, type_: str, document: Document) -> Document:
        """A document, or a live copy, of a type of the database."""
        for changes, old, new in self._changes:
            if change := changes.get(type_):
                document = change(document)
            type_ = new if type_ == old else type_
        return document

    def copies(self, type_: str, stored: Copies) -> Copies:
        """The live copies of an item of a type of the database."""
        return {code: {**self.document(type_, each)} for code, each in stored.items()}

    def image(self, image: Image) -> Image:
        """What a migration did to an item, under whatever names of then."""
        type_ = self.stored((image.type, ""))[0]
        before, after = (
            each and self.document(type_, {**each, "type": type_})
            for each in (image.before, image.after)
        )
        return image._replace(type=self.now((type_, ""))[0], before=before, after=after)

    def path(self, path: Path) -> Path:
        """The path in documents of the database of a value of now."""
        name, *rest = path
        for new, old in self._fields:
            name = old if name == new else name
        return (name, *rest)


def _with(type_: ContentType, old: Attribute, new: Attribute) -> ContentType:
    made = (new if each is old else each for each in type_.attributes.values())
    return replace(type_, attributes={each.name: each for each in made})


def _retyped(type_: ContentType, old: str, new: str) -> ContentType:
    for each in type_.attributes.values():
        if isinstance(each, Relation) and each.target == old:
            type_ = _with(type_, each, replace(each, target=new))
    return replace(type_, name=new) if type_.name == old else type_
