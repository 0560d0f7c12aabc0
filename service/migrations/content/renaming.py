"""The operations that rename what content is made of: types, fields, names of enumerations.

Tables and columns keep their content, and what was written of it in documents follows: the history,
what folders said, and what migrations have kept of items. The reverse is the same, so these
operations have a downgrade of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from alembic.operations import MigrateOperation, Operations
from sqlalchemy import text

from schema.attributes import Attribute, Parts, References, camel_case
from schema.entities.content import snake_case
from schema.errors import ErrorCode
from schema.model import ContentType, Model
from service.documents.checking import nearest
from service.documents.problems import ContentError, Problem
from service.editing.edits import Edit
from service.editing.translations import exchanged
from service.migrations.content import written
from service.migrations.content.dropped import quote
from service.migrations.content.operation import ContentOperation, operation
from service.migrations.content.steps import RunningRevision
from service.migrations.content.table_comments import rename_in_comments
from service.migrations.content.tables import COPIES, columns_of, rename_columns, rename_table

_SET = "update {table} set {column} = :new where {column} = :old"


class RenamingOperation(ContentOperation):
    """A rename, which its reverse takes back."""

    async def apply(self, edit: Edit) -> None:
        """Rename tables, columns or values, and nothing else."""
        raise NotImplementedError

    def in_documents(self, model: Model) -> dict[str, written.Rewriting]:
        """What it does to documents and live copies, by their types; raises `ContentError`."""
        raise NotImplementedError

    async def rewrite(self, edit: Edit, migration: str) -> None:
        """Rename what was written of it in documents, and in the images of a migration.

        The model of `edit` is the one from before the rename.
        """
        raise NotImplementedError


@operation
class RenameTypeOp(RenamingOperation):
    """Rename a content type."""

    name = "rename_type"

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.subject = f"{old} to {new}"

    @classmethod
    def rename_type(cls, operations: Operations, old: str, new: str) -> None:
        """Rename a content type or a part: its tables, and what was written of its items."""
        operations.invoke(cls(old, new))

    def reverse(self) -> MigrateOperation:
        """The same rename, the other way round."""
        return RenameTypeOp(self.new, self.old)

    async def apply(self, edit: Edit) -> None:
        """Rename the tables of the type and of its lists."""
        type_ = _type(edit.model, self.old)
        old, new = type_.table_name, snake_case(self.new)
        await rename_table(edit.connection, old, new)
        for relation in type_.relations():
            if isinstance(relation, References):
                lists = (f"{each}_{relation.name}" for each in (old, new))
                await rename_table(edit.connection, *lists)

    async def rewrite(self, edit: Edit, migration: str) -> None:
        """Give what was written of the type its new name."""
        await written.rename_type(edit, self.old, self.new)
        tables = self._tables(edit)
        await written.change_live(edit, migration, lambda it: _renamed(it, tables))

    def _tables(self, edit: Edit) -> dict[str, str]:
        """The new names of the tables of the type and of its lists."""
        type_, old, new = _type(edit.model, self.old), snake_case(self.old), snake_case(self.new)
        lists = [each.name for each in type_.relations() if isinstance(each, References)]
        return {old: new, **{f"{old}_{each}": f"{new}_{each}" for each in lists}}

    def in_documents(self, model: Model) -> dict[str, written.Rewriting]:
        """Rename the type in documents of it."""
        name = _type(model, self.old).name
        return {name: lambda it: {**it, "type": self.new} if it.get("type") == name else {**it}}

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Rename the type."""
        await self.apply(edit)
        await self.rewrite(edit, step.revision)
        step.dropped.rename_tables(self._tables(edit))
        for each in step.last:
            each.follow({self.old: self.new})
        if step.undo is not None:
            step.undo.rename_type(self.old, self.new)


@operation
class RenameFieldOp(RenamingOperation):
    """Rename a field or a relation."""

    name = "rename_field"

    def __init__(self, type_: str, old: str, new: str) -> None:
        self.type, self.old, self.new = type_, old, new
        self.subject = f"{type_}.{old} to {new}"

    @classmethod
    def rename_field(cls, operations: Operations, type_: str, old: str, new: str) -> None:
        """Rename a field or a relation of a type: its columns, and what was written of it.

        The names are those of the declaration: `tech_scene`.
        """
        operations.invoke(cls(type_, old, new))

    def reverse(self) -> MigrateOperation:
        """The same rename, the other way round."""
        return RenameFieldOp(self.type, self.new, self.old)

    async def apply(self, edit: Edit) -> None:
        """Rename the columns of the field, or the tables of the list; comments say so."""
        type_ = _type(edit.model, self.type)
        attribute = _attribute(type_, self.old)
        await rename_in_comments(edit.connection, edit.model, type_, attribute, self.new)
        await rename_columns(edit.connection, type_, attribute, self.new)

    async def rewrite(self, edit: Edit, migration: str) -> None:
        """Give what was written of the field its new name."""
        for owner, change in self.in_documents(edit.model).items():
            await written.change(edit, owner, change)
        type_ = _type(edit.model, self.type)
        table, columns = type_.table_name, self._columns(edit)
        tables = {f"{table}_{self.old}": f"{table}_{self.new}"}
        in_rows = _in_rows(table, lambda it: _renamed(it, columns))
        await written.change_live(edit, migration, lambda it: _renamed(in_rows(it), tables))

    def in_documents(self, model: Model) -> dict[str, written.Rewriting]:
        """Rename the field in documents of these types, and in live copies."""
        type_ = _type(model, self.type)
        names = exchanged(_attribute(type_, self.old).graphql_name, camel_case(self.new))
        return dict(_in_documents(model, type_, lambda it: _renamed(it, names)))

    def _columns(self, edit: Edit) -> dict[str, str]:
        """The new names of the columns that the field may have."""
        return dict(columns_of(_attribute(_type(edit.model, self.type), self.old), self.new))

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Rename the field."""
        await self.apply(edit)
        await self.rewrite(edit, step.revision)
        type_ = _type(edit.model, self.type)
        step.dropped.rename_columns(type_.table_name, self._columns(edit))
        for each in step.last:
            each.follow({self.old: self.new}, self.type)
        if step.undo is not None:
            name = _attribute(type_, self.old).graphql_name
            step.undo.rename_field(self.type, name, camel_case(self.new))


@operation
class RenameValueOp(RenamingOperation):
    """Rename a value of an enumeration, in one field."""

    name = "rename_value"

    def __init__(self, type_: str, field: str, old: str, new: str) -> None:
        self.type, self.field, self.old, self.new = type_, field, old, new
        self.subject = f"{type_}.{field} {old} to {new}"

    @classmethod
    def rename_value(
        cls, operations: Operations, type_: str, field: str, old: str, new: str
    ) -> None:
        """Rename a name of an enumeration in a field: its values, and what was written of it."""
        operations.invoke(cls(type_, field, old, new))

    def reverse(self) -> MigrateOperation:
        """The same rename, the other way round."""
        return RenameValueOp(self.type, self.field, self.new, self.old)

    async def apply(self, edit: Edit) -> None:
        """Change the values in both copies."""
        type_ = _type(edit.model, self.type)
        column = quote(_attribute(type_, self.field).name)
        for schema in COPIES:
            table = f"{quote(schema)}.{quote(type_.table_name)}"
            statement = text(_SET.format(table=table, column=column))
            await edit.connection.execute(statement, {"old": self.old, "new": self.new})

    async def run(self, step: RunningRevision, edit: Edit) -> None:
        """Rename the value; a downgrade does so at its end.

        Until then it reads items, and the declarations know only the new name.
        """
        if not step.dropped.is_upgrade and not step.is_ending:
            step.last.append(RenameValueOp(self.type, self.field, self.old, self.new))
            return
        await self.apply(edit)
        await self.rewrite(edit, step.revision)

    async def rewrite(self, edit: Edit, migration: str) -> None:
        """Give what was written of the field the new name of the value."""
        for owner, change in self.in_documents(edit.model).items():
            await written.change(edit, owner, change)
        type_ = _type(edit.model, self.type)
        attribute = _attribute(type_, self.field)
        in_rows = _in_rows(type_.table_name, self._changed(attribute.name))
        await written.change_live(edit, migration, in_rows)

    def in_documents(self, model: Model) -> dict[str, written.Rewriting]:
        """Rename the value in documents of these types, and in live copies."""
        type_ = _type(model, self.type)
        changed = self._changed(_attribute(type_, self.field).graphql_name)
        return dict(_in_documents(model, type_, changed))

    def follow(self, names: Mapping[str, str], type_: str | None = None) -> None:
        """Go on with the new names of types, or of the fields of a type."""
        if type_ is None:
            self.type = names.get(self.type, self.type)
        elif type_ == self.type:
            self.field = names.get(self.field, self.field)

    def _changed(self, name: str) -> written.Rewriting:
        def changed(document: Mapping[str, Any]) -> dict[str, Any]:
            is_old = document.get(name) == self.old
            return {**document, name: self.new} if is_old else {**document}

        return changed


def _type(model: Model, name: str) -> ContentType:
    if name not in model:
        hint = nearest(name, [*model]) or f"; the types are {', '.join(model)}"
        message = f"there is no type {name!r}{hint}"
        raise ContentError([Problem(ErrorCode.UNKNOWN_TYPE, (), message)])
    return model[name]


def _attribute(type_: ContentType, name: str) -> Attribute:
    if name not in type_.attributes:
        hint = nearest(name, [*type_.attributes])
        message = f"{type_.name} has no field {name!r}{hint}"
        raise ContentError([Problem(ErrorCode.BAD_VALUE, (), message)])
    return type_.attributes[name]


def _in_documents(
    model: Model, type_: ContentType, change: written.Rewriting
) -> Iterator[tuple[str, written.Rewriting]]:
    """The types whose documents contain values of a type, and the change to such a document.

    The documents of a part are in those of its owner.
    """
    if not type_.is_part:
        yield type_.name, change
    for owner in model.content():
        for relation in owner.relations():
            if isinstance(relation, Parts) and relation.target == type_.name:
                yield owner.name, _in_rows(relation.graphql_name, change)


def _in_rows(name: str, change: written.Rewriting) -> written.Rewriting:
    """A change to each entry of the list with a name."""

    def changed(document: Mapping[str, Any]) -> dict[str, Any]:
        entries = document.get(name)
        return {**document, name: [*map(change, entries)]} if entries else {**document}

    return changed


def _renamed(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in document.items()}
