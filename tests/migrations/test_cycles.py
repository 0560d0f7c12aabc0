"""Types that refer to each other, and what goes together with what refers to it."""

from typing import Any

import pytest

from tests.databases import Server
from tests.migrations.history import History
from tests.migrations.targets import FIRST, Document, Field, Target, Type
from tests.migrations.teams import begun
from tests.migrations.test_model_histories import up_and_down


def item(type_: str, slug: str, **values: Any) -> Document:
    """A document."""
    return {"type": type_, "slug": slug, "name": {"en": "One"}, **values}


@pytest.mark.parametrize("required", ["", "Town", "Club"])
async def test_types_that_refer_to_each_other(
    server: Server, towns: History, required: str
) -> None:
    """They come and go together, and so do their items."""
    both = (
        Type("Town", (Field("near_a", target="Club", is_required=required == "Town"),)),
        Type("Club", (Field("near_a", target="Town", is_required=required == "Club"),)),
    )
    first = [item("Town", "a", nearA="b"), item("Club", "b", nearA="a")]
    more = [item("Town", "c", nearA="c"), item("Club", "c", nearA="c")]
    async with begun(server, towns) as team:
        for types, documents in ((both, first), (both, first + more), (both, more)):
            assert await up_and_down(team, Target(types, (*documents,)))
        assert await up_and_down(team, FIRST)


@pytest.mark.parametrize("is_required", [False, True])
@pytest.mark.parametrize("stays", [False, True], ids=["type", "field"])
async def test_an_item_goes_with_all_that_refers_to_it(
    server: Server, towns: History, *, is_required: bool, stays: bool
) -> None:
    """What refers to it is dropped before, and comes back after it."""
    club = Type("Club", (Field("near_a", target="Town", is_required=is_required),))
    rest = ((Type("Town"), Type("Club")), (item("Club", "b"),)) if stays else ((Type("Town"),), ())
    before = (*FIRST.documents, item("Town", "c"), item("Club", "b", nearA="c"))
    async with begun(server, towns) as team:
        assert await up_and_down(team, Target((Type("Town"), club), before))
        assert await up_and_down(team, Target(rest[0], (*FIRST.documents, *rest[1])))
