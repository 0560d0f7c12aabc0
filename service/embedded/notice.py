"""A message to the person at the terminal when something takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

_SECONDS = 3.0


@contextmanager
def notice(say: Callable[[str], None], sentence: str, seconds: float = _SECONDS) -> Iterator[None]:
    """Say `sentence`, from another thread, when the block is still running after `seconds`."""
    timer = Timer(seconds, say, [sentence])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
