"""A folder of documents beside people who change the same items."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.model import content_model
from service.database.pools import writing
from service.documents.problems import ContentError
from service.editing.merging import Side
from service.folders.applying import ApplyResult, apply, plan
from service.folders.choosing import choice
from service.folders.items import Item
from service.folders.planning import Options
from service.folders.plans import FolderPlan
from tests.databases import Look, looking, rows, tables
from tests.editing import Editor

MODEL = content_model()


def skill(slug: str = "python", name: str = "Python", **texts: str) -> str:
    """The text of a file; more texts by their locales."""
    more = "".join(f", {locale}: {text}" for locale, text in texts.items())
    return f"type: Skill\nslug: {slug}\nname: {{en: {name}{more}}}\n"


def options(
    *only: str, conflicts: str | None = None, delete: bool = False, publish: bool = False
) -> Options:
    """What the command line's options are."""
    side = Side(conflicts) if conflicts else None
    return Options(choice(MODEL, only), side, delete, publish)


class Folder:
    """Documents in files, and a database that they are applied to."""

    def __init__(
        self, url: str, directory: Path, editor: Editor, engine: AsyncEngine, look: Look
    ) -> None:
        self.url = url
        self._engine = engine
        self._look = look
        self.directory = directory
        self.editor = editor
        directory.mkdir()

    def write(self, **texts: str | None) -> None:
        """Write files by their names, or remove them."""
        for name, text in texts.items():
            file = self.directory / f"{name}.yaml"
            file.unlink() if text is None else file.write_text(text, encoding="utf-8")

    async def plan(self, *only: str, **given: Any) -> FolderPlan:
        """The plan; nothing is different after it."""
        before = await self.everything()
        found = await plan(self._engine, MODEL, self.directory, options(*only, **given), _silent)
        assert await self.everything() == before
        return found

    async def apply(self, *only: str, **given: Any) -> ApplyResult:
        """Apply it as planned; then there is nothing left to do."""
        plan = await self.plan(*only, **given)
        done = await self._apply(*only, **given)
        assert done.plan.as_json() == plan.as_json()
        published = {each.key for each in plan.items if each.publishes or each.puts_live}
        assert published == done.published.keys()
        assert not (await self.plan(*only, **given)).does_something
        return done

    async def refused(self, *only: str, **given: Any) -> list[str]:
        """The problems that it cannot be applied for; nothing is different after it."""
        before = await self.everything()
        with pytest.raises(ContentError) as caught:
            await self._apply(*only, **given)
        assert await self.everything() == before
        found = [str(each) for each in caught.value.problems]
        return [each.removeprefix(f"{self.directory}/") for each in found]

    async def _apply(self, *only: str, **given: Any) -> ApplyResult:
        chosen = options(*only, **given)
        return await apply(self._engine, MODEL, self.directory, chosen, _silent)

    async def everything(self) -> list[tuple[Any, ...]]:
        """Every row there is."""
        # That a token was used is noted a moment later.
        names = [each for each in await tables(self._look) if each != "service.token"]
        found = (f"select '{name}', t::text from {name} t" for name in names)  # noqa: S608
        return await self._look(f"{' union all '.join(found)} order by 1, 2")

    async def names(self) -> dict[str, dict[str, str]]:
        """The names of all skills by their slugs, in the working copy."""
        found = await rows(self.url, "select slug, name::text from draft.skill order by slug")
        return {str(slug): orjson.loads(name) for slug, name in found}

    async def save(self, name: str = "Python", slug: str = "python", **texts: str) -> None:
        """What somebody else does to a skill."""
        document = {"slug": slug, "name": {"en": name, **texts}}
        await self.editor.save("Skill", document)


@asynccontextmanager
async def folder_of(url: str, directory: Path, editor: Editor) -> AsyncIterator[Folder]:
    """A new folder, which is applied to a database over the same connections each time."""
    async with writing(url) as engine, looking(url) as look:
        yield Folder(url, directory, editor, engine, look)


def _silent(_: object) -> None:
    """Say nothing of what is being done."""


def steps(items: Sequence[Item]) -> dict[str, str]:
    """What is done to items, by their slugs."""
    return {each.key[1]: each.step.value for each in items}
