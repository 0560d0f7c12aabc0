"""`guidepost content plan` and `apply`."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from service.database.pools import EDITING
from service.folders.identity import name_of
from tests.databases import is_held, load, looking, rows
from tests.editing import PUBLISH, Editor, items
from tests.folders import Folder, folder_of, skill
from tests.processes import GUIDEPOST, environment, run, run_process
from tests.writing import PLACE, write

LOCK = f"select pg_advisory_lock({EDITING})"

LONG = "One line of a text that is longer than a line of a terminal would like to be."


KEPT = "keep guidepost.toml with its documents"


async def content(
    url: str, command: str, *arguments: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run one of the commands."""
    return await asyncio.to_thread(run, "content", command, *map(str, arguments), DATABASE_URL=url)


async def test_content_is_applied_and_published(database: str, tmp_path: Path) -> None:
    directory = write(tmp_path, place=PLACE)
    command = ("content", "apply", str(directory))
    done = await asyncio.to_thread(run_process, *command, DATABASE_URL=database)
    said, named, end = done.stderr.split("\n")
    assert said == "content: 1 created, 0 changed, 0 deleted, 0 unchanged, 0 published"
    assert named == f"{directory} now has the name {name_of(directory)!r}: {KEPT}"
    assert (end, done.stdout) == ("", "")
    done = await content(database, "apply", directory, "--publish")
    said = "content: 0 created, 0 changed, 0 deleted, 1 unchanged, 1 published\n"
    assert done.stderr == said


async def test_a_plan_says_by_its_exit_code_whether_there_is_something_to_do(
    database: str, tmp_path: Path
) -> None:
    directory = write(tmp_path, place=PLACE)
    assert (await content(database, "plan", directory)).returncode == 2
    assert await rows(database, "select 1 from draft.location") == []
    await content(database, "apply", directory)
    assert (await content(database, "plan", directory)).returncode == 0
    assert (await content(database, "plan", directory, "--publish")).returncode == 2
    for wrong in (["--pubish"], ["--conflicts", "mine"], ["--only", "Gide"], ["more"]):
        assert (await content(database, "plan", directory, *wrong)).returncode == 1, wrong
    assert (await content(database, "plan", tmp_path / "nowhere")).returncode == 1
    assert (await content(database, "load", directory)).returncode == 1


@pytest.fixture
async def folder(database: str, editor: Editor, tmp_path: Path) -> AsyncIterator[Folder]:
    """A folder whose plan has something of everything."""
    async with folder_of(database, tmp_path / "content", editor) as found:
        context = f'"{LONG}\\n\\nThe second.\\n\\nThe third."'
        place = "type: Location\nslug: ghent\nkind: CITY\nname: {en: Ghent}\n"
        place += f"techScene: {{en: {context}}}\n"
        found.write(
            place=place,
            python=skill(nl="Slang"),
            sql=skill("sql", "SQL"),
            gone=skill("gone", "Gone"),
            left=skill("left", "Left"),
        )
        await found.apply(publish=True)
        await found.save("SQL-92", "sql")
        await found.save(nl="Adder")
        found.write(
            place=place.replace("The second", "The 2nd"),
            python=skill(name="Python 3", nl="Slang"),
            sql=skill("sql", "SQL-99"),
            gone=None,
            bell=skill("bell", '"\\u202Ered"'),
        )
        yield found


async def test_a_plan_for_people(folder: Folder) -> None:
    done = await content(folder.url, "plan", folder.directory, "--delete", "--publish")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "+ create Skill bell, and publish",
        r'    name.en: "\u202ered"',
        "~ update Location ghent, and publish",
        "    techScene.en:",
        "      …",
        "        ",
        "      - The second.",
        "      + The 2nd.",
        "        ",
        "~ update Skill python",
        "    not published: it has unpublished changes by others",
        '    name.en: "Python" → "Python 3"',
        '    kept name.nl: "Slang" → "Adder"',
        "! conflict Skill sql",
        "    conflict name.en",
        "      last applied: SQL",
        "      database:     SQL-92",
        "      folder:       SQL-99",
        "- delete Skill gone",
        (
            "1 to create, 2 to update, 1 to delete, 2 to publish, 1 unchanged, "
            "1 changed by others, 1 in conflict"
        ),
    ]
    done = await content(folder.url, "plan", folder.directory)
    assert "  Skill gone was removed from the folder; --delete deletes it" in done.stdout


async def test_a_plan_for_machines(folder: Folder) -> None:
    arguments = ("--delete", "--publish", "--json")
    done = await content(folder.url, "plan", folder.directory, *arguments)
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert found.keys() == {"items", "gone", "still_published", "unchanged"}
    assert (found["gone"], found["unchanged"]) == ([], 1)
    by_slug = {each["slug"]: each for each in found["items"]}
    assert {slug: each["action"] for slug, each in by_slug.items()} == {
        "bell": "create",
        "ghent": "update",
        "python": "update",
        "sql": "conflict",
        "gone": "delete",
    }
    assert by_slug["python"] == {
        "type": "Skill",
        "slug": "python",
        "file": f"{folder.directory}/python.yaml",
        "action": "update",
        "publish": False,
        "locales": [],
        "held": True,
        "renamed_from": None,
        "unpublished": [],
        "changes": [{"path": ["name", "en"], "before": "Python", "after": "Python 3"}],
        "kept": [{"path": ["name", "nl"], "base": "Slang", "theirs": "Adder"}],
        "conflicts": [],
    }
    [conflict] = by_slug["sql"]["conflicts"]
    assert conflict == {
        "path": ["name", "en"], "base": "SQL", "theirs": "SQL-92", "ours": "SQL-99"
    }  # fmt: skip
    assert (by_slug["gone"]["file"], by_slug["bell"]["publish"]) == (None, True)


def test_a_plan_has_colours_on_a_terminal_only(folder: Folder) -> None:
    command = [GUIDEPOST, "content", "plan", str(folder.directory)]
    settings = environment(DATABASE_URL=folder.url, TERM="xterm-256color")
    settings.pop("NO_COLOR", None)
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, env=settings, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 10_000):
                shown += part
        except OSError:  # Linux: nobody is at the other end any more
            pass
    os.close(ours)
    assert process.returncode == 2
    assert b"\x1b[32m+ create Skill bell\x1b[0m" in shown
    assert "\u202ered".encode() not in shown, "what people write gives a terminal no orders"


async def test_an_apply_says_what_it_kept_and_left(folder: Folder) -> None:
    done = await content(folder.url, "apply", folder.directory, "--publish")
    assert done.returncode == 1
    assert done.stderr.startswith("error: 1 conflict, and nothing was changed; ")
    conflict = (
        r'sql.yaml:3: name.en: Skill sql: is "SQL-92" in the database and "SQL-99" in the fol'
    )
    assert re.search(conflict, done.stderr)
    done = await content(folder.url, "apply", folder.directory, "--publish", "--conflicts", "ours")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "content: 1 created, 3 changed, 0 deleted, 1 unchanged, 3 published",
        "Skill python: changes by others were kept: name.nl",
        "Skill python: was not published, because it has unpublished changes by others",
        "Skill gone: was removed from the folder; --delete deletes it",
    ]


async def test_an_apply_for_machines(database: str, tmp_path: Path) -> None:
    directory = write(tmp_path, place=PLACE)
    plan = json.loads((await content(database, "plan", directory, "--publish", "--json")).stdout)
    done = await content(database, "apply", directory, "--publish", "--json")
    published = [{"type": "Location", "slug": "belgium"}]
    assert json.loads(done.stdout) == {**plan, "published": published}
    assert "content: 1 created" in done.stderr
    place = directory / "place.yaml"
    place.write_text(place.read_text() + "draft: true\n")
    done = await content(database, "plan", directory, "--publish", "--json")
    still = [{"type": "Location", "slug": "belgium", "locales": ["en", "fr", "nl"]}]
    assert json.loads(done.stdout) == {
        "items": [], "gone": [], "still_published": still, "unchanged": 1
    }  # fmt: skip
    assert done.returncode == 0
    said = (
        "Location belgium stays published in en, fr, nl, where its document does not publish it; "
        "`apply` unpublishes nothing"
    )
    assert said in (await content(database, "plan", directory, "--publish")).stdout
    assert said in (await content(database, "apply", directory, "--publish")).stderr
    assert said not in (await content(database, "apply", directory)).stderr


@pytest.mark.parametrize("command", ["plan", "apply"])
async def test_errors_for_machines(database: str, tmp_path: Path, command: str) -> None:
    directory = write(tmp_path, bad=PLACE + "    cuntry: BE\n")
    done = await content(database, command, directory, "--json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    message = "there is no such field; did you mean countryCode?"
    assert error["message"].endswith(f"bad.yaml:6: cuntry: {message}")
    assert error["problems"] == [
        {
            "code": "UNKNOWN_FIELD",
            "message": message,
            "path": ["cuntry"],
            "file": f"{directory}/bad.yaml",
            "line": 6,
            "type": None,
            "slug": None,
        }
    ]
    for arguments in ([tmp_path / "nowhere"], [directory, "--nonsense"]):
        done = await content(database, command, *arguments, "--json")
        assert (done.returncode, json.loads(done.stdout)["error"]["problems"]) == (1, [])


async def test_many_equal_problems_are_one_line(database: str, tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number:03}.yaml").write_text(f"type: Skill\nslug: s{number}\n")
    for command in ("plan", "apply"):
        done = await content(database, command, tmp_path)
        assert done.stderr.splitlines() == [
            (
                f"error: {tmp_path}/000.yaml:1: name: is missing; a localized text has to be given "
                f"(300 times: also {tmp_path}/001.yaml:1, {tmp_path}/002.yaml:1 and 297 others)"
            )
        ]
    done = await content(database, "plan", tmp_path, "--json")
    assert len(json.loads(done.stdout)["error"]["problems"]) == 300


async def test_long_values_are_shortened(database: str, tmp_path: Path) -> None:
    longest = "x" * 9_000
    (tmp_path / "bad.yaml").write_text(f"type: {longest}\nslug: a\n")
    (tmp_path / "worse.yaml").write_text(f"{skill()}? {longest}\n: a\n")
    done = await content(database, "plan", tmp_path)
    assert "x… (9,002 characters); the types are" in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 3_000
    (tmp_path / "bad.yaml").write_text(skill("a", longest))
    (tmp_path / "worse.yaml").unlink()
    await content(database, "apply", tmp_path)
    (tmp_path / "bad.yaml").write_text(skill("a", longest + "y"))
    done = await content(database, "plan", tmp_path)
    assert "x… (9,001 characters)" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 2_000


async def test_a_bad_document_is_said_in_a_line(database: str, tmp_path: Path) -> None:
    directory = write(tmp_path, fine=PLACE, bad="type: '[/x]'\nslug: java\n")
    for command in ("plan", "apply"):
        done = await content(database, command, directory)
        assert done.returncode == 1
        assert done.stderr.startswith(
            f"error: {directory}/bad.yaml:1: type: expected a type, got '[/x]'; the types are "
        )
        assert "Traceback" not in done.stderr
    assert await rows(database, "select * from draft.location") == []


async def test_a_plan_without_anything_to_do_waits_for_nobody(
    database: str, tmp_path: Path
) -> None:
    directory = write(tmp_path, place=PLACE)
    await load(database, directory)
    other = await asyncpg.connect(database)
    await other.execute(LOCK)
    try:
        assert (await content(database, "plan", directory, "--publish")).returncode == 0
    finally:
        await other.close()


DOCUMENTS = 100


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
async def test_an_apply_that_is_stopped_writes_nothing_or_all(
    database: str, tmp_path: Path, number: signal.Signals
) -> None:
    places = {f"p{n}": PLACE.replace("slug: belgium", f"slug: p{n}") for n in range(DOCUMENTS)}
    command = [GUIDEPOST, "content", "apply", str(write(tmp_path, **places)), "--publish"]
    for delay in (0, 0.1, 0.3):
        await _stop(database, command, delay, number)
    assert (await asyncio.to_thread(run, *command[1:], DATABASE_URL=database)).returncode == 0


async def _stop(
    database: str, command: Sequence[str], delay: float, number: signal.Signals
) -> None:
    """Stop a command so many seconds after it has begun to write."""
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(DATABASE_URL=database), stderr=asyncio.subprocess.PIPE
    )
    async with looking(database) as look:
        while not await is_held(look, EDITING) and process.returncode is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(delay)
        if process.returncode is None:
            process.send_signal(number)
        _, said = await process.communicate()
        # When all is done, Python itself ends by the signal.
        assert process.returncode in {0, 128 + signal.SIGINT, -number}, said
        # A connection that is just being closed says that, too.
        assert b"Traceback" not in said or b"Exception closing connection" in said
        while await is_held(look, EDITING):
            await asyncio.sleep(0.01)
        [counts] = await look(
            """select (select count(*) from draft.location), (select count(*) from live.location),
                (select count(*) from service.applied)"""
        )
    assert counts in {(0, 0, 0), (DOCUMENTS, 3 * DOCUMENTS, DOCUMENTS)}


@pytest.mark.parametrize(("typed", "left"), [(b"11\n", 1), (b"12\n", 12), (b"\x04", 12)])
async def test_a_person_is_asked_how_many_items_are_deleted(
    database: str, tmp_path: Path, typed: bytes, left: int
) -> None:
    files = [tmp_path / f"s{number}.yaml" for number in range(12)]
    for each in files:
        each.write_text(skill(each.stem))
    await content(database, "apply", tmp_path)
    for each in files[1:]:
        each.unlink()
    done = await content(database, "apply", tmp_path, "--delete")
    assert done.returncode == 1
    assert "confirm it with `--deletions 11`" in " ".join(done.stderr.split())
    code = await asyncio.to_thread(_typed, database, tmp_path, typed)
    assert code == (0 if left == 1 else 1)
    assert await rows(database, "select count(*) from draft.skill") == [(left,)]
    done = await content(database, "apply", tmp_path, "--delete", "--deletions", "11")
    assert done.returncode == 0
    assert await rows(database, "select slug from draft.skill") == [("s0",)]


def _typed(url: str, directory: Path, typed: bytes) -> int:
    """The exit code of an apply whose question is answered at a terminal."""
    command = [GUIDEPOST, "content", "apply", str(directory), "--delete"]
    ours, theirs = pty.openpty()
    settings = environment(DATABASE_URL=url, TERM="xterm")
    with subprocess.Popen(command, env=settings, stdin=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while b"Type that number" not in shown:
            shown += os.read(ours, 10_000)
        os.write(ours, typed)
        with suppress(OSError):  # Linux: nobody is at the other end any more
            while os.read(ours, 10_000):
                pass
    os.close(ours)
    return process.returncode


async def test_either_copy_or_both_are_exported(
    database: str, editor: Editor, tmp_path: Path
) -> None:
    await editor.save("Skill", {"slug": "python", "name": {"en": "Python"}})
    await editor.change(PUBLISH, slugs=items(skill="python"), locales=["nl"])
    await editor.save("Skill", {"slug": "python", "name": {"en": "Edited"}})
    await editor.save("Skill", {"slug": "sql", "name": {"en": "SQL"}})
    head, live = "type: Skill\nslug: python\n", "live:\n  - locales:\n      - nl\n    name:\n"
    draft = f"{head}draft: true\nname:\n  en: Edited\n"
    texts = {
        "both": f"{draft}{live}      en: Python\n",
        "draft": draft,
        "live": f"{head}published:\n  - nl\nname:\n  en: Python\n",
    }
    for stage, text in texts.items():
        await content(database, "export", tmp_path / stage, "--stage", stage)
        assert (tmp_path / stage / "skills/python.yaml").read_text() == text
        assert (tmp_path / stage / "skills/sql.yaml").exists() == (stage != "live")
    assert (await content(database, "export", tmp_path / "both")).stderr.startswith("0 files")
    done = await content(database, "export", tmp_path / "both", "--stage", "live")
    assert "sql.yaml: the item is not published; the file was left as it is" in done.stderr
    assert (await content(database, "export", tmp_path, "--stage", "all")).returncode == 1


async def test_a_plan_says_where_something_is_published(database: str, tmp_path: Path) -> None:
    live = "published: [nl]\nlive: [{locales: [en], name: {en: Old}}]\n"
    (tmp_path / "python.yaml").write_text(skill() + live)
    done = await content(database, "plan", tmp_path, "--publish")
    assert done.stdout.splitlines()[:-1] == [
        "+ create Skill python, and publish in nl",
        '    name.en: "Python"',
        '    live.en.name: "Old"',
    ]
