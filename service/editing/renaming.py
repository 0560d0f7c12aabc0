"""Gives items other slugs."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Text, literal, select, update

from schema.editing import Action
from schema.entities.content import LOCALIZED_SLUG
from schema.errors import ErrorCode
from schema.localized_slugs import has_localized_slug_of
from schema.model import ContentType
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import grouped, ids
from service.documents.values import slug
from service.editing.changes import Change
from service.editing.edits import Edit, Items
from service.editing.history import add_revisions, last_versions, states

_HINT = "choose another slug"


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
        await refuse_taken(edit, await rename_all(edit, {key: new}))
    return name, new


async def rename_all(edit: Edit, slugs: Mapping[Key, str]) -> Items:
    """Give items other slugs all at once, as `rename` does; they may take each other's.

    The items have to be there, and no other item may have one of the new slugs. One may have it in
    a locale, and give it up in the same transaction; then `refuse_taken` finds those that do not.
    Returns the items by their new keys.
    """
    renamed = await set_slugs(edit, slugs)
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
    return renamed


def _problem(_: Key, message: str) -> Problem:
    return Problem(ErrorCode.DUPLICATE, (), message)


async def refuse_taken(
    edit: Edit, renamed: Items, problem_of: Callable[[Key, str], Problem] = _problem
) -> None:
    """Raise `ContentError` if other items have the slugs of renamed ones in some locale.

    `problem_of` makes the problem with the item of a key, given what is wrong.
    """
    problems = [
        problem_of((name, slug_), f"{name} {owner} has the slug {slug_!r} in a locale; {_HINT}")
        for name, items in grouped(renamed).items()
        for slug_, owner in await _taken(edit, edit.model[name], items)
    ]
    if problems:
        raise ContentError(problems)


async def _taken(
    edit: Edit, type_: ContentType, items: Mapping[UUID, str]
) -> list[tuple[str, str]]:
    """The slugs of these items that others have in some locale, with the slugs of those."""
    draft = type_.draft
    if LOCALIZED_SLUG not in draft.columns:
        return []
    ids = {slug_: id_ for id_, slug_ in items.items()}
    have = has_localized_slug_of(draft, literal([*ids], ARRAY(Text())))
    columns = (draft.c.id, draft.c.slug, draft.c[LOCALIZED_SLUG])
    statement = select(*columns).where(have).order_by(draft.c.slug)
    return [
        (slug_, owner)
        for id_, owner, by_locale in await edit.connection.execute(statement)
        for slug_ in dict.fromkeys(by_locale.values())
        if ids.get(slug_, id_) != id_
    ]


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
