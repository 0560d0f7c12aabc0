"""Ten thousand guides, with all links and in three locales, through every command.

Each command is a process of its own, of which the time and the most memory are measured, that of
its workers included. Beside loading stands the floor: PostgreSQL's own COPY of the same rows into
the same tables, which keep their indexes and keys.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

import asyncpg

from schema.entities.content import Base
from service.database.pools import COMPRESSION
from service.documents.emitting import as_yaml
from tests.benchmark.content import PLACES, Amount, documents_of
from tests.copies import add_revision, copy_revisions
from tests.databases import Server, clear, migrate
from tests.processes import GUIDEPOST, environment

ALEMBIC = str(Path(sys.executable).parent / "alembic")

Say = Callable[[str], None]

TRANSFORM = """
    def renamed(document):
        title = {code: f"{text}!" for code, text in document["title"].items()}
        return {**document, "title": title}

    op.transform("Guide", {}, renamed)
"""


class Taken(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float
    code: int


def _compare(url: str, folder: Path, say: Say) -> None:
    """Plan and export what is there."""
    content, out = str(folder / "content"), str(folder / "out")
    _line(say, "planned, nothing to do", _run("content", "plan", content, DATABASE_URL=url))
    one = _run("content", "plan", content, "--only=Role/role-0", DATABASE_URL=url)
    _line(say, "planned, one item", one)
    exported = _run("content", "export", out, DATABASE_URL=url)
    _line(say, "exported", exported)
    again = _run("content", "export", out, DATABASE_URL=url)
    _line(say, "exported again, unchanged", again)
    say(f"{'':28}{again.seconds / exported.seconds:8.2f} of exporting anew")


async def measure(server: Server, folder: Path, guides: int, say: Say) -> None:
    """Load, plan, export and migrate so many guides."""
    count = _write(folder / "content", guides)
    async with (
        server.new() as url,
        server.new() as empty,
        server.new() as fresh,
        server.new() as other,
    ):
        for each in (url, empty, fresh, other):
            await migrate(each)
            await clear(each)
        copy_revisions(folder / "project")
        add_revision(folder / "project", TRANSFORM)

        def run(*command: str, code: int = 0) -> Taken:
            taken = _run(*command, DATABASE_URL=url, GUIDEPOST_PROJECT=str(folder / "project"))
            assert taken.code == code, command
            return taken

        say(f"\n{guides} guides, {count} documents")
        content = str(folder / "content")
        # The project has one revision more than the database, so commands of content use ours.
        loaded = _run("content", "apply", content, "--publish", DATABASE_URL=url)
        assert loaded.code == 0
        copied = await _copied(url, empty, folder)
        generated, migrated = await asyncio.to_thread(_migrated, fresh, folder)
        _line(say, "loaded and published", loaded)
        say(f"{'COPY into the same tables':28}{copied:8.1f} s: {copied / loaded.seconds:.2f} of it")
        _line(say, "a revision generated of it", generated)
        _line(say, "and run", migrated)
        say(f"{'':28}{migrated.seconds / loaded.seconds:8.2f} of loading and publishing")
        _compare(url, folder, say)
        new = _run("content", "plan", content, DATABASE_URL=other)
        _line(say, "planned, all new", new)
        say(f"{'':28}{new.seconds / loaded.seconds:8.2f} of loading and publishing")
        _line(say, "migrated with a transform", run("migrate"))
        start = perf_counter()
        await asyncio.to_thread(
            subprocess.run,
            [ALEMBIC, "downgrade", "-1"],
            cwd=folder / "project",
            env=environment(DATABASE_URL=url, GUIDEPOST_PROJECT=str(folder / "project")),
            capture_output=True,
            check=True,
        )
        say(f"{'and back':28}{perf_counter() - start:8.1f} s")


def _migrated(url: str, folder: Path) -> tuple[Taken, Taken]:
    """Write a revision that makes the documents of an empty database, and run it."""
    project = folder / "generated"
    copy_revisions(project)
    settings = {"DATABASE_URL": url, "GUIDEPOST_PROJECT": str(project)}
    options = project / "alembic.ini"
    text = options.read_text("utf-8")
    options.write_text(
        text.replace("[alembic]", f"[alembic]\ncontent = {folder / 'content'}"), "utf-8"
    )
    command = (ALEMBIC, "-c", str(options), "revision", "--autogenerate", "-m", "All")
    generated = _taken(command, settings, project)
    return generated, _run("migrate", **settings)


def _write(folder: Path, guides: int) -> int:
    """Write the documents; how many."""
    folder.mkdir(parents=True)
    amount = Amount(roles=guides // PLACES, own=1, others=1.0)
    count = 0
    for document in documents_of(amount):
        place = folder / document["type"].lower() / f"{document['slug']}.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(as_yaml(document), "utf-8")
        count += 1
    return count


def _run(*command: str, **settings: str) -> Taken:
    return _taken((GUIDEPOST, *command), settings)


def _taken(command: Sequence[str], settings: Mapping[str, str], cwd: Path | None = None) -> Taken:
    start = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        # Often enough for batches, and seldom enough to take no time.
        sleep(0.5)
    return Taken(perf_counter() - start, most, process.wait())


def _memory(pid: int) -> float:
    """The megabytes of a process and its children; what several share is shared out."""
    found = 0.0
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        for each in (pid, *children):
            sizes = Path(f"/proc/{each}/smaps_rollup").read_text("ascii")
            found += int(re.findall(r"^Pss: +(\d+) kB", sizes, re.MULTILINE)[0]) / 1024
    return found


def _line(say: Say, name: str, taken: Taken) -> None:
    say(f"{name:28}{taken.seconds:8.1f} s{taken.megabytes:8.0f} MB")


async def _copied(url: str, empty: str, folder: Path) -> float:
    """The seconds that COPY takes for all rows of a database, in one transaction."""
    source, target = await asyncpg.connect(url), await asyncpg.connect(empty)
    try:
        tables = [
            table
            for table in Base.metadata.sorted_tables
            # Triggers write the version of the content and its changes.
            if table.name
            not in {"locale", "token", "schedule", "answer", "content_version", "change"}
        ]
        files = {}
        for table in tables:
            files[table] = folder / f"{table.fullname}.copy"
            await source.copy_from_table(
                table.name, schema_name=table.schema, output=files[table], format="binary"
            )
        # Compressed as what is loaded is.
        await target.execute(COMPRESSION)
        start = perf_counter()
        async with target.transaction():
            for table, file in files.items():
                await target.copy_to_table(
                    table.name, schema_name=table.schema, source=file, format="binary"
                )
        return perf_counter() - start
    finally:
        await source.close()
        await target.close()
