"""Operations made by chance, knowing what there is."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.machine.content import KEYS, WORD
from tests.machine.operations import (
    Deleting,
    Operation,
    Publishing,
    Restoring,
    Saving,
    Scheduling,
    Unpublishing,
)
from tests.machine.publishing import HOUR
from tests.machine.saving import Save
from tests.machine.world import CHAINS, TYPES, Key, World

Draw = st.DrawFn

WORDS = ("one", "two", "three", "four")
REFERENCES = ("FAIL", "PUBLISH_TOO", "LEAVE_PENDING")


class Surroundings(NamedTuple):
    """What operations are made for."""

    world: World
    revisions: dict[Key, list[str]]
    """The ids of the revisions of each item, the oldest first."""
    beginning: datetime
    """The instant from which seconds count."""


def _keys(*names: str) -> Any:
    return st.sampled_from([key for key in KEYS if key[0] in names])


def _slug(name: str) -> Any:
    return _keys(name).map(lambda key: key[1])


def _slugs(name: str) -> Any:
    return st.lists(_slug(name), max_size=2)


def _text() -> Any:
    return st.sampled_from([f"{WORD} {word}" for word in WORDS])


@st.composite
def _texts(draw: Draw, *, needed: bool = True) -> dict[str, str]:
    found = {"en": draw(_text())} if needed or draw(st.booleans()) else {}
    for locale in ("nl", "fr"):
        if draw(st.booleans()):
            found[locale] = draw(_text())
    return found


@st.composite
def _ranges(draw: Draw) -> list[dict[str, Any]]:
    return [
        {
            "level": draw(st.sampled_from(["JUNIOR", "MID", "SENIOR"])),
            "minimum": draw(st.sampled_from([30_000, 40_000])),
            "maximum": draw(st.sampled_from([50_000, 60_000, 60_000, 35_000])),
            "currency": "EUR",
            "period": "YEAR",
            "basis": "GROSS",
        }
        for _ in range(draw(st.integers(0, 2)))
    ]


_FIELDS: dict[str, dict[str, Any]] = {
    "Skill": {"name": _texts(), "kind": st.sampled_from(["DATA", "SECURITY"])},
    "Company": {
        "name": _texts(),
        "website": st.sampled_from(["https://one.test", "https://two.test"]),
        "sectors": st.lists(_text(), max_size=2),
        "headquarters": _slug("Location"),
    },
    "Hub": {"name": _texts(), "location": _slug("Location")},
    "Location": {
        "name": _texts(),
        "kind": st.sampled_from(["COUNTRY", "CITY"]),
        "techScene": _texts(needed=False),
        "parent": _slug("Location"),
        "companies": _slugs("Company"),
        "hubs": _slugs("Hub"),
    },
    "Role": {
        "name": _texts(),
        "plural": _texts(),
        "about": _texts(needed=False),
        "skills": _slugs("Skill"),
    },
    "Guide": {
        "title": _texts(),
        "subtitle": _texts(needed=False),
        "techScene": _texts(needed=False),
        "aboutRole": _texts(needed=False),
        "jobsUrl": st.just("https://jobs.test"),
        "role": _slug("Role"),
        "location": _slug("Location"),
        "companies": _slugs("Company"),
        "hubs": _slugs("Hub"),
        "skills": _slugs("Skill"),
        "salaryRanges": _ranges(),
    },
}


@st.composite
def _save(draw: Draw, world: World, key: Key, mode: str) -> Save:
    """A save of one document: whole, or a few of its fields."""
    fields = _FIELDS[key[0]]
    if draw(st.integers(0, 3)) or key not in world.draft:
        names = {*TYPES[key[0]].required, *draw(st.sets(st.sampled_from(sorted(fields))))}
    else:
        names = draw(st.sets(st.sampled_from(sorted(fields)), min_size=1, max_size=2))
    document = {name: draw(fields[name]) for name in sorted(names)}
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(fields)))
        if mode == "MERGE" and isinstance(document.get(name), dict):
            document[name] = {**document[name], draw(st.sampled_from([*CHAINS])): None}
        else:
            document[name] = None
    return Save(key, document, mode)


@st.composite
def savings(draw: Draw, around: Surroundings) -> Saving:
    """Saving one document or several."""
    mode = draw(st.sampled_from(["MERGE", "MERGE", "REPLACE"]))
    first = draw(_save(around.world, draw(st.sampled_from(KEYS)), mode))
    first = first._replace(
        expected=draw(_expected(around.world, first.key)),
        on_conflict=draw(st.sampled_from(["FAIL", "MERGE"])),
    )
    others = draw(st.lists(st.sampled_from(KEYS), max_size=2))
    saves = [first, *(draw(_save(around.world, key, mode)) for key in others)]
    return Saving(saves, draw(_rarely()))


@st.composite
def _expected(draw: Draw, world: World, key: Key) -> int | None:
    """No version, the one there is, or one before or after."""
    found = world.draft.get(key)
    version = found.version if found else 0
    return draw(
        st.sampled_from([None, version, version, max(0, version - 1), max(0, version - 2), 0])
        if version
        else st.sampled_from([None, 0, 1])
    )


def _rarely() -> Any:
    return st.integers(0, 7).map(lambda number: number == 0)


def _some(around: Surroundings) -> Any:
    """Keys: above all of what is there, and of what something is set to happen to."""
    there = sorted(around.world.draft)
    waiting = [uid[:2] for uid, _ in around.world.schedules]
    one = st.sampled_from([*there, *there, *waiting, *waiting, *KEYS])
    return st.lists(one, min_size=1, max_size=3, unique=True)


@st.composite
def publishings(draw: Draw, around: Surroundings) -> Publishing:
    """Publishing a few items."""
    locales = st.none() | st.lists(st.sampled_from([*CHAINS]), min_size=1, unique=True)
    references = draw(st.sampled_from(REFERENCES))
    return Publishing(draw(_some(around)), references, draw(locales), draw(_rarely()))


@st.composite
def unpublishings(draw: Draw, around: Surroundings) -> Unpublishing:
    """Unpublishing a few items."""
    return Unpublishing(draw(_some(around)), draw(_rarely()))


@st.composite
def deletions(draw: Draw, around: Surroundings) -> Deleting:
    """Deleting an item."""
    [key, *_] = draw(_some(around))
    return Deleting(key, draw(_expected(around.world, key)), draw(_rarely()))


@st.composite
def schedulings(draw: Draw, around: Surroundings) -> Scheduling:
    """Setting times, one of which may be past."""
    now = around.world.now

    def time() -> int | None:
        hours: int | None = draw(st.none() | st.sampled_from([-1, 1, 2, 3, 3, 4]))
        return hours and now + hours * HOUR

    at, until = time(), time()
    instants = tuple(
        None if each is None else around.beginning + timedelta(seconds=each - now)
        for each in (at, until)
    )
    references = draw(st.sampled_from(REFERENCES))
    return Scheduling(draw(_some(around)), at, until, references, (instants[0], instants[1]))


@st.composite
def restorings(draw: Draw, around: Surroundings) -> Restoring:
    """Restoring one of the revisions that there are."""
    there = sorted(key for key, found in around.revisions.items() if found)
    gone = [key for key in there if key not in around.world.draft]
    key = draw(st.sampled_from(gone or there) if draw(st.booleans()) else st.sampled_from(there))
    number = draw(st.integers(0, len(around.revisions[key]) - 1))
    fields = st.none() | st.lists(st.sampled_from(sorted(_FIELDS[key[0]])), min_size=1, unique=True)
    return Restoring(
        around.world.revisions[key][number],
        around.revisions[key][number],
        draw(fields),
        draw(_expected(around.world, key)),
        draw(_rarely()),
    )


def operations(around: Surroundings) -> Any:
    """Any of them."""
    found: list[Any] = [savings(around), savings(around), savings(around), publishings(around)]
    found += [publishings(around), unpublishings(around), deletions(around), schedulings(around)]
    if any(around.revisions.values()):
        found += [restorings(around)]
    return st.one_of(found)


FIRST: tuple[Operation, ...] = (
    Saving(
        [
            Save(("Guide", "one"), {
                "title": {"en": f"{WORD} one"}, "role": "backend", "location": "belgium",
                "companies": ["acme"],
            }),
            Save(("Role", "backend"), {
                "name": {"en": f"{WORD} one"}, "plural": {"en": f"{WORD} two"},
                "skills": ["python"], "about": {"en": "two", "nl": "three"},
            }),
            Save(("Location", "belgium"), {
                "name": {"en": f"{WORD} one", "fr": f"{WORD} two"}, "kind": "COUNTRY",
                "hubs": ["pond"], "companies": ["zeta"],
            }),
            Save(("Hub", "pond"), {"name": {"en": f"{WORD} one"}, "location": "belgium"}),
            Save(("Skill", "python"), {"name": {"en": f"{WORD} one"}}),
            Save(("Company", "acme"), {"name": {"en": f"{WORD} one"}}),
            Save(("Company", "zeta"), {"name": {"en": f"{WORD} two"}}),
        ]
    ),
    Publishing([("Guide", "one")], "PUBLISH_TOO", None),
)  # fmt: skip
"""What there is at the beginning, so that most of what is drawn can be done."""
