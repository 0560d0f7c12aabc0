"""Static bytes from a bare Starlette route: as fast as an answer can be sent.

`python -m tests.benchmark.static <size> …` serves so many bytes at `/<size>`.
"""

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def create_static(sizes: list[int]) -> Starlette:
    """A route for each size."""

    def route(size: int) -> Route:
        body = b"x" * size

        async def answer(_: Request) -> Response:
            return Response(body, media_type="application/json")

        return Route(f"/{size}", answer, methods=["GET", "POST"])

    return Starlette(routes=[route(each) for each in sizes])


def main() -> None:
    """Serve on any free port, and say where."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stderr.write(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql\n")
        sys.stderr.flush()
        app = create_static([int(each) for each in sys.argv[1:]])
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
