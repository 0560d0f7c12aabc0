"""Static bytes from a bare Starlette route: as fast as an answer can be sent.

`python -m tests.benchmark.static <workers> <size> …` serves so many bytes at `/<size>`.
"""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.supervisors import Multiprocess


def create_static() -> Starlette:
    """A route for each size; workers have the arguments of their parent."""

    def route(size: int) -> Route:
        body = b"x" * size

        async def answer(_: Request) -> Response:
            return Response(body, media_type="application/json")

        return Route(f"/{size}", answer, methods=["GET", "POST"])

    return Starlette(routes=[route(int(each)) for each in sys.argv[2:]])


def main() -> None:
    """Serve on any free port, and say where."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql\n")
        sys.stderr.flush()
        config = uvicorn.Config(
            "tests.benchmark.static:create_static",
            factory=True,
            workers=int(sys.argv[1]),
            log_level="warning",
            access_log=False,
        )
        if config.workers == 1:
            uvicorn.Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, [listener]).run()


if __name__ == "__main__":
    main()
