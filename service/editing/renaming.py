"""Gives items other slugs."""

from collections.abc import AsyncIterator, Mapping

from sqlalchemy import Text, literal, select, update

from schema.editing import Action
from schema.entities.content import LOCALIZED_SLUG
from schema.errors import ErrorCode
from schema.localized_slugs import has_localized_slug
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import ids
from service.documents.values import slug
from service.editing.changes import Change
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, last_versions, states


async def rename(edit: Edit, key: Key, new: str) -> Key:
    """Give an item another slug; references to it stay. Returns its new key.

    What is published keeps the old slug until it is published again. Raises `ContentError` if the
    item is not there, or the new slug is taken or malformed.
    """
    name, old = key
    found = await ids(edit.connection, edit.model, [key, (name, new)])
    problems = []
    if key not in found:
        problems.append(Problem(ErrorCode.UNKNOWN_ITEM, (), f"there is no {name} {old!r}"))
    if (name, new) in found and new != old:
        message = f"there is a {name} {new!r} already; choose another slug"
        problems.append(Problem(ErrorCode.DUPLICATE, (), message))
    try:
        slug(new)
    except ValueError as error:
        problems.append(Problem(ErrorCode.BAD_VALUE, (), f"{new!r}: {error}"))
    if problems:
        raise ContentError(problems)
    if new != old:
        await rename_all(edit, {key: new})
    return name, new


async def rename_all(edit: Edit, slugs: Mapping[Key, str]) -> None:
    """Give items other slugs all at once, as `rename` does; they may take each other's.

    The items have to be there, and no other item may have one of the new slugs. Raises
    `ContentError` if another item has it in a locale.
    """
    renamed = await set_slugs(edit, slugs)
    if problems := [each async for each in _taken(edit, renamed)]:
        raise ContentError(problems)
    # A version number never means two documents, not even with an item that had this slug before.
    latest = await last_versions(edit, renamed)
    after, made = {}, {}
    for key, state in (await states(edit, renamed)).items():
        draft, version = edit.model[key[0]].draft, max(state.version, latest.get(key, 0)) + 1
        statement = update(draft).where(draft.c.id == state.id)
        await edit.connection.execute(statement.values(version=version, updated_at=INSTANT))
        after[key] = state._replace(version=version)
    for (name, old), new in slugs.items():
        made[name, new] = [Change(("slug",), old, new)]
    await add_revisions(edit, Action.SAVE, after, made)


async def _taken(edit: Edit, renamed: Items) -> AsyncIterator[Problem]:
    """Problems with slugs that other items have in some locale."""
    for (name, slug_), id_ in renamed.items():
        draft = edit.model[name].draft
        if LOCALIZED_SLUG in draft.columns:
            other = select(draft.c.slug).where(
                draft.c.id != id_, has_localized_slug(draft, literal(slug_, Text()))
            )
            if owner := await edit.connection.scalar(other.limit(1)):
                message = f"{name} {owner} has the slug {slug_!r} in a locale; choose another slug"
                yield Problem(ErrorCode.DUPLICATE, (), message)


async def set_slugs(edit: Edit, slugs: Mapping[Key, str]) -> Items:
    """Write the slugs of items, and nothing else; returns the items by their new keys.

    Keys are unique at the end of the transaction, so that items may take each other's slugs.
    """
    found = await ids(edit.connection, edit.model, slugs)
    for key, id_ in found.items():
        draft = edit.model[key[0]].draft
        statement = update(draft).where(draft.c.id == id_).values(slug=slugs[key])
        await edit.connection.execute(statement)
    return {(key[0], slugs[key]): id_ for key, id_ in found.items()}
