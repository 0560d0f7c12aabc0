"""A lock between processes, which ends with the process that holds it, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def locked(descriptor: int) -> Iterator[None]:
    """Lock a file exclusively, after others have released it; closes the descriptor afterwards."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
