"""Publishes what documents have under `live`.

Publishing copies from the working copy. So the working copy is set to what `live` says, published,
and then set to what it was. This is one transaction, so nobody else sees it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update

from schema.editing import Action
from service.documents import store
from service.documents.checking import CheckedDocument, Within, check_documents
from service.documents.copies import completed, documents
from service.documents.integrity import targets, unknown_targets
from service.documents.problems import ContentError
from service.documents.records import Key, Record
from service.documents.serialization import document_of
from service.editing.changes import changes
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, states
from service.editing.publishing import Publication
from service.editing.versions import write
from service.folders.items import LIVE, Item


class _Place(NamedTuple):
    """What an item is published as in some locales."""

    locales: tuple[str, ...]
    slug: str
    checked: CheckedDocument
    """The document under the slug of the working copy."""

    @property
    def record(self) -> Record:
        return self.checked.record


async def put_live(edit: Edit, publication: Publication, items: Mapping[Key, Item]) -> None:
    """Publish what the documents of saved items have under `live`.

    The working copies get newer versions by it. Raises `ContentError`.
    """
    places = {key: [*_places(edit, item)] for key, item in items.items()}
    ids = await store.ids(edit.connection, edit.model, places)
    now = await states(edit, ids)
    # Slugs can mean other items once the first item is set to what `live` says.
    records = [state.record for state in now.values()]
    known = await _known(edit, [each for some in places.values() for each in some], records)
    for number in range(max(map(len, places.values()))):
        some = {key: each[number] for key, each in places.items() if number < len(each)}
        await write(edit, [each.record for each in some.values()], known)
        await _rename(edit, {ids[key]: each for key, each in some.items()})
        locales = {key: each.locales for key, each in some.items()}
        await publication.add_each({key: ids[key] for key in some}, locales)
    await write(edit, records, known)
    before = {key: _document(edit, each[-1]) for key, each in places.items()}
    made = {key: changes(before[key], state.document) for key, state in now.items()}
    await add_revisions(edit, Action.SAVE, await states(edit, ids), made)


def _places(edit: Edit, item: Item) -> Iterator[_Place]:
    (name, slug), file = item.key, item.document
    if file is None:
        raise TypeError(f"there is no document of {item.key}")
    type_ = edit.model[name]
    for codes, content in documents(edit.model, type_, item.live, item.sources, edit.locales):
        whole = completed(edit.model, type_, content, edit.locales.default)
        place = item.places[codes[0]]
        given = Within(file, (LIVE, place), {**whole, "type": name, "slug": slug})
        checked, problems = check_documents([given], edit.model, edit.locales)
        if problems:
            raise ContentError(problems)
        yield _Place(codes, content["slug"], *checked)


async def _known(edit: Edit, places: Sequence[_Place], records: Sequence[Record]) -> Items:
    """The ids of items, and of everything that they refer to."""
    checked = [each.checked for each in places]
    keys = {key for record in records for _, key in record.targets()}
    wanted = {*keys, *targets(checked), *(record.key for record in records)}
    known = await store.ids(edit.connection, edit.model, wanted)
    unknown = wanted - known.keys()
    if problems := await unknown_targets(edit.connection, edit.model, checked, unknown):
        raise ContentError(problems)
    return known


async def _rename(edit: Edit, places: Mapping[UUID, _Place]) -> None:
    """Give items the slugs under which they are published."""
    for id_, place in places.items():
        if place.slug != place.record.slug:
            draft = place.record.type.draft
            statement = update(draft).where(draft.c.id == id_)
            await edit.connection.execute(statement.values(slug=place.slug))


def _document(edit: Edit, place: _Place) -> dict[str, object]:
    return {**document_of(edit.model, place.record), "slug": place.slug}
