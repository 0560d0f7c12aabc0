"""What the service holds, as GraphQL answers it, in the form of a world."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from tests.machine.world import (
    CHAINS,
    TYPES,
    Key,
    Part,
    Redirects,
    Release,
    Revision,
    Served,
    World,
    draft,
    led,
    led_live,
    live,
    redirects,
    redirects_live,
)

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
    ("Guide", "three"),
)
"""Everything that there may ever be."""
SLUGS = ("slang", "gent", "python", "ghent")
"""The slugs that items can have in some locales."""
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
        f"{{ nodes {{ id itemId slug version status publishedAt "
        f"statuses {{ locale status }} {_fields(name)} "
        f"{'schedule { state }' if stage == 'DRAFT' else ''} }} }}"
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


_GUIDES = [slug for name, slug in KEYS if name == "Guide"]
LEADS = {
    f"{locale}_{type_}_{slug}": (locale, type_, slug)
    for locale in CHAINS
    for type_, looked_up in (("Skill", SLUGS), ("Location", SLUGS), ("Guide", _GUIDES))
    for slug in looked_up
}
"""Slugs that are looked up in each locale, by the alias."""


def _leads(stage: str) -> str:
    return "\n".join(
        f'{alias}: {type_.lower()}(slug: "{slug}", locale: "{locale}", stage: {stage}) {{ slug }}'
        for alias, (locale, type_, slug) in LEADS.items()
    )


def _redirects(stage: str) -> str:
    return "\n".join(
        f'{locale}_redirects: redirects(locale: "{locale}", stage: {stage}, first: 100) '
        "{ totalCount nodes { type from to } }"
        for locale in CHAINS
    )


DEFAULT = "en"
DRAFT = f"{{ {_items('DRAFT')} {_history()} {_leads('DRAFT')} {_redirects('DRAFT')} }}"
LIVE = f"{{ {_items('LIVE')} {_searches()} {_leads('LIVE')} {_redirects('LIVE')} }}"


class Row(NamedTuple):
    """An item that something is to happen to, and what that is."""

    release: int
    item: str
    """The item's UUID."""
    action: str
    at: datetime
    references: str
    attempts: int
    failed: bool
    version: int | None
    locales: list[str] | None
    is_reference: bool


class Due(NamedTuple):
    """What is set to happen to some items together."""

    at: int
    """How many seconds after the beginning."""
    action: str
    references: str
    attempts: int
    failed: bool
    parts: frozenset[tuple[Key, Part]]


class Content(NamedTuple):
    """What is read of the service."""

    draft: dict[str, Served]
    live: dict[str, Served]
    found: dict[str, set[Key]]
    """What a search finds, in each locale."""
    revisions: dict[Key, list[tuple[int, str, Any]]]
    leads: dict[str, tuple[str | None, str | None]]
    """The slugs of what slugs lead to, in the working copy and published."""
    redirects: dict[str, tuple[Redirects, Redirects]]
    """Former slugs in each locale, in the working copy and published."""
    releases: dict[int, Due]
    """What is set to happen, numbered in the order in which it was set."""


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
            alias: (led(world, type_, slug), led_live(world, type_, slug, locale))
            for alias, (locale, type_, slug) in LEADS.items()
        },
        {locale: (redirects(world, locale), redirects_live(world, locale)) for locale in CHAINS},
        dict(enumerate(_due(world, each) for each in world.releases)),
    )


def _due(world: World, release: Release) -> Due:
    parts = frozenset((world.key_of(uid), part) for uid, part in release.parts.items())
    at, attempts = release.at - world.now, release.attempts
    return Due(at, release.action, release.references, attempts, release.failed, parts)


def _revision(revision: Revision) -> tuple[int, str, Any]:
    return revision.version, revision.action, revision.document


def read(
    of_draft: Any, of_live: Any, releases: Iterable[Row], beginning: datetime
) -> tuple[Content, Ids]:
    """What was read."""
    history = {key: of_draft[f"n{number}"] for number, key in enumerate(KEYS)}
    ids: dict[Key, str] = {}
    content = Content(
        {locale: _served(of_draft, locale, ".DRAFT", ids) for locale in CHAINS},
        {locale: _served(of_live, locale, "", {}) for locale in CHAINS},
        {locale: _found(of_live[locale]) for locale in CHAINS},
        {key: [_read_revision(each) for each in _oldest_first(history[key])] for key in KEYS},
        {each: (_slug(of_draft[each]), _slug(of_live[each])) for each in LEADS},
        {code: (_redirected(of_draft, code), _redirected(of_live, code)) for code in CHAINS},
        _read_releases(releases, ids, beginning),
    )
    revisions = {key: [each["id"] for each in _oldest_first(history[key])] for key in KEYS}
    return content, Ids(ids, revisions)


def _read_releases(rows: Iterable[Row], ids: dict[Key, str], beginning: datetime) -> dict[int, Due]:
    keys = {id_.partition("_")[2]: key for key, id_ in ids.items()}
    found: dict[int, list[Row]] = {}
    for each in rows:
        found.setdefault(each.release, []).append(each)
    return {
        number: Due(
            round((row.at - beginning).total_seconds()),
            row.action,
            row.references,
            row.attempts,
            row.failed,
            frozenset((keys[each.item], _part(each)) for each in rows_),
        )
        for number, rows_ in enumerate(each for _, each in sorted(found.items()))
        for row in rows_[:1]
    }


def _part(row: Row) -> Part:
    locales = None if row.locales is None else tuple(row.locales)
    return Part(row.version, locales, row.is_reference)


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


def _served(answer: Any, locale: str, stage: str, ids: dict[Key, str]) -> Served:
    """The items of one locale and stage; their item ids are put into `ids`.

    Those are the same wherever read, and the ids name the locale and the stage, too.
    """
    suffix = f"{'' if locale == DEFAULT else f'.{locale}'}{stage}"
    found: Served = {}
    for name, type_ in TYPES.items():
        for node in answer[f"{locale}_{name}"]["nodes"]:
            key = name, node.pop("slug")
            id_ = node.pop("itemId")
            assert ids.setdefault(key, id_) == id_
            assert node.pop("id") == f"{id_}{suffix}"
            found[key] = {
                "version": node["version"],
                "status": node["status"],
                "schedule": (node.get("schedule") or {}).get("state"),
                "statuses": {each["locale"]: each["status"] for each in node["statuses"]},
                "wasPublished": node["publishedAt"] is not None,
                **{field: _value(node[field]) for field in type_.fields},
                **{field: node[field] and node[field]["slug"] for field in type_.ones},
                **{field: [each["slug"] for each in node[field]] for field in type_.lists},
            }
    return found


def _redirected(answer: Any, locale: str) -> Redirects:
    page = answer[f"{locale}_redirects"]
    found = [(each["type"].capitalize(), each["from"], each["to"]) for each in page["nodes"]]
    assert page["totalCount"] == len(found)
    assert found == sorted(found)
    return {*found}


def _slug(found: Any) -> str | None:
    slug: str | None = found and found["slug"]
    return slug


def _value(value: Any) -> Any:
    return value["markdown"] if isinstance(value, dict) else value
