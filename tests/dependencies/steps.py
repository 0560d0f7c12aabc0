"""What is done between two questions."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.exc import IntegrityError

from schema.model import Model
from service.database.pools import writing
from service.documents.problems import ContentError
from service.editing.edits import editing
from service.editing.locales import LocaleDefinition, rename_locale, set_locales
from service.editing.releasing import carry_out
from tests.dependencies.questions import SLUGS
from tests.dependencies.statements import Statements, often
from tests.dependencies.subject import Subject
from tests.differential.content import LOCALES, Document, documents
from tests.editing import PUBLISH, RESTORE, SCHEDULE, UNPUBLISH, deleting, saving

Key = dict[str, str]
"""An item, as mutations take it."""

ITEMS = 4
"""How many of each type there may be: so few that most have to do with one another."""
SEEDS = 4
"""How many documents there are for each item."""
REFERENCES = ("PUBLISH_TOO", "PUBLISH_TOO", "LEAVE_PENDING", "FAIL")
REVISIONS = """query ($type: ItemType!, $slug: String!) {
    revisions(type: $type, slug: $slug, first: 20) { nodes { id } }
}"""
DUE = "update service.release set due_at = now() - interval '1 s', next_at = now()"

DEFINITIONS: Sequence[Mapping[str, LocaleDefinition | None]] = (
    {"de": LocaleDefinition("nl")},
    {"de": LocaleDefinition("fr")},
    {"de": None},
    {"fr": LocaleDefinition("nl")},
    {"fr": LocaleDefinition("en")},
    {"nl": LocaleDefinition("fr"), "fr": LocaleDefinition("en")},
    {"nl": LocaleDefinition("en", name="Dutch")},
    {"en": LocaleDefinition("nl"), "nl": LocaleDefinition(None, is_default=True)},
    {"nl": LocaleDefinition("en"), "en": LocaleDefinition(None, is_default=True)},
)


class Steps:
    """Does one thing after the other, by chance. What cannot be done is refused, and no harm."""

    def __init__(self, random: Random, model: Model, subject: Subject) -> None:
        self._random = random
        self._model = model
        self._subject = subject
        self._statements = Statements(random, model, subject.connection)
        made = [documents(model, random.randrange(10**6), most=ITEMS) for _ in range(SEEDS)]
        self._documents = [each for some in made for each in some]

    async def __call__(self) -> str:
        """Do one thing; what was done."""
        kinds: Sequence[tuple[int, Callable[[], Awaitable[str]]]] = (
            (120, self._save),
            (40, self._publish),
            (40, self._unpublish),
            (10, self._delete),
            (20, self._restore),
            (20, self._release),
            (30, self._rename),
            (20, self._localize),
            (6, self._locales),
            (120, self._statements),
            (3, self._statements.truncate),
            (10, self._many),
        )
        [kind] = self._random.choices([it for _, it in kinds], [weight for weight, _ in kinds])
        return await kind()

    async def _many(self) -> str:
        return "\n    ".join([await self() for _ in range(4)])

    async def _key(self) -> Key:
        """An item by chance."""
        type_ = self._model[often(self._random, [it.name for it in self._model.content()])]
        rows = await self._subject.connection.fetch(
            f"select slug from draft.{type_.table_name} order by slug"  # noqa: S608
        )
        slug = self._random.choice(rows)[0] if rows else f"{type_.table_name}-0"
        return {"type": type_.table_name.upper(), "slug": slug}

    def _type(self, key: Key) -> str:
        return next(it.name for it in self._model.content() if it.table_name == key["type"].lower())

    async def _change(self, query: str, **variables: Any) -> str:
        answer = await self._subject.editor.answer(query, variables)
        if "errors" in answer:
            return f"{variables}: {answer['errors'][0]['message']}"
        [payload] = answer["data"].values()
        return f"{variables}: {[each['message'] for each in payload['errors']]}"

    async def _save(self) -> str:
        name = often(self._random, [it.name for it in self._model.content()])
        of_type = [each for each in self._documents if each["type"] == name]
        document = {**self._random.choice(of_type)}
        del document["type"]
        document.pop("draft", None)
        return await self._saved(name, document)

    async def _saved(self, name: str, document: Document) -> str:
        """Save a document, and mostly publish it."""
        mode = self._random.choice(("MERGE", "REPLACE"))
        done = await self._change(saving(name), document=document, mode=mode)
        if self._random.random() < 0.8:
            key = {"type": self._model[name].table_name.upper(), "slug": document["slug"]}
            done = f"{done}, {await self._published([key])}"
        return f"save {name} {done}"

    def _some(self) -> list[str] | None:
        """All locales, or some."""
        if self._random.random() < 0.6:
            return None
        return sorted(self._random.sample(LOCALES, self._random.randrange(1, 3)))

    async def _published(self, keys: list[Key]) -> str:
        references = self._random.choice(REFERENCES)
        done = await self._change(PUBLISH, slugs=keys, references=references, locales=self._some())
        return f"publish {done}"

    async def _publish(self) -> str:
        keys = [await self._key() for _ in range(self._random.randrange(1, 6))]
        return await self._published([*{each["slug"]: each for each in keys}.values()])

    async def _unpublish(self) -> str:
        keys = [await self._key()]
        return f"unpublish {await self._change(UNPUBLISH, slugs=keys, locales=self._some())}"

    async def _delete(self) -> str:
        key = await self._key()
        await self._change(UNPUBLISH, slugs=[key])
        return f"delete {await self._change(deleting(self._type(key)), slug=key['slug'])}"

    async def _restore(self) -> str:
        key = await self._key()
        answer = await self._subject.editor(REVISIONS, **key)
        if not (found := answer["revisions"]["nodes"]):
            return f"nothing was {key}"
        revision = self._random.choice(found)["id"]
        done = await self._change(RESTORE, revision=revision)
        return f"restore {key} {done}, {await self._published([key])}"

    async def _release(self) -> str:
        """Set something to happen, and let it happen."""
        keys, later = [await self._key()], datetime.now(UTC) + timedelta(hours=1)
        name = self._random.choice(("at", "unpublishAt"))
        given = {name: later.isoformat(), "locales": self._some(), "references": "PUBLISH_TOO"}
        done = await self._change(SCHEDULE, slugs=keys, **given)
        await self._subject.connection.execute(DUE)
        while await carry_out(self._subject.engine, self._model, lambda _: None):
            pass
        return f"release {done}"

    async def _rename(self) -> str:
        """Give an item another slug, perhaps one that another one had."""
        key = await self._key()
        former = f"former-{key['type'].lower()}-0"
        new = self._random.choice((*SLUGS, former, f"{key['type'].lower()}-0"))
        document = {"slug": new, "renamedFrom": key["slug"]}
        return await self._saved_merged(key, document)

    async def _localize(self) -> str:
        """Give an item another slug in a locale."""
        key = await self._key()
        slug = {self._random.choice(LOCALES): self._random.choice((*SLUGS, "elsewhere"))}
        return await self._saved_merged(key, {"slug": key["slug"], "localizedSlug": slug})

    async def _saved_merged(self, key: Key, document: Document) -> str:
        name = self._type(key)
        done = await self._change(saving(name), document=document, mode="MERGE")
        new = {**key, "slug": document["slug"]}
        return f"save {name} {done}, {await self._published([new])}"

    async def _locales(self) -> str:
        async with writing(self._subject.url) as engine:
            try:
                async with editing(engine, self._model, "test") as edit:
                    if self._random.random() < 0.3:
                        old, new = self._random.choice((("fr", "it"), ("it", "fr"), ("it", "fr")))
                        done = f"{old} is {new} now"
                        await rename_locale(edit, old, new)
                    else:
                        wanted = self._random.choice(DEFINITIONS)
                        done = str(wanted)
                        await set_locales(edit, wanted)
            except (ContentError, IntegrityError) as error:
                # Statements may have left what no edit leaves.
                return f"locales refused: {error}"
        return f"locales {done}"
