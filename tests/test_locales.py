"""A running service follows the locales of its database, which migrations change."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url

from service.access import Scope
from service.database.pools import WRITING
from service.roles import PREVIEWER, READER, WRITER
from tests.asking import Asker, asking
from tests.databases import CUT, Server, blocked, rows
from tests.editing import PUBLISH, Editor, editing_app, items, saving, skill, token
from tests.migrations.history import History
from tests.pooler import pooling, with_logins
from tests.processes import PATIENCE
from tests.test_pooler import ASKED, IGNORED

NAME = 'query($locale: Locale) { skill(slug: "python", locale: $locale) { name } }'
PREVIEW = 'query($locale: Locale) { skill(slug: "python", locale: $locale, stage: DRAFT) { name } }'
STATUSES = '{ skill(slug: "python", stage: DRAFT) { statuses { locale status } } }'
PYTHON = 'op.save("Skill", {"slug": "python", "name": {"en": "Python", "nl": "Pyton"}})'
UNKNOWN = "There is no locale 'de'. Use one of: en, fr, nl."


@pytest.fixture
async def history(database: str, tmp_path: Path) -> History:
    """A database with a published item, and no locales but those of new databases."""
    found = History(tmp_path / "versions", database)
    found.add(PYTHON, 'op.publish("Skill", "python")')
    await found.upgrade()
    return found


async def follow(ask: Asker, expected: Any, query: str = NAME, **variables: Any) -> None:
    """Ask until the answer is the one that is expected: an item, or the message of an error."""
    found: Any = None
    try:
        async with asyncio.timeout(PATIENCE):
            while found != expected:
                await asyncio.sleep(0.01)
                answer = await ask.answer(query, **variables)
                found = answer.get("data") or answer["errors"][0]["message"]
    except TimeoutError:
        raise AssertionError(found) from None


def named(name: str) -> dict[str, Any]:
    """The answer about an item with a name."""
    return {"skill": {"name": name}}


async def message(ask: Asker, query: str = NAME, **variables: Any) -> str:
    """What is wrong with a request."""
    [error] = await ask.errors(query, **variables)
    return str(error["message"])


async def test_a_new_locale_is_served_without_a_restart(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "service")
    history.add('op.add_locale("de", "nl")')
    async with asking(history.url) as one, asking(history.url) as other:
        for each in (one, other):
            assert await message(each, locale="de") == UNKNOWN
            assert await each(NAME, locale="nl") == named("Pyton")
        await history.upgrade()
        for each in (one, other):
            await follow(each, named("Pyton"), locale="de")
            said = "There is no locale 'xx'. Use one of: de, en, fr, nl."
            assert await message(each, locale="xx") == said
        # Instances do not announce locales again that they know.
        said = "locales are now en, fr, nl, de"
        assert [each.message for each in caplog.records].count(said) == 2
        await history.downgrade()
        for each in (one, other):
            await follow(each, UNKNOWN, locale="de")


async def test_requests_that_were_sent_before_follow(history: History) -> None:
    """They are cached whole, with the values of their parameters."""
    async with asking(history.url) as ask:
        assert await ask(NAME) == named("Python")
        assert await ask(NAME, locale="fr") == named("Python")
        await rows(history.url, "update service.locale set is_default = false where code = 'en'")
        await rows(history.url, "update service.locale set is_default = true where code = 'nl'")
        await follow(ask, named("Pyton"))
        await rows(history.url, "delete from service.locale where code = 'fr'")
        await follow(ask, "There is no locale 'fr'. Use one of: en, nl.", locale="fr")
        await rows(history.url, "update service.locale set code = 'nl-BE' where code = 'nl'")
        await follow(ask, "There is no locale 'nl'. Use one of: en, nl-BE.", locale="nl")


async def test_previews_follow_another_fallback(history: History) -> None:
    made = await token(history.url, Scope.PREVIEW)
    async with asking(history.url) as ask:
        editor = Editor(ask, made)
        assert await editor(PREVIEW, locale="fr") == named("Python")
        await rows(history.url, "update service.locale set fallbacks = '{nl,en}' where code = 'fr'")
        async with asyncio.timeout(PATIENCE):
            while await editor(PREVIEW, locale="fr") != named("Pyton"):
                await asyncio.sleep(0.01)


async def test_an_edit_that_waited_for_a_migration_publishes_in_its_locale(
    database: str,
) -> None:
    async with editing_app(database) as editor:
        await editor.change(saving("Skill"), document=skill())
        migration = await asyncpg.connect(database)
        try:
            async with migration.transaction():
                await migration.execute("select pg_advisory_xact_lock(7136002)")
                await migration.execute("insert into service.locale values ('de', '{en}', false)")
                publishing = asyncio.ensure_future(
                    editor.change(PUBLISH, slugs=items(skill="python"))
                )
                await blocked(database)
            await publishing
        finally:
            await migration.close()
        found = await editor(STATUSES)
    assert {"locale": "de", "status": "PUBLISHED"} in found["skill"]["statuses"]


async def change_while_away(server: Server, url: str, away: Callable[[], Awaitable[None]]) -> None:
    """Let a database accept no connections until something is done, and then have a locale."""
    name = make_url(url).database
    admin = await asyncpg.connect(server.url)
    try:
        await admin.execute(f'alter database "{name}" allow_connections false')
        await admin.execute(CUT.replace("current_database()", f"'{name}'"))
        await away()
        await admin.execute(f'alter database "{name}" allow_connections true')
    finally:
        await admin.close()
    await rows(url, "insert into service.locale values ('de', '{en}', false)")


async def test_a_service_follows_when_its_database_is_back(
    server: Server, history: History, caplog: pytest.LogCaptureFixture
) -> None:
    async def noticed() -> None:
        async with asyncio.timeout(PATIENCE):
            while "locales cannot be read" not in caplog.text:
                await asyncio.sleep(0.01)

    async with asking(history.url) as ask:
        assert await ask(NAME) == named("Python")
        await change_while_away(server, history.url, noticed)
        await follow(ask, UNKNOWN.replace("'de'", "'xx'").replace("en,", "de, en,"), locale="xx")
        assert await ask(NAME) == named("Python")
    assert caplog.text.count("locales cannot be read") == 1


async def test_a_database_without_a_default_locale_changes_nothing(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking(history.url) as ask:
        await rows(history.url, "update service.locale set is_default = false")
        async with asyncio.timeout(PATIENCE):
            while "has no default locale" not in caplog.text:
                await asyncio.sleep(0.01)
        assert await ask(NAME) == named("Python")
        assert await ask(NAME, locale="nl") == named("Pyton")
        await rows(history.url, "update service.locale set is_default = true where code = 'nl'")
        await follow(ask, named("Pyton"))


async def test_a_service_behind_a_pooler_follows(history: History, tmp_path: Path) -> None:
    """In session mode, with all that sessions are asked for: nothing has to be listened to."""
    name = make_url(history.url).database
    writes = {**WRITING, "jit": "off", "timezone": "UTC"}
    for role, asked in ((READER, ASKED), (PREVIEWER, ASKED), (WRITER, writes)):
        for each, value in asked.items():
            statement = f"alter role {role} in database \"{name}\" set {each} = '{value}'"
            await rows(history.url, statement)
    options = {
        "pool_mode": "session",
        "server_reset_query": "DISCARD ALL",
        "ignore_startup_parameters": IGNORED,
    }
    url = await with_logins(history.url, tmp_path)
    async with pooling(url, **options) as through, asking(through) as ask:
        assert await message(ask, locale="de") == UNKNOWN
        await rows(history.url, "insert into service.locale values ('de', '{en}', false)")
        await follow(ask, UNKNOWN.replace("'de'", "'xx'").replace("en,", "de, en,"), locale="xx")


LOCALES = "{ locales { code name fallbacks isDefault } }"


async def test_the_locales_are_listed(history: History) -> None:
    english = {"code": "en", "name": "English", "fallbacks": [], "isDefault": True}
    french = {"code": "fr", "name": "français", "fallbacks": ["en"], "isDefault": False}
    dutch = {"code": "nl", "name": "Nederlands", "fallbacks": ["en"], "isDefault": False}
    async with asking(history.url) as ask:
        assert await ask(LOCALES) == {"locales": [english, french, dutch]}
        history.add('op.add_locale("nl-BE", "nl")', 'op.change_locale("fr", {"name": "French"})')
        await history.upgrade()
        flemish = {"code": "nl-BE", "name": "nl-BE", "fallbacks": ["nl", "en"], "isDefault": False}
        assert await ask(LOCALES) == {
            "locales": [english, {**french, "name": "French"}, dutch, flemish]
        }


async def test_upper_and_lower_case_do_not_matter(history: History) -> None:
    history.add('op.add_locale("nl-BE", "nl")')
    await history.upgrade()
    query = 'query($locale: Locale) { skill(slug: "python", locale: $locale) { id locale } }'
    async with asking(history.url) as ask:
        for each in ("nl-BE", "NL-be", "nl-be"):
            found = (await ask(query, locale=each))["skill"]
            assert found["locale"] == "nl-BE"
            assert found["id"].endswith(".nl-BE")
        assert (await message(ask, query, locale="nl_BE")).startswith("There is no locale 'nl_BE'.")


async def test_a_header_names_the_locale_of_root_fields_that_name_none(history: History) -> None:
    query = """{
        skill(slug: "python") { name }
        english: skill(slug: "python", locale: "en") { name }
        search(text: "Pyton") { totalCount }
    }"""
    found = {"skill": {"name": "Pyton"}, "english": {"name": "Python"}, "search": {"totalCount": 1}}
    async with asking(history.url) as ask:
        for code in ("nl", "NL", "nl"):
            response = await ask.post({"query": query}, headers={"graphql-locale": code})
            assert response.json() == {"data": found}
        response = await ask.post({"query": query})
        assert response.json()["data"]["skill"] == {"name": "Python"}
        response = await ask.http.get(
            "/graphql", params={"query": query}, headers={"graphql-locale": "nl"}
        )
        assert response.json() == {"data": found}
        refused = await ask.post({"query": query}, headers={"graphql-locale": "de"})
        [error] = refused.json()["errors"]
        assert error["message"] == UNKNOWN
        assert error["extensions"] == {"code": "UNKNOWN_LOCALE", "known": ["en", "fr", "nl"]}


async def test_a_payload_is_read_in_the_locale_of_the_header(editor: Editor) -> None:
    document = {**skill("python", "Python"), "name": {"en": "Python", "nl": "Pyton"}}
    query = "mutation($document: SkillInput!) { saveSkill(document: $document) { skill { name } } }"
    body = {"query": query, "variables": {"document": document}}
    response = await editor.post(body, **{"graphql-locale": "nl"})
    assert response.json()["data"]["saveSkill"] == {"skill": {"name": "Pyton"}}
