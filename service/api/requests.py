"""GraphQL over HTTP: the parameters of a request.

https://graphql.github.io/graphql-over-http/draft/. Nothing here depends on a web framework.
"""

from codecs import BOM_UTF8
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

import orjson

from schema.errors import ErrorCode, request_error
from service.errors import RequestError
from service.negotiation import parameters_of

JSON = "application/json"


class Request(NamedTuple):
    """A GraphQL request; its document has not been parsed yet."""

    query: str
    """The document; empty if the request names one that it does not send."""
    variables: dict[str, Any]
    operation_name: str | None
    safe: bool = False
    """Whether its HTTP method is a safe one, such as GET: it must not change anything."""
    size: int = 0
    """The length of its body or of its parameters."""
    parameters: Mapping[str, Any] = MappingProxyType({})
    """All that was sent; `service.api.documents` looks there for the names of documents."""


class Sent(NamedTuple):
    """What a client has sent, which has not been parsed yet."""

    content: bytes
    """The body of a POST, or the query string of a GET."""
    content_type: str | None = None
    """The content type of a body."""


class ProtocolError(RequestError):
    """An HTTP request that is not a GraphQL request."""

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        code: ErrorCode = ErrorCode.BAD_REQUEST,
    ) -> None:
        super().__init__([request_error(code, message)], status, headers)


def from_body(body: bytes, content_type: str) -> Request:
    """The request in the body of a POST."""
    media_type, _, parameters = content_type.lower().partition(";")
    charset = dict(parameters_of(parameters)).get("charset", "utf-8")
    if media_type.strip() != JSON or charset not in {"utf-8", "utf8"}:
        said = f"The content type {content_type!r} is not supported; send {JSON} in UTF-8."
        raise ProtocolError(415, said)
    content = _json(body, "The body")
    if isinstance(content, list):
        raise ProtocolError(400, "Batches are not supported; send each request by itself.")
    if not isinstance(content, dict):
        raise ProtocolError(400, 'The body has to be a JSON object such as {"query": "{ … }"}.')
    return _request(content)._replace(size=len(body))


def from_parameters(parameters: Mapping[str, str]) -> Request:
    """The request in the query string of a GET."""
    content: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if content.get(name):
            content[name] = _json(str(content[name]).encode(), f"`{name}`")
        else:
            content.pop(name, None)
    content["operationName"] = content.get("operationName") or None
    size = sum(len(value) for value in parameters.values())
    return _request(content)._replace(safe=True, size=size)


def refuse_change(operation: str) -> NoReturn:
    """Refuse an operation that is not a query but was sent with GET.

    A link or an image on any page can make a browser send a GET with its cookies. A browser sends
    JSON to another site by POST only if that site allows it.
    """
    said = f"A {operation} cannot be sent with GET; send it with POST."
    raise ProtocolError(405, said, {"Allow": "POST"})


def _json(text: bytes, what: str) -> Any:
    try:
        # RFC 8259, section 8.1: a byte order mark may be ignored, and some clients send one.
        return orjson.loads(text.removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise ProtocolError(400, f"{what} is not valid JSON in UTF-8: {error}.") from error


def _request(content: Mapping[str, Any]) -> Request:
    query = content.get("query")
    variables = content.get("variables")
    operation_name = content.get("operationName")
    if not isinstance(query, str | None):
        raise ProtocolError(400, "`query` has to be a string with the GraphQL document.")
    if not isinstance(variables, dict | None):
        raise ProtocolError(400, "`variables` has to be an object.")
    if not isinstance(operation_name, str | None):
        raise ProtocolError(400, "`operationName` has to be a string.")
    if not isinstance(content.get("extensions"), dict | None):
        raise ProtocolError(400, "`extensions` has to be an object.")
    return Request(query or "", variables or {}, operation_name, parameters=content)
