"""The documents of requests, also of those that name one by an id instead of sending its text.

    documentId                                 GraphQL over HTTP, appendix A; registered ids too
    /graphql/{documentId}                      the same, in the address
    extensions.persistedQuery.sha256Hash       Apollo Client and urql
    doc_id, id                                 Relay

An id is `sha256:` and the hash of the text, or anything under which a document is registered. A
document that comes with its hash is remembered, if it is valid, so that the next request can have
the hash alone. After `PersistedQueryNotFound`, Apollo Client and urql send both.
"""

import enum
from collections.abc import Awaitable, Callable, Iterator, Mapping
from sys import getsizeof
from typing import Any, NamedTuple, NoReturn, Protocol

from schema.errors import ErrorCode, request_error
from service.api.requests import ProtocolError, Request
from service.cache import Cache
from service.errors import RequestError
from service.messages import shortened
from service.persisted_documents import hash_of, normal_id

SENT = 16_000_000
"""The largest size, in bytes, of all documents that are remembered because they were sent."""
UNCACHED = {"Cache-Control": "private, no-store"}
"""A miss must not be kept: the document may be known a moment later."""

LookUp = Callable[[str], Awaitable[str | None]]
"""Answers the document that is registered under an id, without `sha256:`, or with a hash."""

_ENTRY = 300
"""About how many bytes a remembered document takes besides its text."""


class Form(enum.Enum):
    """How a request says which document it means; the value is the name for messages."""

    TEXT = "query"
    ADDRESS = "/graphql/{documentId}"
    DOCUMENT_ID = "documentId"
    PERSISTED_QUERY = "extensions.persistedQuery.sha256Hash"
    DOC_ID = "doc_id"
    ID = "id"


class DocumentReference(NamedTuple):
    """Which document a request means."""

    form: Form
    id: str
    """Without `sha256:`."""

    def refuse(self) -> NoReturn:
        """Raise the error for a document that is not known."""
        match self.form:
            case Form.TEXT:
                code, message = ErrorCode.DOCUMENT_NOT_REGISTERED, _NOT_REGISTERED
                raise RequestError([request_error(code, message)], 403)
            case Form.PERSISTED_QUERY:
                # Apollo Client and urql send the document after exactly this message.
                code, message = ErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"
                raise RequestError([request_error(code, message)], 200, UNCACHED)
        code, message = ErrorCode.UNKNOWN_DOCUMENT, _UNKNOWN.format(self.id)
        raise RequestError([request_error(code, message)], headers=UNCACHED)


_NOT_REGISTERED = (
    "Without a token, only registered documents are answered, and this one is not registered. "
    "Register it with `guidepost documents register`, or send a token in the header "
    "`Authorization: Bearer …`."
)
_UNKNOWN = (
    "No document is registered under the id {!r}. Register it with `guidepost documents register`, "
    "or send the document in `query`."
)


class Sender(Protocol):
    """Who sent a request, and to which address."""

    @property
    def is_trusted(self) -> bool:
        """Whether documents need not be registered, whatever the settings say."""

    @property
    def document(self) -> str | None:
        """The id of a document in the address."""


class ResolvedRequest(NamedTuple):
    """A request with its document."""

    request: Request
    reference: DocumentReference | None = None
    """What has to be known for the same request to be answered again; None if nothing has to be."""
    hash: str | None = None
    """The hash of its document, if it came with the text."""


class DocumentResolver:
    """Finds the documents of requests."""

    def __init__(self, registered: LookUp, *, only_registered: bool) -> None:
        self._registered = registered
        self._only_registered = only_registered
        """Whether only these are answered without a token."""
        self._sent = Cache[str, str](SENT)
        """By their hashes."""

    async def resolved(self, request: Request, sender: Sender) -> ResolvedRequest:
        """A request with its document.

        Raises `RequestError` if the document is not known, or is not the one that is named.
        """
        reference = _reference(request, sender.document)
        is_empty = not request.query and request.parameters.get("query") is None
        if is_empty and reference is None:
            said = "The request has no document: send it in `query`, or its id in `documentId`."
            raise ProtocolError(400, said)
        if request.query or reference is None:
            return await self._with_text(request, reference, sender)
        text = await self._text(reference, sender)
        size = request.size + len(text)
        return ResolvedRequest(request._replace(query=text, size=size), reference)

    async def require(self, reference: DocumentReference, sender: Sender) -> None:
        """Raise `RequestError` if a document that was found before is not to be found now."""
        if reference.form is not Form.TEXT or not sender.is_trusted:
            await self._text(reference, sender)

    def remember(self, resolved: ResolvedRequest) -> None:
        """Remember the document of a request, which is valid, if its hash came with it."""
        if resolved.hash is not None and self._sent.get(resolved.hash) is None:
            text = resolved.request.query
            self._sent.put(resolved.hash, text, _ENTRY + getsizeof(text))

    async def _with_text(
        self, request: Request, reference: DocumentReference | None, sender: Sender
    ) -> ResolvedRequest:
        if reference is not None:
            _require_match(request.query, reference)
        hash_ = reference.id if reference else None
        if not self._only_registered:
            return ResolvedRequest(request, hash=hash_)
        # Also with a token: the next request with the same body may have none.
        text = DocumentReference(Form.TEXT, hash_ or hash_of(request.query))
        await self.require(text, sender)
        return ResolvedRequest(request, text, hash_)

    async def _text(self, reference: DocumentReference, sender: Sender) -> str:
        may_be_any = sender.is_trusted or not self._only_registered
        text = self._sent.get(reference.id) if may_be_any else None
        if text is None:
            text = await self._registered(reference.id)
        if text is None:
            reference.refuse()
        return text


def _require_match(text: str, reference: DocumentReference) -> None:
    if reference.id == (hash_ := hash_of(text)):
        return
    if reference.form is Form.PERSISTED_QUERY:
        # As Apollo Server says it.
        raise ProtocolError(400, "provided sha does not match query")
    said = f"`{reference.form.value}` is not the hash of `query`, which is sha256:{hash_}"
    raise ProtocolError(400, f"{said}; send only one of them.")


def _reference(request: Request, address: str | None) -> DocumentReference | None:
    """What a request says of its document besides its text."""
    found = [*_references(request.parameters, address)]
    if not found and not request.query:
        found = [*_relay(request.parameters)]
    if len({each.id for each in found}) > 1:
        said = " and ".join(f"`{each.form.value}`" for each in found)
        raise ProtocolError(400, f"{said} name different documents; send one of them.")
    return found[0] if found else None


def _references(parameters: Mapping[str, Any], address: str | None) -> Iterator[DocumentReference]:
    if address is not None:
        yield _checked(Form.ADDRESS, address)
    if parameters.get("documentId") not in (None, ""):  # it may be a list
        yield _checked(Form.DOCUMENT_ID, parameters["documentId"])
    extensions = parameters.get("extensions")
    said = extensions.get("persistedQuery") if extensions else None
    if said is not None:
        if not isinstance(said, dict) or said.get("version") != 1:
            form = '{"version": 1, "sha256Hash": "…"}'
            raise ProtocolError(400, f"`extensions.persistedQuery` has to be {form}.")
        yield _checked(Form.PERSISTED_QUERY, said.get("sha256Hash"))


def _relay(parameters: Mapping[str, Any]) -> Iterator[DocumentReference]:
    """The ids of Relay's network layers, whose names others use for other things."""
    for form in (Form.DOC_ID, Form.ID):
        if parameters.get(form.value):
            yield _checked(form, parameters[form.value])


def _checked(form: Form, said: Any) -> DocumentReference:
    """A reference by an id as it was sent; raises `ProtocolError` if it is none."""
    try:
        if not isinstance(said, str):
            raise ValueError("it has to be a string")
        return DocumentReference(form, normal_id(said))
    except ValueError as error:
        shown = shortened(repr(said), 200)
        raise ProtocolError(400, f"`{form.value}` is {shown}: {error}.") from error
