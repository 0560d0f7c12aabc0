"""Checks documents against the model, and finds every problem at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from schema.attributes import Parts, Reference, References, ScalarField
from schema.entities.fields import Format
from schema.errors import ErrorCode, ProblemCode
from schema.locales import Locales
from schema.model import HEADER, OLD_SLUG, ContentType, Model
from service.documents.formats import reader_of
from service.documents.problems import Path, Problem
from service.documents.records import Key, Record, Values
from service.documents.rules import broken_orders, duplicate_parts
from service.documents.unchecked import LocatedDocument
from service.documents.values import said, slug


@dataclass(frozen=True)
class CheckedDocument:
    """A document that was checked, and its record."""

    document: LocatedDocument
    record: Record
    published: frozenset[str] | None = None
    """The locales in which the document is to be published; None means all."""
    live: Sequence["Live"] = ()
    """What is to be published in other locales."""

    @property
    def is_draft(self) -> bool:
        """Whether the document asks not to be published."""
        return self.published == frozenset()


@dataclass(frozen=True)
class Live:
    """What is published of an item in locales in which its document is not."""

    locales: frozenset[str]
    record: Record


@dataclass(frozen=True)
class Within:
    """A document within another one, such as an entry of `live`."""

    document: LocatedDocument
    path: Path
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the outer document."""
        return self.document.name

    def problem(self, code: ProblemCode, path: Path, message: str) -> Problem:
        """A problem with the value at a path of the inner document."""
        return self.document.problem(code, (*self.path, *path), message)


def check_documents(
    documents: Sequence[LocatedDocument], model: Model, locales: Locales
) -> tuple[list[CheckedDocument], list[Problem]]:
    """Check each document on its own; returns those that could be read, and every problem.

    If there are problems, the records may lack values. Two documents about one item are a problem,
    too. What needs the database is checked in `service.documents.integrity`.
    """
    readings = [_Reading(document, model, locales) for document in documents]
    checked = [found for reading in readings if (found := reading.checked())]
    problems = [problem for reading in readings for problem in reading.problems]
    return checked, [*problems, *_duplicates(checked)]


def nearest(word: str, known: Sequence[str]) -> str:
    """Text for messages: `; did you mean …?` with known words like `word`; empty without any."""
    near = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def unknown_field(name: str, known: Sequence[str]) -> str:
    """The message about a field that is not among the known ones."""
    hint = nearest(name, known) or f"; the fields are {', '.join(known)}"
    return f"there is no such field{hint}"


def _duplicates(checked: Sequence[CheckedDocument]) -> Iterator[Problem]:
    seen: dict[Key, CheckedDocument] = {}
    for each in checked:
        first = seen.setdefault(each.record.key, each)
        if first is not each:
            yield duplicate(each.document, each.record.type.name, first.document.name)


def duplicate(document: LocatedDocument, type_: str, first: str) -> Problem:
    """The problem of a document about the same item as an earlier one, called `first`."""
    message = f"is also the slug of {first}; each {type_} needs a slug of its own"
    return document.problem(ErrorCode.DUPLICATE, ("slug",), message)


class _Reading:
    """Reads one document, and collects its problems."""

    def __init__(
        self,
        document: LocatedDocument,
        model: Model,
        locales: Locales,
        served: Collection[str] = (),
    ) -> None:
        """`served` are the locales that the document is served in; empty means all."""
        self._document = document
        self._model = model
        self._locales = locales
        self._served = served or [locales.default]
        self.problems: list[Problem] = []

    def checked(self) -> CheckedDocument | None:
        content = self._document.content
        type_ = self._type(content.get("type"))
        if type_ is None:
            return None
        self._known_keys((), content, [*HEADER, *keys(type_)])
        self._former_slug(content)
        record = self.record(type_, content)
        published = self._published(content)
        live = self._live(type_, record.slug, content, published)
        self._same_lists(record, published, live)
        return CheckedDocument(self._document, record, published, live)

    def record(self, type_: ContentType, content: Mapping[str, Any]) -> Record:
        try:
            slug_ = slug(content.get("slug"))
        except ValueError as error:
            slug_ = ""
            self._problem(("slug",), str(error))
        return Record(
            type_,
            slug_,
            self._values(type_, (), content),
            self._references(type_, content),
            self._lists(type_, content),
            self._parts(type_, content),
        )

    def _former_slug(self, content: Mapping[str, Any]) -> None:
        if OLD_SLUG in content:
            try:
                slug(content[OLD_SLUG])
            except ValueError as error:
                self._problem((OLD_SLUG,), str(error))

    def _published(self, content: Mapping[str, Any]) -> frozenset[str] | None:
        draft = content.get("draft", False)
        if not isinstance(draft, bool):
            self._problem(("draft",), f"expected true or false, got {said(draft)}")
        if "published" not in content:
            return frozenset() if draft is True else None
        if draft is True:
            message = "contradicts `draft: true`, which publishes nothing; leave one of them out"
            self._problem(("published",), message)
        codes = frozenset(self._codes(("published",), content["published"]))
        return None if codes == self._locales.codes else codes

    def _codes(self, path: Path, value: Any) -> list[str]:
        """The codes of a list of locales."""
        known = ", ".join(sorted(self._locales.codes))
        if value == []:
            nowhere = "write `draft: true`" if path == ("published",) else "leave the entry out"
            self._problem(path, f"is empty; name at least one of {known}, or {nowhere}")
            return []
        if not isinstance(value, list):
            self._problem(path, f"expected a list of locales ({known}), got {said(value)}")
            return []
        for index, code in enumerate(value):
            if not isinstance(code, str) or code not in self._locales.codes:
                self._unknown_locale((*path, index), code)
            elif code in value[:index]:
                self._problem((*path, index), f"{code} is on the list already", ErrorCode.DUPLICATE)
        return [code for code in value if isinstance(code, str)]

    def _unknown_locale(self, path: Path, code: Any) -> None:
        known = ", ".join(sorted(self._locales.codes))
        message = f"there is no locale {code!r}; the locales are {known}"
        self._problem(path, message, ErrorCode.UNKNOWN_LOCALE)

    def _live(
        self,
        type_: ContentType,
        slug_: str,
        content: Mapping[str, Any],
        published: frozenset[str] | None,
    ) -> list[Live]:
        """The entries of `live`: what is published where the document itself is not."""
        found: list[Live] = []
        taken = {*(self._locales.codes if published is None else published)}
        for index, value in self._items(("live",), content):
            path = ("live", index)
            if not isinstance(value, dict):
                self._problem(path, f"expected a map, got {said(value)}")
                continue
            self._known_keys(path, value, ["locales", "slug", *keys(type_)])
            codes = self._codes((*path, "locales"), value.get("locales"))
            for code in taken.intersection(codes):
                message = (
                    f"the document also publishes something else in {code!r}; name each locale "
                    "once, in `published` or in `live`, or write `draft: true`"
                )
                self._problem((*path, "locales"), message, ErrorCode.DUPLICATE)
            taken.update(codes)
            inner = Within(self._document, path, {"slug": slug_, **value})
            reading = _Reading(inner, self._model, self._locales, codes)
            found.append(Live(frozenset(codes), reading.record(type_, inner.content)))
            self.problems += reading.problems
        return found

    def _same_lists(
        self, record: Record, published: frozenset[str] | None, live: list[Live]
    ) -> None:
        """Check that everything published has the same lists, because lists have no language."""
        first = record if published != frozenset() or not live else live[0].record
        for place, each in enumerate(live):
            for name, listed in each.record.lists.items():
                if listed != first.lists[name]:
                    field = record.type.attributes[name].graphql_name
                    message = (
                        "differs from the list that is published in other locales; a list has to "
                        "be the same in all of them"
                    )
                    self._problem(("live", place, field), message)

    def _problem(self, path: Path, message: str, code: ProblemCode = ErrorCode.BAD_VALUE) -> None:
        self.problems.append(self._document.problem(code, path, message))

    def _type(self, name: object) -> ContentType | None:
        known = [each.name for each in self._model.content()]
        if isinstance(name, str) and name in known:
            return self._model[name]
        hint = nearest(said(name), known) or f"; the types are {', '.join(known)}"
        problem = "`type` is missing" if name is None else f"expected a type, got {said(name)}"
        self._problem(("type",), problem + hint, ErrorCode.UNKNOWN_TYPE)
        return None

    def _known_keys(self, path: Path, content: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in content:
            if key not in known:
                message = unknown_field(str(key), known)
                self._problem((*path, key), message, ErrorCode.UNKNOWN_FIELD)

    def _values(self, type_: ContentType, path: Path, content: Mapping[str, Any]) -> Values:
        values = {
            each.name: self._value(each, (*path, each.graphql_name), content)
            for each in type_.written()
        }
        for place, message in broken_orders(type_, values):
            self._problem((*path, *place), message)
        return values

    def _value(self, field_: ScalarField, path: Path, content: Mapping[str, Any]) -> Any:
        value = content.get(field_.graphql_name)
        if value is None:
            if field_.format is Format.LIST:
                return []
            if field_.required:
                message = f"is missing; {_wanted(field_)} has to be given"
                self._problem(path, message, ErrorCode.MISSING)
            return None
        if field_.format.localized:
            return self._localized(field_, path, value)
        return self._read(field_, path, value)

    def _localized(self, field_: ScalarField, path: Path, value: Any) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            example = f"{{{self._locales.default}: …}}"
            self._problem(path, f"expected a map of locales such as {example}, got {said(value)}")
            return None
        for code in value:
            if code not in self._locales.codes:
                self._unknown_locale((*path, code), code)
        found = {
            str(code): self._read(field_, (*path, code), text)
            for code, text in value.items()
            if code in self._locales.codes
        }
        if field_.required:
            self._has_text(path, value)
        return found or None

    def _has_text(self, path: Path, value: Mapping[str, Any]) -> None:
        for code in self._served:
            if value.keys().isdisjoint(self._locales.chain(code)):
                why = ", to which every locale falls back" if code == self._locales.default else ""
                self._problem(path, f"has no text in {code!r}{why}", ErrorCode.MISSING)

    def _read(self, field_: ScalarField, path: Path, value: Any) -> Any:
        try:
            return reader_of(field_)(value)
        except ValueError as error:
            self._problem(path, str(error))
            return None

    def _references(self, type_: ContentType, content: Mapping[str, Any]) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for relation in type_.relations():
            if isinstance(relation, Reference):
                value = content.get(relation.graphql_name)
                found[relation.name] = None
                if value is not None:
                    found[relation.name] = self._slug((relation.graphql_name,), value)
                elif relation.required:
                    message = f"is missing; the slug of a {relation.target} has to be given"
                    self._problem((relation.graphql_name,), message, ErrorCode.MISSING)
        return found

    def _lists(self, type_: ContentType, content: Mapping[str, Any]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for relation in type_.relations():
            if isinstance(relation, References):
                found[relation.name] = []
                path = (relation.graphql_name,)
                for index, value in self._items(path, content):
                    item = self._slug((*path, index), value)
                    if item in found[relation.name]:
                        message = f"{item} is on the list already"
                        self._problem((*path, index), message, ErrorCode.DUPLICATE)
                    elif item:
                        found[relation.name].append(item)
        return found

    def _slug(self, path: Path, value: Any) -> str | None:
        try:
            return slug(value)
        except ValueError as error:
            self._problem(path, str(error))
            return None

    def _parts(self, type_: ContentType, content: Mapping[str, Any]) -> dict[str, list[Values]]:
        found: dict[str, list[Values]] = {}
        for relation in type_.relations():
            if isinstance(relation, Parts):
                part = self._model[relation.target]
                path = (relation.graphql_name,)
                found[relation.name] = []
                for index, value in self._items(path, content):
                    if not isinstance(value, dict):
                        self._problem((*path, index), f"expected a map, got {said(value)}")
                        continue
                    self._known_keys((*path, index), value, keys(part))
                    found[relation.name].append(self._values(part, (*path, index), value))
                for place, message in duplicate_parts(part, found[relation.name]):
                    self._problem((*path, *place), message, ErrorCode.DUPLICATE)
        return found

    def _items(self, path: tuple[str], content: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
        value = content.get(path[0])
        if value is not None and not isinstance(value, list):
            self._problem(path, f"expected a list, got {said(value)}")
            return
        yield from enumerate(value or [])


def keys(type_: ContentType) -> list[str]:
    """The keys of the documents or parts of a type, without the header."""
    fields = [each.graphql_name for each in type_.written()]
    relations = [
        each.graphql_name
        for each in type_.relations()
        if isinstance(each, Reference | References | Parts)
    ]
    return fields + relations


def _wanted(field_: ScalarField) -> str:
    article = "an" if field_.format.label[0] in "aeiou" else "a"
    return f"{article} {field_.format.label}"
