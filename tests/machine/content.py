"""What the service holds, as GraphQL answers it, in the form of a world."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from tests.machine.world import CHAINS, TYPES, Key, Revision, Served, World, draft, live

KEYS: tuple[Key, ...] = (
    ("Skill", "python"),
    ("Skill", "sql"),
    ("Company", "acme"),
    ("Company", "zeta"),
    ("Hub", "pond"),
    ("Location", "belgium"),
    ("Location", "ghent"),
    ("Role", "backend"),
    ("Role", "frontend"),
    ("Guide", "one"),
    ("Guide", "two"),
)
"""Everything that there may ever be."""
WORD = "recruiting"
"""Is in every name, so that a search for it finds all."""

_PLURALS = {name: f"{name.lower()}s" for name in TYPES} | {"Company": "companies"}
_FORMS = {
    "techScene": "techScene { markdown }",
    "aboutRole": "aboutRole { markdown }",
    "about": "about { markdown }",
    "salaryRanges": "salaryRanges { level minimum maximum currency period basis }",
}


def _items(stage: str) -> str:
    return "\n".join(
        f'{locale}_{name}: {_PLURALS[name]}(locale: "{locale}", stage: {stage}, first: 100) '
        f"{{ nodes {{ id slug version status publishedAt {_fields(name)} }} }}"
        for locale in CHAINS
        for name in TYPES
    )


def _fields(name: str) -> str:
    type_ = TYPES[name]
    found = [_FORMS.get(each, each) for each in type_.fields]
    found += [f"{each} {{ slug }}" for each in (*type_.ones, *type_.lists)]
    return " ".join(found)


def _history() -> str:
    return "\n".join(
        f'n{number}: revisions(type: {name.upper()}, slug: "{slug}", first: 100) '
        "{ totalCount nodes { id version action document } }"
        for number, (name, slug) in enumerate(KEYS)
    )


def _searches() -> str:
    slugs = " ".join(f"... on {name} {{ slug }}" for name in TYPES)
    return "\n".join(
        f'{locale}: search(text: "{WORD}", locale: "{locale}", first: 100) '
        f"{{ edges {{ node {{ __typename {slugs} }} }} }}"
        for locale in CHAINS
    )


DRAFT = f"{{ {_items('DRAFT')} {_history()} }}"
LIVE = f"{{ {_items('LIVE')} {_searches()} }}"


class Schedule(NamedTuple):
    """A row of what is to happen."""

    item: str
    """The item's UUID."""
    action: str
    at: datetime
    references: str
    failed: bool


class Content(NamedTuple):
    """What is read of the service."""

    draft: dict[str, Served]
    live: dict[str, Served]
    found: dict[str, set[Key]]
    """What a search finds, in each locale."""
    revisions: dict[Key, list[tuple[int, str, Any]]]
    schedules: dict[tuple[Key, str], tuple[int, str, bool]]
    """What is set to happen: how many seconds after the beginning, how, and whether it failed."""


class Ids(NamedTuple):
    """Ids that are read beside."""

    items: dict[Key, str]
    revisions: dict[Key, list[str]]


def expected(world: World) -> Content:
    """What has to be read where the service holds a world."""
    published = {locale: live(world, locale) for locale in CHAINS}
    return Content(
        {locale: draft(world, locale) for locale in CHAINS},
        published,
        {locale: set(items) for locale, items in published.items()},
        {key: [_revision(each) for each in world.revisions.get(key, ())] for key in KEYS},
        {
            (uid[:2], action): (due.at - world.now, due.references, due.failed)
            for (uid, action), due in world.schedules.items()
        },
    )


def _revision(revision: Revision) -> tuple[int, str, Any]:
    return revision.version, revision.action, revision.document


def read(
    of_draft: Any, of_live: Any, schedules: Iterable[Schedule], beginning: datetime
) -> tuple[Content, Ids]:
    """What was read."""
    history = {key: of_draft[f"n{number}"] for number, key in enumerate(KEYS)}
    ids: dict[Key, str] = {}
    content = Content(
        {locale: _served(of_draft, locale, ids) for locale in CHAINS},
        {locale: _served(of_live, locale, ids) for locale in CHAINS},
        {locale: _found(of_live[locale]) for locale in CHAINS},
        {key: [_read_revision(each) for each in _oldest_first(history[key])] for key in KEYS},
        _read_schedules(schedules, ids, beginning),
    )
    revisions = {key: [each["id"] for each in _oldest_first(history[key])] for key in KEYS}
    return content, Ids(ids, revisions)


def _read_schedules(
    schedules: Iterable[Schedule], ids: dict[Key, str], beginning: datetime
) -> dict[tuple[Key, str], tuple[int, str, bool]]:
    keys = {id_.partition("_")[2]: key for key, id_ in ids.items()}
    return {
        (keys[each.item], each.action): (
            round((each.at - beginning).total_seconds()),
            each.references,
            each.failed,
        )
        for each in schedules
    }


def _oldest_first(connection: Any) -> list[Any]:
    assert connection["totalCount"] == len(connection["nodes"])
    return [*reversed(connection["nodes"])]


def _found(connection: Any) -> set[Key]:
    nodes = [each["node"] for each in connection["edges"]]
    return {(each["__typename"], each["slug"]) for each in nodes}


def _read_revision(node: Any) -> tuple[int, str, Any]:
    document = {key: value for key, value in node["document"].items() if key not in _HEADER}
    return node["version"], node["action"], document


_HEADER = ("type", "slug")


def _served(answer: Any, locale: str, ids: dict[Key, str]) -> Served:
    """The items of one locale; their ids are put into `ids`, and are the same wherever read."""
    found: Served = {}
    for name, type_ in TYPES.items():
        for node in answer[f"{locale}_{name}"]["nodes"]:
            key = name, node.pop("slug")
            id_ = node.pop("id")
            assert ids.setdefault(key, id_) == id_
            found[key] = {
                "version": node["version"],
                "status": node["status"],
                "wasPublished": node["publishedAt"] is not None,
                **{field: _value(node[field]) for field in type_.fields},
                **{field: node[field] and node[field]["slug"] for field in type_.ones},
                **{field: [each["slug"] for each in node[field]] for field in type_.lists},
            }
    return found


def _value(value: Any) -> Any:
    return value["markdown"] if isinstance(value, dict) else value
