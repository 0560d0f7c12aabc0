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
    print("up", file=sys.stderr, flush=True)  # noqa: T201  # tests read it
    yield


app = Starlette(lifespan=_lifespan)
