"""Content models that a test declares in its own process, and lets alembic compare and run with.

The declarations are Python source, as in `schema/entities`. They have a registry of their own, so
that the project's types are not in the model, and those of another test neither.
"""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple
from unittest.mock import patch

from sqlalchemy import MetaData, UniqueConstraint, text
from sqlalchemy.orm import Mapped, registry
from sqlalchemy.util import LRUCache

from schema import tables  # noqa: F401  # declares the service's tables
from schema.attributes import References
from schema.entities import fields, relations
from schema.entities.content import DRAFT, NAMING_CONVENTION, Base, Content, Part
from schema.model import Model, content_model, model_of
from service.migrations.content.steps import ReflectedModel
from service.migrations.content.table_comments import table_comments
from tests.databases import SHAPE

_METADATA = "schema.entities.content.Base"
_MODEL = "service.migrations.content.steps.ReflectedModel"


class RememberingModel(ReflectedModel):
    """One that reads the same tables once, whichever database they are in.

    So the statements for what was read are made once, too.
    """

    _read_before: ClassVar[Any] = LRUCache(32)

    def _reflected(self) -> Model:
        shape = frozenset(map(tuple, self.connection.execute(text(SHAPE))))
        comments = frozenset(table_comments(self.connection).items())
        key = self.declared, shape, comments
        if key not in self._read_before:
            self._read_before[key] = super()._reflected()
        found: Model = self._read_before[key]
        return found


class Declared(NamedTuple):
    """A content model, and its tables with those of the service."""

    metadata: MetaData
    model: Model

    @contextmanager
    def instead(self) -> Iterator[None]:
        """Let alembic, run in this process, have this model instead of the project's."""
        with (
            patch(_METADATA, SimpleNamespace(metadata=self.metadata)),
            patch(_MODEL, partial(RememberingModel, declared=self.model)),
        ):
            yield


@lru_cache(maxsize=32)
def declared(source: str) -> Declared:
    """The model of declarations; their classes also derive from `Own`.

    The same model for the same source: statements for it are made once.
    """
    metadata = MetaData(schema=DRAFT, naming_convention=NAMING_CONVENTION)
    types = registry(metadata=metadata, type_annotation_map=fields.COLUMN_TYPES)
    own = type("Own", (), {"_sa_registry": types, "registry": types, "metadata": metadata})
    names: dict[str, Any] = {
        **vars(fields),
        **vars(relations),
        "Mapped": Mapped,
        "UniqueConstraint": UniqueConstraint,
        "Content": Content,
        "Part": Part,
        "Own": own,
        "enum": enum,
        "__name__": __name__,
    }
    exec(source, names)  # noqa: S102  # it is this test's own
    for table in Base.metadata.tables.values():
        if table.key not in _of_content():
            table.to_metadata(metadata)
    return Declared(metadata, model_of(types))


def _of_content() -> set[str]:
    """The tables of the project's own content."""
    model = content_model()
    lists = (
        each
        for type_ in model.values()
        for each in type_.relations()
        if isinstance(each, References)
    )
    tables_ = [table for each in model.values() for table in (each.draft, each.live)]
    tables_ += [table for each in lists for table in (each.draft, each.live)]
    return {table.key for table in tables_}
