"""Operations made by chance.

What is drawn does not depend on what there is, because that depends on which of several things was
first: Hypothesis has to draw the same again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.machine.content import KEYS, SLUGS, WORD
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
from tests.machine.world import CHAINS, TYPES, Key, World, targets

Draw = st.DrawFn

REFERENCES = ("FAIL", "PUBLISH_TOO", "LEAVE_PENDING")


class Surroundings(NamedTuple):
    """What there is when something is done."""

    world: World
    revisions: dict[Key, list[str]]
    """The ids of the revisions of each item, the oldest first."""
    beginning: datetime
    """The instant from which seconds count."""


Wish = Callable[[Surroundings], Operation]
"""An operation, once it is known what there is."""


_RARELY = st.integers(1, 10).map(lambda number: number == 10)


def _keys(*names: str) -> Any:
    return st.sampled_from([key for key in KEYS if key[0] in names])


def _slug(name: str) -> Any:
    return _keys(name).map(lambda key: key[1])


def _slugs(name: str) -> Any:
    """A list of slugs; seldom one that is on it twice."""
    some = st.lists(_slug(name), max_size=2, unique=True)
    return st.one_of(*[some] * 9, st.lists(_slug(name), max_size=2))


def _text() -> Any:
    return st.integers(0, 30).map(lambda number: f"{WORD} {number}")


@st.composite
def _texts(draw: Draw, *, needed: bool = True) -> dict[str, str]:
    found = {"en": draw(_text())} if needed or draw(st.booleans()) else {}
    for locale in ("nl", "fr"):
        if draw(st.booleans()):
            found[locale] = draw(_text())
    return found


@st.composite
def _localized_slugs(draw: Draw) -> dict[str, str | None]:
    """Few slugs, so that they meet; some are those of items."""
    locales = draw(st.lists(st.sampled_from([*CHAINS]), max_size=2, unique=True))
    return {locale: draw(st.none() | st.sampled_from(SLUGS)) for locale in locales}


_LEVELS = st.sampled_from([[], ["MID"], ["JUNIOR", "MID"], ["MID", "SENIOR"], ["LEAD", "LEAD"]])


@st.composite
def _ranges(draw: Draw) -> list[dict[str, Any]]:
    return [
        {
            "level": level,
            "minimum": draw(st.sampled_from([30_000, 33_000, 36_000])),
            "maximum": draw(st.sampled_from([50_000, 60_000, 70_000, 35_000])),
            "currency": "EUR",
            "period": "YEAR",
            "basis": "GROSS",
        }
        for level in draw(_LEVELS)
    ]


_FIELDS: dict[str, dict[str, Any]] = {
    "Skill": {
        "name": _texts(),
        "kind": st.sampled_from(["DATA", "SECURITY"]),
        "localizedSlug": _localized_slugs(),
    },
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
        "localizedSlug": _localized_slugs(),
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
def _saves(draw: Draw, key: Key, mode: str) -> Callable[[Surroundings], Save]:
    """A save of one document: whole, or a few of its fields where there is one already."""
    fields = _FIELDS[key[0]]
    required = TYPES[key[0]].required
    names = draw(st.sets(st.sampled_from(sorted(fields)), min_size=1, max_size=3))
    document = {name: draw(fields[name]) for name in sorted({*names, *required})}
    is_whole = draw(st.booleans())
    # Nothing refers to guides. In this model, references are slugs, which would have to follow.
    old = draw(st.none() | _slug("Guide")) if key[0] == "Guide" else None
    if document.get("parent") == key[1] and not draw(_RARELY):
        del document["parent"]
    if draw(_RARELY):
        document[draw(st.sampled_from(sorted(fields)))] = None
    elif draw(_RARELY):
        name = draw(
            st.sampled_from([each for each in fields if isinstance(document.get(each), dict)])
        )
        document[name] = {**document[name], draw(st.sampled_from([*CHAINS])): None}

    def made(around: Surroundings) -> Save:
        is_all = is_whole or key not in around.world.draft
        given = {name: value for name, value in document.items() if is_all or name in names}
        return Save(key, given, mode, old=old)

    return made


@st.composite
def _savings(draw: Draw) -> Wish:
    """Saving one document or several; guides above all, which have most of what can be lost."""
    mode = draw(st.sampled_from(["MERGE", "MERGE", "REPLACE"]))
    key = draw(st.sampled_from(KEYS) | _keys("Guide", "Location", "Role"))
    first = draw(_saves(key, mode))
    beside = draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True))
    others = [draw(_saves(each, mode)) for each in beside if each != key or draw(_RARELY)]
    expected, on_conflict = draw(_EXPECTED), draw(st.sampled_from(["FAIL", "MERGE"]))
    is_dry = draw(_RARELY)

    def made(around: Surroundings) -> Saving:
        asked = first(around)._replace(expected=expected(around, key), on_conflict=on_conflict)
        return Saving([asked, *(each(around) for each in others)], is_dry)

    return made


def _version(behind: int | None) -> Callable[[Surroundings, Key], int | None]:
    """No version, or one so far behind the one there is."""

    def found(around: Surroundings, key: Key) -> int | None:
        item = around.world.draft.get(key)
        return None if behind is None else max(0, (item.version if item else 0) - behind)

    return found


_BEHIND = (None, None, None, None, None, 0, 0, 0, 0, 1, 1, 2, 100, -1)
_EXPECTED = st.sampled_from([_version(each) for each in _BEHIND])
_NUMBER = st.integers(0, 10**6)
"""For something among as many as there are then."""


@st.composite
def _renamings(draw: Draw) -> Wish:
    """Giving a guide another slug: a free one, or that of another guide, which takes its own."""
    number, text, is_swap = draw(_NUMBER), draw(_text()), draw(st.booleans())
    is_empty, expected, is_dry = draw(st.booleans()), draw(_EXPECTED), draw(_RARELY)

    def made(around: Surroundings) -> Saving:
        every = [key for key in KEYS if key[0] == "Guide"]
        there = [key for key in every if key in around.world.draft] or every
        key = there[number % len(there)]
        others = [each for each in every if each != key]
        free = [each for each in others if each not in there]
        chosen = others if is_swap or not free else free
        new = chosen[number % len(chosen)]
        document = {} if is_empty else {"subtitle": {"en": text}}
        saves = [Save(new, document, expected=expected(around, key), old=key[1])]
        saves += [Save(key, {}, old=new[1])] if new in there else []
        return Saving(saves, is_dry)

    return made


_SOME_LOCALES = st.none() | st.lists(
    st.sampled_from([*CHAINS]), min_size=1, max_size=2, unique=True
)
_LISTS_OF_NUMBERS = st.lists(_NUMBER, min_size=1, max_size=3)


def _some(around: Surroundings, numbers: Sequence[int]) -> list[Key]:
    """Keys: above all of what is there, and of what something is set to happen to."""
    there = sorted(around.world.draft)
    world = around.world
    waiting = sorted(world.key_of(uid) for each in world.releases for uid in each.parts)
    keys = [*there, *there, *waiting, *waiting, *KEYS]
    return [*dict.fromkeys(keys[number % len(keys)] for number in numbers)]


@st.composite
def _publishings(draw: Draw) -> Wish:
    numbers, references = draw(_LISTS_OF_NUMBERS), draw(st.sampled_from(REFERENCES))
    locales, is_dry = draw(_SOME_LOCALES), draw(_RARELY)
    return lambda around: Publishing(_some(around, numbers), references, locales, is_dry)


@st.composite
def _unpublishings(draw: Draw) -> Wish:
    numbers, locales, is_dry = draw(_LISTS_OF_NUMBERS), draw(_SOME_LOCALES), draw(_RARELY)
    return lambda around: Unpublishing(_some(around, numbers), locales, is_dry)


@st.composite
def _deletions(draw: Draw) -> Wish:
    """Deleting an item, and rather one that nothing refers to."""
    number, expected, is_dry = draw(_NUMBER), draw(_EXPECTED), draw(_RARELY)
    free_first = draw(st.sampled_from([True, True, False]))

    def made(around: Surroundings) -> Deleting:
        documents = {key: item.document for key, item in around.world.draft.items()}
        used = {target for key in documents for _, target in targets(key, documents[key])}
        free = sorted(documents.keys() - used)
        [key] = _some(around, [number])
        if free and free_first:
            key = free[number % len(free)]
        return Deleting(key, expected(around, key), is_dry)

    return made


@st.composite
def _schedulings(draw: Draw) -> Wish:
    """Setting times, one of which may be past."""
    numbers, references = draw(_LISTS_OF_NUMBERS), draw(st.sampled_from(REFERENCES))
    hours = st.none() | st.sampled_from([-1, 1, 2, 3, 3, 4])
    first, second, locales = draw(hours), draw(hours), draw(_SOME_LOCALES)
    version = draw(st.sampled_from(["PINNED", "PINNED", "LATEST"]))

    def made(around: Surroundings) -> Scheduling:
        at, until = (each and around.world.now + each * HOUR for each in (first, second))
        instants = (
            None if first is None else around.beginning + timedelta(hours=first),
            None if second is None else around.beginning + timedelta(hours=second),
        )
        keys = _some(around, numbers)
        return Scheduling(keys, at, until, references, locales, version, instants)

    return made


@st.composite
def _restorings(draw: Draw) -> Wish:
    """Restoring one of the revisions that there are, and rather those of what was deleted."""
    numbers, gone_first = (draw(_NUMBER), draw(_NUMBER)), draw(st.booleans())
    fields = {
        name: draw(
            st.none() | st.lists(st.sampled_from(sorted(each)), min_size=1, max_size=4, unique=True)
        )
        for name, each in _FIELDS.items()
    }
    expected, is_dry = draw(_EXPECTED), draw(_RARELY)

    def made(around: Surroundings) -> Restoring:
        there = sorted(key for key, found in around.revisions.items() if found)
        gone = [key for key in there if key not in around.world.draft]
        keys = gone if gone and gone_first else there
        key = keys[numbers[0] % len(keys)]
        number = numbers[1] % len(around.revisions[key])
        return Restoring(
            around.world.revisions[key][number],
            around.revisions[key][number],
            fields[key[0]],
            expected(around, key),
            is_dry,
        )

    return made


WISHES: Any = st.one_of(
    *(_savings(), _savings(), _savings(), _publishings(), _publishings()),
    *(_unpublishings(), _deletions(), _schedulings(), _restorings(), _renamings()),
)
"""Operations, once it is known what there is."""

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
            Save(("Skill", "sql"), {"name": {"en": f"{WORD} two"}}),
            Save(("Location", "ghent"), {
                "name": {"en": f"{WORD} two"}, "kind": "CITY", "parent": "belgium",
            }),
            Save(("Role", "frontend"), {
                "name": {"en": f"{WORD} two"}, "plural": {"en": f"{WORD} two"},
            }),
            Save(("Guide", "two"), {
                "title": {"en": f"{WORD} two"}, "role": "frontend", "location": "ghent",
            }),
        ]
    ),
    Publishing([("Guide", "one")], "PUBLISH_TOO", None),
)  # fmt: skip
"""What there is at the beginning, so that most of what is drawn can be done."""
