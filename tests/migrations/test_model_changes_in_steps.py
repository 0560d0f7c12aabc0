"""Changes of the model one after the other, in revisions run as they were generated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tests.databases import Server, rows
from tests.migrations.history import History
from tests.migrations.targets import Field, Target, Type
from tests.migrations.teams import begun
from tests.migrations.test_model_histories import up_and_down

_LAST = """
    select document::text, (
        select after::text from service.before_image
        where after->>'slug' = 'a' order by id desc limit 1
    ) from service.revision where slug = 'a' order by id desc limit 1
"""


async def test_every_kind_of_relation_is_renamed(server: Server, towns: History) -> None:
    """What is written of it afterwards has a base, and goes down over the old name."""
    one = Type(
        "Town",
        (Field("near_a", target="Town"), Field("all_a", target="Town")),
        part=Type("Stop"),
        parts="stops",
    )
    two = replace(
        one,
        fields=tuple(
            replace(each, name=f"{each.word}_b", renamed_from=each.name) for each in one.fields
        ),
        parts="halts",
        parts_from="stops",
    )
    first = {"type": "Town", "slug": "a", "name": {"en": "One"}}
    other = {**first, "slug": "b"}
    stops = [{"name": {"en": "Stop"}}, {"name": {"en": "Other"}}]
    then = {**first, "nearA": "b", "allA": ["a"], "stops": stops}
    now = {**first, "nearB": "b", "allB": ["a"], "halts": stops}
    targets = [
        Target((one,), (then, other)),
        Target((two,), (now, other)),
        Target((two,), ({**now, "halts": stops[1:], "allB": []}, other)),
        Target((replace(two, part=None, parts="", parts_from=""),), (first, other)),
    ]
    async with begun(server, towns) as team:
        for target in targets:
            assert await up_and_down(team, target)
            if target is targets[1]:
                [file] = team.history.folder.glob("*r003*.py")
                said = file.read_text("utf-8")
                for old, new in (("near_a", "near_b"), ("all_a", "all_b"), ("stops", "halts")):
                    assert f'op.rename_field("Town", "{old}", "{new}")' in said
                assert "op.save" not in said
                assert "comment" not in said
                [(revision, image)] = await rows(team.history.url, _LAST)
                assert "halts" in revision
                assert "stops" not in revision + image
        await team.down("-3")
        await team.up()


VALUES = {
    "text_a": "One",
    "number_a": 1,
    "flag_a": True,
    "title_a": {"en": "One"},
    "story_a": {"en": "*One*"},
    "url_a": "https://a.example/",
    "near_a": "b",
    "kind_a": "ONE",
}
"""A value for a field of each kind that can be required."""


def fields(*, is_required: bool, without: str = "") -> tuple[Field, ...]:
    """Fields of all these kinds; those of parts refer to nothing."""
    return tuple(
        Field(
            name,
            is_required=is_required,
            target="Club" if name == "near_a" else "",
            names=("ONE",) if name == "kind_a" else (),
        )
        for name in VALUES
        if name != without
    )


def filled(names: Iterable[str] = VALUES) -> dict[str, Any]:
    """Values under the names that they have in documents."""
    return {Field(name).graphql_name: VALUES[name] for name in names}


NAMED = {"name": {"en": "One"}}
CLUB = {"type": "Club", "slug": "b", **NAMED}


async def test_what_becomes_required_is_empty_again_after_the_downgrade(
    server: Server, towns: History
) -> None:
    """Live, a draft, one with some values, and one whose draft is not what is live."""
    one, two = (
        Target(
            (Type("Club"), Type("Town", fields(is_required=is_required))),
            (
                CLUB,
                {"type": "Town", "slug": "a", **NAMED, **given},
                {"type": "Town", "slug": "b", **NAMED, **given, "draft": True},
                {"type": "Town", "slug": "c", **NAMED, **filled(("title_a", "near_a")), **given},
            ),
        )
        for is_required, given in ((False, {}), (True, filled()))
    )
    async with begun(server, towns) as team:
        assert await up_and_down(team, one)
        assert await up_and_down(team, two)


async def test_parts_get_a_required_field(server: Server, towns: History) -> None:
    """In rows that there are. Then most of them go again, and come back with their values."""
    rest = [name for name in VALUES if name != "near_a"]

    def target(names: Sequence[str]) -> Target:
        of_parts = fields(is_required=True, without="near_a")
        part = Type("Stop", tuple(each for each in of_parts if each.name in names))
        stops = [{**NAMED, **filled(names)}, {"name": {"en": "Two"}, **filled(names)}]
        items = (
            {"type": "Town", "slug": slug, **NAMED, "stops": stops, **more}
            for slug, more in (("a", {}), ("b", {"draft": True}))
        )
        return Target((Type("Town", part=part, parts="stops"),), (*items,))

    async with begun(server, towns) as team:
        for names in ([], rest, rest[:2]):
            assert await up_and_down(team, target(names))
