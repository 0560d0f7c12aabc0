"""Finds what keeps a revision from being run: what items refer to or require, and will not have."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from schema.attributes import Reference
from schema.errors import ErrorCode
from schema.model import Model
from service.documents.checking import CheckedDocument, nearest
from service.documents.problems import Problem, format_path
from service.documents.records import Key
from service.documents.required import missing_values
from service.migrations.content.item_order import targets_of
from service.migrations.content.ordering import There, WantedItem
from service.migrations.content.uniqueness import taken


def dangling(checked: Sequence[CheckedDocument], there: Mapping[Key, There]) -> Iterator[Problem]:
    """A problem for each reference to an item without a document, or not published as it has to be.

    That the database has the item does not help: other databases may not have it.
    """
    found = {each.record.key: each for each in checked}
    for each in checked:
        for path, (name, slug) in each.record.targets():
            if (name, slug) not in found:
                known = [other for type_, other in found if type_ == name]
                is_there = ", but an item in this database" if (name, slug) in there else ""
                message = (
                    f"there is no document of {name} {slug!r}{is_there}; add it, or remove the "
                    f"reference{nearest(slug, known)}"
                )
                yield each.document.problem(ErrorCode.UNKNOWN_ITEM, path, message)
        yield from () if each.is_draft else _held_back(each, found)


def _held_back(each: CheckedDocument, found: Mapping[Key, CheckedDocument]) -> Iterator[Problem]:
    """A problem for each required reference to an item that is not to be published."""
    for relation in each.record.type.relations():
        if isinstance(relation, Reference) and relation.required:
            key = (relation.target, each.record.references[relation.name] or "")
            if key in found and found[key].is_draft:
                message = (
                    f"the {key[0]} {key[1]!r} has `draft: true`, but this item cannot be published "
                    "without it; publish both of them, or neither"
                )
                path = (relation.graphql_name,)
                yield each.document.problem(ErrorCode.NOT_PUBLISHED, path, message)


def needed(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    deleted: Collection[Key],
) -> Iterator[Problem]:
    """A problem for each item without a document that stays, but needs one that does not."""
    unpublished = {key for key, each in wanted.items() if each.is_draft}
    for key in sorted(there.keys() - wanted.keys() - set(deleted)):
        each = there[key]
        targets = dict.fromkeys(targets_of(model, key, each.document))
        for target in targets:
            if target in deleted:
                message = (
                    f"refers to {' '.join(target)}, which would be deleted; remove the reference, "
                    "or write a document of either"
                )
                yield Problem(ErrorCode.IN_USE, (), message, item=key)
        for target in sorted(each.required & ({*deleted} - targets.keys() | unpublished)):
            message = (
                f"its live copy requires {' '.join(target)}, which would not be published any "
                "more; publish it without this reference, or unpublish it"
            )
            yield Problem(ErrorCode.IN_USE, (), message, item=key)


def lacking(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    deleted: Collection[Key],
) -> Iterator[Problem]:
    """A problem for each required value that an item would lack, since no operation gives it."""
    for key, item in there.items():
        found = wanted.get(key)
        if found is None and key not in deleted:
            advice = "write a document for the item, or delete it with -x delete=yes"
        elif found is not None and found.is_draft and item.is_live:
            advice = "the item stays published without it: leave out `draft: true`"
        else:
            continue
        for each in missing_values(model, model[key[0]], item.document):
            message = f"{format_path(each.path)} is required, and has no value; {advice}"
            yield Problem(ErrorCode.BAD_VALUE, (), message, item=key)


def clashing(
    model: Model,
    wanted: Mapping[Key, WantedItem],
    there: Mapping[Key, There],
    deleted: Collection[Key],
) -> Iterator[Problem]:
    """A problem for each item that would have a unique value that another one would have too."""
    stays = {key: each.document for key, each in there.items() if key not in deleted}
    after = stays | {key: each.document for key, each in wanted.items()}
    for key, other, names in taken(model, after, after):
        message = (
            f"has the same {' and '.join(names)} as {' '.join(other)}, and only one {key[0]} may "
            "have it; change one of them, or delete one with -x delete=yes"
        )
        yield Problem(ErrorCode.DUPLICATE, (), message, item=key)
