"""What is kept while an instance does not know the locales that there are already."""

from pathlib import Path

from schema.model import content_model
from service.database.pools import writing
from service.editing.edits import editing
from service.editing.locales import rename_locale
from tests.databases import load
from tests.dependencies.subject import body_of, running
from tests.writing import seeds

PLACES = '{ locations(locale: "nl") { nodes { name locale } } }'


async def test_what_was_bound_with_the_locales_of_before_is_not_what_is_right(
    database: str, tmp_path: Path
) -> None:
    await load(database, seeds(tmp_path))
    async with running(database) as subject:
        async with writing(database) as engine, editing(engine, content_model(), "test") as edit:
            await rename_locale(edit, "nl", "it")
        # Both serve the locales of before yet.
        for _ in range(3):
            [found] = await subject.ask([body_of(PLACES)])
            assert found.kept == found.made
        assert subject.read == 0
        await subject.follow()
        [found] = await subject.ask([body_of(PLACES)])
        assert b"There is no locale 'nl'" in found.made
        assert found.kept == found.made
