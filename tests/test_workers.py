"""Functions that other processes are asked for."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

import pytest

from service.documents.workers import Workers, workers
from service.errors import GuidepostError
from tests.databases import PROJECT

PATIENCE = 20

WORKING = """
import asyncio
from service.documents.workers import helping
from tests.test_workers import process_of

async def main():
    async with helping(many=True) as helpers:
        print(await helpers.call(process_of, "work"), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def process_of(_: str) -> int:
    """The id of the process that calls this."""
    return os.getpid()


async def called(helpers: Workers, numbers: Iterable[int]) -> list[int]:
    """Numbers, made positive elsewhere."""
    work = (helpers.call(abs, each) for each in numbers)
    return [each async for each in helpers.ahead(work)]


@pytest.mark.parametrize("many", [False, True])
async def test_results_come_in_the_order_of_the_work(*, many: bool) -> None:
    async with workers(many=many) as helpers:
        assert await called(helpers, range(0, -20, -1)) == [*range(20)]


async def test_many_documents_are_worked_on_elsewhere_and_few_are_not() -> None:
    for many in (False, True):
        async with workers(many=many) as helpers:
            found = await helpers.call(process_of, "work")
        assert (found != os.getpid()) is many


async def test_what_fails_elsewhere_fails_here(capfd: pytest.CaptureFixture[str]) -> None:
    async with workers(many=True) as helpers:
        with pytest.raises(GuidepostError, match="a process that helps with documents has ended"):
            await helpers.call(int, "x")
    assert "ValueError: invalid literal" in capfd.readouterr().err


async def test_an_answer_that_nobody_waited_for_answers_nothing_else() -> None:
    async with workers(many=True) as helpers:
        slow = [asyncio.create_task(helpers.call(time.sleep, 0.2)) for _ in range(helpers.count)]
        await asyncio.sleep(0.1)
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)
        with pytest.raises(GuidepostError):
            await helpers.call(abs, -1)


def test_workers_end_with_the_process_that_they_work_for() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WORKING], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        helper = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while _is_there(helper):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _is_there(process: int) -> bool:
    """Whether a process runs; one that ended and that nobody asked for does not."""
    state = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(process)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return state != "" and not state.startswith("Z")
