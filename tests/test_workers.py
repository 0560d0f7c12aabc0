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
from service.documents.workers import workers
from tests.test_workers import process_of

async def main():
    async with workers(many=True) as pool:
        print(await pool.call(process_of, "work"), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def process_of(_: str) -> int:
    """The id of the process that calls this."""
    return os.getpid()


async def called(pool: Workers, numbers: Iterable[int]) -> list[int]:
    """Numbers, made positive elsewhere."""
    work = (pool.call(abs, each) for each in numbers)
    return [each async for each in pool.ahead(work)]


@pytest.mark.parametrize("many", [False, True])
async def test_results_come_in_the_order_of_the_work(*, many: bool) -> None:
    async with workers(many=many) as pool:
        assert await called(pool, range(0, -20, -1)) == [*range(20)]


async def test_many_documents_are_worked_on_elsewhere_and_few_are_not() -> None:
    for many in (False, True):
        async with workers(many=many) as pool:
            found = await pool.call(process_of, "work")
        assert (found != os.getpid()) is many


async def test_what_fails_elsewhere_fails_here(capfd: pytest.CaptureFixture[str]) -> None:
    async with workers(many=True) as pool:
        with pytest.raises(GuidepostError, match="a worker process for documents has ended"):
            await pool.call(int, "x")
    assert "ValueError: invalid literal" in capfd.readouterr().err


async def test_an_answer_that_nobody_waited_for_answers_nothing_else() -> None:
    async with workers(many=True) as pool:
        slow = [asyncio.create_task(pool.call(time.sleep, 0.2)) for _ in range(pool.count)]
        await asyncio.sleep(0.1)
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)
        with pytest.raises(GuidepostError):
            await pool.call(abs, -1)


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
