"""An application that cannot start while there is a file, which the environment names."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    if os.path.exists(os.environ["FLAW"]):  # noqa: ASYNC240, PTH110  # nothing else runs
        raise RuntimeError("the flaw")
    # At once: what two processes print is a mixture where Python buffers nothing.
    os.write(sys.stderr.fileno(), b"up\n")
    yield


app = Starlette(lifespan=_lifespan)
