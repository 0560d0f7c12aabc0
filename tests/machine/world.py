"""What draft and live hold, in plain Python: dictionaries, and nothing of the service's code."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

CHAINS = {"en": ("en",), "nl": ("nl", "en"), "fr": ("fr", "en")}
"""Each locale, with where its texts are looked for."""

Key = tuple[str, str]
"""Type and slug."""

Uid = tuple[str, str, int]
"""A key, and the how-manieth item it is that has it."""

Document = dict[str, Any]
"""As people write it, without its header. Never changed, but replaced."""


class One(NamedTuple):
    """A reference to one item."""

    target: str
    needed: bool = False


class Type(NamedTuple):
    """What has to be known of a content type."""

    required: tuple[str, ...]
    fields: tuple[str, ...]
    """Those that are read, beside relations."""
    ones: Mapping[str, One] = {}
    lists: Mapping[str, str] = {}
    lent: Mapping[str, tuple[str, str]] = {}
    """From which reference, and which field of its, something comes that is not there."""


TYPES = {
    "Skill": Type(("name",), ("name", "kind", "localizedSlug")),
    "Company": Type(("name",), ("name", "website", "sectors"), {"headquarters": One("Location")}),
    "Hub": Type(
        ("name", "location"), ("name", "website"), {"location": One("Location", needed=True)}
    ),
    "Location": Type(
        ("name", "kind"),
        ("name", "kind", "techScene", "localizedSlug"),
        {"parent": One("Location")},
        {"companies": "Company", "hubs": "Hub"},
    ),
    "Role": Type(("name", "plural"), ("name", "plural", "about"), {}, {"skills": "Skill"}),
    "Guide": Type(
        ("title", "role", "location"),
        ("title", "subtitle", "techScene", "aboutRole", "jobsUrl", "salaryRanges"),
        {"role": One("Role", needed=True), "location": One("Location", needed=True)},
        {"companies": "Company", "hubs": "Hub", "skills": "Skill"},
        {
            "techScene": ("location", "techScene"),
            "aboutRole": ("role", "about"),
            "companies": ("location", "companies"),
            "hubs": ("location", "hubs"),
            "skills": ("role", "skills"),
        },
    ),
}
LISTS = ("salaryRanges", "sectors")
"""Fields that are an empty list where there is nothing."""


class Item(NamedTuple):
    """An item of the working copy."""

    uid: Uid
    version: int
    document: Document
    slug: str
    was_published: bool = False


class Copy(NamedTuple):
    """What is published of an item in a locale."""

    version: int
    document: Document
    slug: str
    ends: Mapping[str, Uid | None]
    """Where its references to one item lead."""


class Revision(NamedTuple):
    """What was done to an item."""

    uid: Uid
    version: int
    action: str
    document: Document
    slug: str


class Part(NamedTuple):
    """What is set to happen to one of the items of a release."""

    version: int | None
    """That is published; whichever there is by then, if None."""
    locales: tuple[str, ...] | None
    """All of them, if None."""
    is_reference: bool = False

    def is_in(self, locale: str) -> bool:
        """Whether it is about the item in this locale."""
        return self.locales is None or locale in self.locales


class Release(NamedTuple):
    """What is set to happen to some items together."""

    action: str
    at: int
    """In seconds from the beginning."""
    references: str
    parts: Mapping[Uid, Part]
    attempts: int = 0
    next_at: int = 0
    failed: bool = False

    @property
    def state(self) -> str:
        """As the service names it."""
        return "FAILED" if self.failed else "RETRYING" if self.attempts else "SCHEDULED"


@dataclass
class World:
    """Everything that there is."""

    draft: dict[Key, Item] = field(default_factory=dict)
    live: dict[Uid, dict[str, Copy]] = field(default_factory=dict)
    links: dict[Uid, dict[str, tuple[Uid, ...]]] = field(default_factory=dict)
    """The lists of what is published, the same in every locale."""
    revisions: dict[Key, tuple[Revision, ...]] = field(default_factory=dict)
    leading: dict[Key, Uid] = field(default_factory=dict)
    """Where slugs lead besides those of items: localized and former ones."""
    releases: tuple[Release, ...] = ()
    """In the order in which they were set."""
    now: int = 0

    def copied(self) -> "World":
        """Another one, in which something can be done."""
        made = copy(self)
        for name in ("draft", "leading", "links", "revisions"):
            setattr(made, name, dict(getattr(self, name)))
        made.live = {uid: dict(copies) for uid, copies in self.live.items()}
        return made

    def record(self, key: Key, action: str) -> None:
        """Leave a revision of an item as it is."""
        item = self.draft[key]
        made = Revision(item.uid, item.version, action, item.document, item.slug)
        self.revisions[key] = (*self.revisions.get(key, ()), made)

    def at(self, uid: Uid, version: int) -> Revision | None:
        """What an item was in a version, whatever it was called."""
        found = (each for some in self.revisions.values() for each in some if each.uid == uid)
        return next((each for each in found if each.version == version), None)

    def key_of(self, uid: Uid) -> Key:
        """The key that an item of the working copy has now."""
        return next(key for key, item in self.draft.items() if item.uid == uid)

    def had(self, uid: Uid, slug: str) -> bool:
        """Whether an item ever had a slug."""
        return uid in self.uids((uid[0], slug))

    def uids(self, key: Key) -> set[Uid]:
        """The items that ever had this key."""
        return {each.uid for each in self.revisions.get(key, ())}

    def copy_of(self, key: Key, locale: str) -> Copy | None:
        """What is published of an item of the working copy."""
        return self.live.get(self.draft[key].uid, {}).get(locale)

    def due_to(self, uid: Uid, locale: str) -> list[Release]:
        """What is set to happen to an item in a locale."""
        return [
            each for each in self.releases if uid in each.parts and each.parts[uid].is_in(locale)
        ]

    def status(self, key: Key, locale: str) -> str:
        """How an item's working copy is to what is published of it in a locale."""
        item = self.draft[key]
        published = self.copy_of(key, locale)
        due = (each for each in self.due_to(item.uid, locale) if each.action == "PUBLISH")
        if any(not each.failed for each in due):
            return "SCHEDULED"
        if published is None:
            return "DRAFT"
        return "PUBLISHED" if published.version == item.version else "CHANGED"


def targets(key: Key, document: Document) -> list[tuple[str, Key]]:
    """What a document refers to, with the field that does."""
    type_ = TYPES[key[0]]
    ones = [
        (name, (one.target, document[name])) for name, one in type_.ones.items() if name in document
    ]
    return ones + [
        (name, (target, slug))
        for name, target in type_.lists.items()
        for slug in document.get(name, ())
    ]


class RefusedError(Exception):
    """Why something cannot be done; what it did until then has to be thrown away."""

    def __init__(self, *codes: str) -> None:
        self.codes = frozenset(codes)
        super().__init__(", ".join(codes))


def slugs(key: Key, document: Document) -> set[str]:
    """All slugs of an item of the working copy."""
    return {key[1], *document.get("localizedSlug", {}).values()}


def served_slugs(world: World, uid: Uid) -> set[str]:
    """All slugs under which an item is published."""
    copies = world.live.get(uid, {})
    found = {slug_in(copy, locale) for locale, copy in copies.items()}
    return {*found, *(copy.slug for copy in copies.values())}


def slug_in(item: Item | Copy, locale: str) -> str:
    """The slug that an item is served with in a locale."""
    return _value(item.document, "localizedSlug", locale) or item.slug


def known(world: World, keys: Iterable[Key]) -> None:
    """Raise `RefusedError` unless all of these are there."""
    if any(key not in world.draft for key in keys):
        raise RefusedError("UNKNOWN_ITEM")


def led(world: World, type_: str, slug: str) -> str | None:
    """The slug of what a slug leads to in the working copy."""
    if (type_, slug) in world.draft:
        return slug
    of_type = [key for key in world.draft if key[0] == type_]
    for key in of_type:
        if slug in slugs(key, world.draft[key].document):
            return key[1]
    lead = world.leading.get((type_, slug))
    for key in of_type:
        uid = world.draft[key].uid
        if uid == lead or slug in served_slugs(world, uid):
            return key[1]
    return None


def led_live(world: World, type_: str, slug: str, locale: str) -> str | None:
    """The slug of what a slug leads to where it is published."""
    uid = world.leading.get((type_, slug))
    if uid and locale in world.live.get(uid, {}):
        return world.live[uid][locale].slug
    here = (
        copies[locale].slug
        for each, copies in world.live.items()
        if each[0] == type_ and locale in copies
    )
    return next((each for each in here if each == slug), None)


Redirects = set[tuple[str, str, str]]
"""The type, the former slug, and the slug that an item is served with."""


def redirects(world: World, locale: str) -> Redirects:
    """Former slugs as the working copy has them: also those that publishing will make."""
    found: Redirects = set()
    for key, item in world.draft.items():
        others = [
            (other, its.document)
            for other, its in world.draft.items()
            if other[0] == key[0] and other != key
        ]
        taken = {slug for other in others for slug in slugs(*other)}
        leading = {slug for (type_, slug), to in world.leading.items() if to == item.uid}
        former = (leading | served_slugs(world, item.uid)) - taken - slugs(key, item.document)
        found |= {(key[0], each, slug_in(item, locale)) for each in former}
    return found


def redirects_live(world: World, locale: str) -> Redirects:
    """Former slugs of what is published in a locale."""
    found: Redirects = set()
    for (type_, slug), uid in world.leading.items():
        copies = world.live.get(uid, {})
        localized = {_value(each.document, "localizedSlug", code) for code, each in copies.items()}
        if locale in copies and slug not in {copies[locale].slug, *localized}:
            found.add((type_, slug, slug_in(copies[locale], locale)))
    return found


Served = dict[Key, dict[str, Any]]
"""Items with the values of their fields, as they are read in a locale."""


def draft(world: World, locale: str) -> Served:
    """What the working copy is read as."""
    return {
        key: {
            "version": item.version,
            "status": world.status(key, locale),
            "statuses": {each: world.status(key, each) for each in CHAINS},
            "schedule": _state(world.due_to(item.uid, locale)),
            "wasPublished": item.was_published,
            **_draft_values(world, key, locale),
        }
        for key, item in world.draft.items()
    }


def live(world: World, locale: str) -> Served:
    """What is published, as it is read."""
    return {
        (uid[0], copies[locale].slug): {
            "version": copies[locale].version,
            "status": "PUBLISHED",
            "statuses": dict.fromkeys(copies, "PUBLISHED"),
            "schedule": None,
            "wasPublished": True,
            **_live_values(world, uid, locale),
        }
        for uid, copies in world.live.items()
        if locale in copies
    }


def _state(due: Iterable[Release]) -> str | None:
    """The worst of the states of what is set."""
    return max((each.state for each in due), key=_STATES.index, default=None)


_STATES = ["SCHEDULED", "RETRYING", "FAILED"]


def _draft_values(world: World, key: Key, locale: str) -> dict[str, Any]:
    type_, document = TYPES[key[0]], world.draft[key].document
    found: dict[str, Any] = {name: _value(document, name, locale) for name in type_.fields}
    if "localizedSlug" in found:
        found["localizedSlug"] = slug_in(world.draft[key], locale)
    found |= {name: document.get(name) for name in type_.ones}
    found |= {name: list(document.get(name, ())) for name in type_.lists}
    for name, (via, lent) in type_.lent.items():
        if not found[name]:
            lender = world.draft[type_.ones[via].target, document[via]].document
            is_list = name in type_.lists
            found[name] = list(lender.get(lent, ())) if is_list else _value(lender, lent, locale)
    return found


def _live_values(world: World, uid: Uid, locale: str) -> dict[str, Any]:
    type_, published = TYPES[uid[0]], world.live[uid][locale]

    def is_live(end: Uid | None) -> bool:
        return end is not None and locale in world.live.get(end, {})

    def listed(owner: Uid, name: str) -> list[str]:
        return [end[1] for end in world.links[owner].get(name, ()) if is_live(end)]

    found: dict[str, Any] = {
        name: _value(published.document, name, locale) for name in type_.fields
    }
    if "localizedSlug" in found:
        found["localizedSlug"] = slug_in(published, locale)
    found |= {
        name: end[1] if end and is_live(end) else None for name, end in published.ends.items()
    }
    for name in type_.lists:
        owner, field_ = uid, name
        if name in type_.lent and not world.links[uid].get(name):
            via, field_ = type_.lent[name]
            owner = _there(published.ends[via])
        found[name] = listed(owner, field_)
    for name, (via, lent) in type_.lent.items():
        if name not in type_.lists and found[name] is None:
            lender = world.live[_there(published.ends[via])][locale]
            found[name] = _value(lender.document, lent, locale)
    return found


def _there(uid: Uid | None) -> Uid:
    assert uid is not None
    return uid


def _value(document: Document, name: str, locale: str) -> Any:
    value = document.get(name, [] if name in LISTS else None)
    if isinstance(value, dict):
        return next((value[code] for code in CHAINS[locale] if code in value), None)
    return value
