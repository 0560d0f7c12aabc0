"""Gives an item another slug."""

from sqlalchemy import update

from schema.editing import Action
from schema.errors import ErrorCode
from service.documents.instants import INSTANT
from service.documents.problems import ContentError, Problem
from service.documents.records import Key
from service.documents.store import ids
from service.documents.values import slug
from service.editing.changes import Change
from service.editing.edits import Edit
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
    if new == old:
        return key
    [before] = (await states(edit, {key: found[key]})).values()
    # A version number never means two documents, not even with an item that had this slug before.
    latest = (await last_versions(edit, [(name, new)])).get((name, new), 0)
    version = max(before.version, latest) + 1
    draft = edit.model[name].draft
    values = {"slug": new, "version": version, "updated_at": INSTANT}
    await edit.connection.execute(update(draft).where(draft.c.id == before.id).values(values))
    document = {**before.document, "slug": new}
    after = before._replace(version=version, document=document)
    change = Change(("slug",), old, new)
    await add_revisions(edit, Action.SAVE, {(name, new): after}, {(name, new): [change]})
    return name, new
