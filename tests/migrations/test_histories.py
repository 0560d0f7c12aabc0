"""Random histories of content: down is what was before up, and up again is what it was.

Each has up to five revisions of up to four operations. `make soak ONLY=histories` has more.
"""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.databases import Server
from tests.migrations.history import History
from tests.soaking import rounds, seeded

SETTINGS = settings(max_examples=3)

PLACES = ["a", "b", "c"]
HUBS = ["x", "y"]
slugs = {"Location": st.sampled_from(PLACES), "Hub": st.sampled_from(HUBS)}
types = st.sampled_from([*slugs])
texts = st.dictionaries(st.sampled_from(["en", "nl", "fr"]), st.sampled_from(["One", "Two", None]))
names = texts.map(lambda it: {"en": "Name", **{code: text for code, text in it.items() if text}})

places = st.fixed_dictionaries(
    {"slug": slugs["Location"], "name": names, "kind": st.sampled_from(["CITY", "REGION"])},
    optional={
        "parent": st.none() | slugs["Location"],
        "hubs": st.lists(slugs["Hub"], max_size=2, unique=True),
        "techScene": texts,
    },
)
hubs = st.fixed_dictionaries(
    {"slug": slugs["Hub"], "name": names, "location": slugs["Location"]},
    optional={"website": st.none() | st.sampled_from(["https://a.example/", "https://b.example/"])},
)


def called(name: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    """The source of a call."""
    written = st.tuples(*arguments).map(lambda given: ", ".join(map(repr, given)))
    return written.map(lambda arguments: f"op.{name}({arguments})")


def of_type(name: str, *more: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    """The source of a call with a type and a slug of it."""
    return types.flatmap(lambda type_: called(name, st.just(type_), slugs[type_], *more))


codes = st.sampled_from(["en", "nl", "fr", "de", "nl-BE"])
operations = st.one_of(
    called("save", st.just("Location"), places),
    called("save", st.just("Location"), places),
    called("save", st.just("Hub"), hubs),
    called("publish", st.just("Location"), st.lists(slugs["Location"], min_size=1, unique=True)),
    called("publish", st.just("Hub"), st.lists(slugs["Hub"], min_size=1, unique=True)),
    of_type("unpublish"),
    of_type("delete"),
    types.flatmap(lambda it: called("rename", st.just(it), slugs[it], slugs[it])),
    called("add_locale", st.sampled_from(["de", "nl-BE"]), st.sampled_from(["en", "nl"])),
    called("change_locale", codes, st.fixed_dictionaries({"fallback": codes})),
    called("change_locale", codes, st.just({"default": True})),
    called("remove_locale", codes),
    types.map(lambda it: f"op.transform({it!r}, {{}}, changed)"),
)
CHANGED = """
    def changed(document):
        return {**document, "name": {"en": "Changed", "fr": document["slug"]}}
"""
revisions = st.lists(st.lists(operations, min_size=1, max_size=4), min_size=1, max_size=5)


async def through(history: History, drawn: list[list[str]]) -> None:
    """Go up revision by revision, down, and up again."""
    before = [await history.dump()]
    for each in drawn:
        history.add(*(f"try_(lambda: {operation})" for operation in each), functions=TRY + CHANGED)
        # Texts go with a locale that is removed.
        await history.upgrade(force="ours")
        before.append(await history.dump())
    last = before.pop()
    for dump in reversed(before):
        await history.downgrade()
        assert await history.dump() == dump
    await history.upgrade(force="ours")
    assert await history.dump() == last


# What cannot be done is left out, so that a history need not be possible to be one.
TRY = """
    def try_(operation):
        point = op.get_bind().begin_nested()
        conflicts = op.get_context().opts["guidepost"].step.deciding.conflicts
        try:
            operation()
        except Exception as error:
            if type(error).__name__ not in ("GuidepostError", "MigrationConflictError"):
                raise
            point.rollback()
        else:
            point.rollback() if conflicts else point.commit()
        conflicts.clear()
"""


def test_down_is_what_was_before(server: Server, migrated: str) -> None:
    async def there_and_back(drawn: list[list[str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with server.new(migrated) as url:
                await through(History(Path(folder), url), drawn)

    def check(drawn: list[list[str]]) -> None:
        asyncio.run(there_and_back(drawn))

    for number in rounds(SETTINGS.max_examples, share=0.25):
        seeded(SETTINGS(given(drawn=revisions)(check)), number)()
