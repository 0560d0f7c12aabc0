"""What was acknowledged is there after the service, or its PostgreSQL, was killed while it wrote.

`make soak ONLY=kills` kills more often.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

from tests.embedded.server import listens, pid_of
from tests.processes import run, serving
from tests.racing import Client, FailedError, begin, client
from tests.soaking import SOAK, rounds

KILLS = 4 if SOAK else 2
"""How often a round kills: the service, then PostgreSQL, and so on."""

_HISTORY = """query($before: String) {
  revisions(type: GUIDE, slug: "left", first: 100, after: $before) {
    nodes { action document } pageInfo { endCursor hasNextPage }
  }
}"""


@dataclass
class Written:
    """The numbers of the pairs that were written."""

    tried: int = 0
    saved: list[int] = field(default_factory=lambda: [0])
    """Those whose saving was acknowledged."""
    published: list[int] = field(default_factory=lambda: [0])

    def write(self, someone: Client, over: Event) -> None:
        """Save and publish pairs, the numbers growing, until something is not acknowledged."""
        while not over.is_set():
            self.tried += 1
            assert someone.save_pair(self.tried) == set()
            self.saved.append(self.tried)
            assert someone.publish() == set()
            self.published.append(self.tried)

    def check(self, someone: Client, since: int) -> None:
        """See that all that was acknowledged is there; in the history, what was since a number."""
        assert self.saved[-1] <= someone.pair("DRAFT") <= self.tried
        assert self.published[-1] <= someone.pair() <= self.tried
        history = _history(someone, since)
        assert {each for each in self.saved if each >= since} <= history["SAVE"]
        assert {each for each in self.published if each >= since} <= history["PUBLISH"]


def _history(someone: Client, since: int) -> dict[str, set[int]]:
    """The numbers of what was done to the left guide, as far back as `since`."""
    found: dict[str, set[int]] = {"SAVE": set(), "PUBLISH": set()}
    before: str | None = None
    while True:
        page = someone(_HISTORY, before=before)["revisions"]
        for node in page["nodes"]:
            found[node["action"]].add(int(node["document"]["title"]["en"]))
        before = page["pageInfo"]["endCursor"]
        if since in found["PUBLISH"] & found["SAVE"] or not page["pageInfo"]["hasNextPage"]:
            return found


def _read(someone: Client, over: Event) -> None:
    """Read pairs until the service is gone; one that is none is an error."""
    while not over.is_set():
        someone.pair()


def _until_it_fails(
    url: str, token: str, work: Callable[[Client, Event], None], over: Event
) -> None:
    with client(url, token) as someone:
        try:
            work(someone, over)
        except FailedError:
            return


@contextmanager
def _data() -> Iterator[Path]:
    # A socket's path may have 107 bytes, and pytest's own folders are deep.
    folder = Path(tempfile.mkdtemp())
    # The user that root runs PostgreSQL as has to reach it.
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


def _begun(data: Path) -> str:
    """A token for a database that is made with a pair in it."""
    settings = {"GUIDEPOST_DATA": str(data)}
    with serving("--migrate", **settings) as service:
        url = service.address()
        made = run("token", "create", "writer", "--scope", "admin", **settings).stdout.strip()
        with client(url, made) as someone:
            begin(someone)
        service.stop(signal.SIGKILL)
    return made


def test_what_was_acknowledged_is_there_after_a_kill() -> None:
    for number in rounds(share=0.5):
        with _data() as data:
            _kill_again_and_again(data, Random(number))


def _kill_again_and_again(data: Path, by_chance: Random) -> None:
    """Kill what writes to a folder at moments that are chance's."""
    token, written, since = _begun(data), Written(), 0
    works: list[Callable[[Client, Event], None]] = [written.write, _read, _read]
    for number in range(KILLS + 1):
        # Those who ask end when the service does, and so after it.
        with ThreadPoolExecutor() as threads, serving(GUIDEPOST_DATA=str(data)) as service:
            url = service.address()
            with client(url, token) as someone:
                written.check(someone, since)
            since = written.published[-1]
            if number == KILLS:
                assert service.stop() == 128 + signal.SIGTERM
                break
            over = Event()
            done = [threads.submit(_until_it_fails, url, token, work, over) for work in works]
            time.sleep(by_chance.uniform(0.3, 1.5))
            # A busy machine may not have come that far: one is acknowledged for each kill.
            while len(written.published) <= number + 1 and not done[0].done():
                time.sleep(0.01)
            if number % 2:
                os.kill(pid_of(data), signal.SIGKILL)
            else:
                service.stop(signal.SIGKILL)
            # A PostgreSQL that is back at once fails nobody who did not ask meanwhile.
            over.set()
            for each in done:
                each.result()
    assert not listens(data)
    assert len(written.published) > KILLS, "hardly anything was written"
