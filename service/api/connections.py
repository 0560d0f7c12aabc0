"""Connections with clients, with limits that uvicorn does not have.

uvicorn accepts request heads of any size and any number of connections. It waits forever for the
rest of a head, and for a client to read its response. A proxy in front usually limits all of these;
a service that clients reach directly needs its own limits.
"""

from asyncio import TimerHandle, Transport
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.process import Drain
from service.settings import Settings


class ClientConnection(HttpToolsProtocol):
    """A connection that enforces the limits in the settings."""

    def __init__(self, settings: Settings, **options: Any) -> None:
        super().__init__(**options)
        self._settings = settings
        self._timer: TimerHandle | None = None
        self._in_head = True
        self._head_size = 0
        """The bytes received of it, except those that came with the end of the request before."""
        self._is_refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > self._settings.connection_limit:
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The server has too many connections; try again later.",
            )
        else:
            self._expect(self._end_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_expecting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse more of the request, unless its head is too large already."""
        if self._in_head:
            if self._is_too_large(self._head_size):
                return
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size and self._timer is None:
            self._expect(self._end_idle)

    def on_headers_complete(self) -> None:
        """Begin a request, unless its head is too large."""
        self._in_head = False
        self._stop_expecting()
        fields = sum(len(name) + len(value) for name, value in self.headers)
        if not self._is_too_large(len(self.url) + fields):
            super().on_headers_complete()
            self._close_if_draining()

    def _close_if_draining(self) -> None:
        """Let the connection end with this response if the process is about to end.

        A client that sends another request over it might send it to nobody.
        """
        drain: Drain | None = self.app_state.get("drain")
        # An upgrade may have no cycle of a request and its response.
        if drain is not None and drain.is_on and not self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body, unless the request was refused."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Get ready for the head of the next request."""
        self._in_head, self._head_size = True, 0
        if not self._is_refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        """Give the client time to read, after which the connection is aborted."""
        super().pause_writing()
        self._expect(self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timer: the client reads again."""
        self._stop_expecting()
        super().resume_writing()

    def _expect(self, otherwise: Callable[[], None]) -> None:
        self._stop_expecting()
        self._timer = self.loop.call_later(self._settings.idle_timeout, otherwise)

    def _stop_expecting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_idle(self) -> None:
        if self._head_size:
            said = "The headers of the request did not arrive in time; send the request again."
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, said)
        else:
            self.transport.close()

    def _is_too_large(self, size: int) -> bool:
        """Whether a head of this size is too large; if so, it is refused."""
        limit = self._settings.head_limit
        if size > limit:
            said = f"The address and the headers exceed the limit of {limit} bytes; shorten them."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, said)
        return size > limit

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        """Respond without calling the application, and close the connection."""
        if not self._is_refused:
            self._is_refused = True
            self.transport.write(_response(status, said))
            self.transport.close()


def limited(settings: Settings) -> type[ClientConnection]:
    """What makes connections with these limits: uvicorn's option `http`.

    uvicorn calls it as it would call a class. Unlike a class that is made here, it can be sent to
    another process.
    """
    return cast(type[ClientConnection], partial(ClientConnection, settings))


def _response(status: HTTPStatus, said: str) -> bytes:
    return (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "content-type: text/plain; charset=utf-8\r\n"
        f"content-length: {len(said) + 1}\r\n"
        "cache-control: no-store\r\n"
        "x-content-type-options: nosniff\r\n"
        "connection: close\r\n"
        "\r\n"
        f"{said}\n"
    ).encode()
