"""/metrics: the figures of a worker, as Prometheus reads them.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import os

from starlette.requests import Request
from starlette.responses import Response

from service.api.response_cache import ResponseCache

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request) -> Response:
    """Answer the figures of the worker that the request came to."""
    responses: ResponseCache = request.state.responses
    worker = f'{{worker="{os.getpid()}"}}'
    lines = [
        line
        for name, kind, help_, value in responses.figures()
        for line in (
            f"# HELP guidepost_{name} {help_}",
            f"# TYPE guidepost_{name} {kind}",
            f"guidepost_{name}{worker} {value}",
        )
    ]
    return Response("\n".join([*lines, ""]), media_type=CONTENT_TYPE)
