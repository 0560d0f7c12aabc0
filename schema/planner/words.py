"""Search entries: the words that full-text search finds items by.

The words of an item are those of its title, of the titles of related items, and of all its other
texts, including those of its parts. They are taken from the texts that are served in a locale, with
fallbacks and inheritance resolved. Database functions split texts into words, in the same way on
every server, and take stems from PostgreSQL's dictionaries; see
docs/decisions/0029-words-are-our-own.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    FromClause,
    Select,
    Text,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSVECTOR, aggregate_order_by, array

from schema.attributes import InheritedList, Parts, Reference, References, Relation, ScalarField
from schema.delivery import Stage, delivery
from schema.expressions import Expression
from schema.model import ContentType, Model
from schema.planner.contexts import ReadContext
from schema.planner.formats import FORMATS, Words
from schema.planner.json import name
from schema.planner.rows import Row, Rows, related
from schema.planner.tags import Scanned
from schema.planner.values import value_of

SEPARATOR = " · "
"""The separator between two texts of an item; no word contains it."""

LONGEST = {"A": 5_000, "B": 20_000, "D": 100_000}
"""By weight, the maximum number of characters whose words are indexed. A `tsvector` can hold 1 MB
of words, a character takes up to 4 bytes, and the parts of hyphenated words are words too."""

_NEWLINE = "\\n"
"""The escape sequence in an SQL string."""


class Entries(NamedTuple):
    """The search entries of all items of a type."""

    id: Expression
    locale: Expression
    text: Expression
    statement: Select[Any]
    """Selects `id`, `locale`, `type`, `vector` and `text`."""


def entries(
    model: Model,
    type_: ContentType,
    stage: Stage,
    kept: FromClause | None = None,
    *,
    has_words: bool = True,
) -> Entries:
    """The search entries of all items of a type, one for each item and locale.

    `text` shows which part of it has which weight: the first line is the title, the next line has
    the titles of related items, and the other texts follow after an empty line. `kept` are existing
    entries: if the other texts of an item are the same in its entry, their words are copied from
    there. For an item without an entry, the columns of `kept` are null in the statement. Without
    `has_words`, the database functions do not exist yet, and PostgreSQL's configuration `simple`
    makes the words until a migration creates the functions.
    """
    items = delivery(type_, stage)
    row = Row(type_, items, ReadContext(items.c.locale, stage, name(""), Scanned()))
    written = {
        "A": _line([_title(model, row)]),
        "B": _line(_names(model, row)),
        "D": _joined(_others(model, row)),
    }
    weights = (
        func.left(each, _number(LONGEST[weight])).label(weight) for weight, each in written.items()
    )
    # The offset makes PostgreSQL compute each text once, and not at every use.
    made = select(*weights).correlate(items).offset(_number(0)).lateral("made")
    text = func.concat(made.c.A, _after(1, made.c.B), _after(2, made.c.D), type_=Text())
    source = items.join(made, true())
    given: list[Expression] = [items.c.locale, text]
    if kept is not None:
        same_item = (kept.c.id == items.c.id) & (kept.c.locale == items.c.locale)
        source = source.outerjoin(kept, same_item)
        given += [kept.c.text, kept.c.vector]
    vector = (
        func.service.search_vector(*given, type_=TSVECTOR())
        if has_words
        else func.to_tsvector(cast(name("simple"), REGCONFIG), text)
    )
    type_name = name(type_.table_name).label("type")
    columns = (items.c.id, items.c.locale, type_name, vector.label("vector"), text.label("text"))
    return Entries(items.c.id, items.c.locale, text, select(*columns).select_from(source))


def title_of(type_: ContentType) -> ScalarField | None:
    """The field that names an item: its first one-line text; None if it has none."""
    return next((each for each in type_.written() if _words(each) is Words.LINE), None)


def affected(model: Model, type_: ContentType, target: ContentType) -> Iterator[tuple[Any, Any]]:
    """Statements for the items of `type_` whose words include the titles of items of `target`.

    Each is a pair: a statement that selects ids of `type_`, and its column with the id of `target`.
    They also find items that have a list of their own instead of the inherited one, which does no
    harm.
    """
    for relation in type_.relations():
        if relation.target != target.name:
            continue
        if isinstance(relation, Reference):
            yield select(type_.live.c.id), type_.live.c[relation.column]
        elif isinstance(relation, References):
            yield select(relation.live.c.owner_id), relation.live.c.target_id
        if isinstance(relation, References | InheritedList) and relation.inheritance is not None:
            inherited = model.inherited(type_, relation.inheritance)
            if isinstance(inherited, References):
                via = type_.live.c[f"{relation.inheritance.via}_id"]
                heirs = select(type_.live.c.id).join(
                    inherited.live, via == inherited.live.c.owner_id
                )
                yield heirs, inherited.live.c.target_id


def _title(model: Model, row: Row) -> Expression:
    title = title_of(row.type)
    return literal_column("null", Text()) if title is None else value_of(model, row, title)


def _names(model: Model, row: Row) -> list[Expression]:
    """The titles of related items."""
    found = []
    for relation in _relations(row.type):
        if not model[relation.target].is_part:
            rows = related(model, row, relation)
            found.append(_of_each(rows, _title(model, rows.row)))
    return found


def _others(model: Model, row: Row) -> list[Expression]:
    """All other texts of an item, and those of its parts."""
    title = title_of(row.type)
    fields = (each for each in row.type.written() if _words(each) is not Words.NONE)
    found = [_text(model, row, each) for each in fields if row.type.is_part or each is not title]
    for relation in _relations(row.type):
        if model[relation.target].is_part:
            rows = related(model, row, relation)
            texts = _others(model, rows.row)
            if texts:
                found.append(_of_each(rows, _joined(texts)))
    return found


def _relations(type_: ContentType) -> Iterable[Relation]:
    kinds = Reference | References | Parts | InheritedList
    return (each for each in type_.relations() if isinstance(each, kinds))


def _of_each(rows: Rows, text: Expression) -> Expression:
    """The texts of all rows, joined in the order of the rows."""
    gathered = func.string_agg(text, aggregate_order_by(_separator(), rows.order))
    return rows.select(gathered).scalar_subquery()


def _text(model: Model, row: Row, field: ScalarField) -> Expression:
    value = value_of(model, row, field)
    if _words(field) is Words.LIST:
        return func.array_to_string(value, _separator(), type_=Text())
    return value


def _words(field: ScalarField) -> Words:
    return FORMATS[field.format].words


def _after(newlines: int, text: Expression) -> Expression:
    """A text after some newlines; null if the text is empty."""
    start = literal_column(f"E'{newlines * _NEWLINE}{SEPARATOR.lstrip()}'", Text())
    return start.concat(func.nullif(text, name("")))


def _line(texts: Sequence[Expression]) -> Expression:
    """The texts that are not null, joined into one line."""
    return func.translate(
        _joined(texts), literal_column(f"E'{_NEWLINE}'", Text()), name(" "), type_=Text()
    )


def _joined(texts: Sequence[Expression]) -> Expression:
    """The texts that are not null, joined by the separator."""
    if not texts:
        return name("")
    items = array([cast(each, Text()) for each in texts])
    return func.array_to_string(items, _separator(), type_=Text())


def _separator() -> Expression:
    return literal_column(f"'{SEPARATOR}'", Text())


def _number(number: int) -> Expression:
    return literal_column(str(number))
