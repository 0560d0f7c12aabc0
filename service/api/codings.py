"""The codings of bodies: requests are decoded, and responses can be encoded.

https://www.rfc-editor.org/rfc/rfc9110#section-8.4
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it has no types

from service.api.requests import ProtocolError
from service.negotiation import accepted_codings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP = zlib.MAX_WBITS + 16
_WINDOW = 23
"""The largest window of zstd in HTTP, as a power of two: https://www.rfc-editor.org/rfc/rfc9659."""


class Coding(StrEnum):
    """A coding of responses, the one with the smallest bodies first."""

    BR = "br"
    ZSTD = "zstd"
    GZIP = "gzip"


def _brotli(body: bytes) -> bytes:
    encoded: bytes = brotli.compress(body, quality=5)
    return encoded


# The levels beyond which a few bytes less take several times as long. For a guide of 46 kB, in
# three languages: br 7.7 kB in 0.4 ms, zstd 8.0 kB in 0.25 ms, gzip 8.3 kB in 0.4 ms. For an
# introspection of 500 kB: 24 kB in 1.9 ms, 24 kB in 1.5 ms, 32 kB in 3.2 ms.
_ENCODERS: Mapping[Coding, Callable[[bytes], bytes]] = {
    Coding.BR: _brotli,
    Coding.ZSTD: lambda body: zstd.compress(body, 9),
    Coding.GZIP: lambda body: zlib.compress(body, 6, _GZIP),
}


def compressed(coding: Coding, body: bytes) -> bytes:
    """The body in a coding. Equal bodies make equal bytes, in every process."""
    return _ENCODERS[coding](body)


@lru_cache(maxsize=256)
def chosen(accept_encoding: bytes) -> Coding | None:
    """The coding that a client prefers by its `Accept-Encoding`; None for a body without one.

    A body without a coding is acceptable whatever the client says: an error would help nobody.
    """
    found = accepted_codings(accept_encoding.decode("latin-1"), [*Coding])
    return Coding(found[0]) if found else None


class Decoder(Protocol):
    """Decodes a body that arrives in parts."""

    def decode(self, part: bytes, most: int) -> bytes:
        """What a part contains. If there is more than `most`, at least `most` bytes of it.

        In that case the body cannot be decoded any further. Raises `ProtocolError` for what is not
        in this coding.
        """

    def end(self) -> None:
        """Raise `ProtocolError` if the body is not complete."""


class _Decompressor(Protocol):
    """A decompressor as the standard library makes them."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class _Brotli:
    """Brotli's decompressor, with the interface of the standard library's."""

    unused_data = b""
    """It refuses what follows the end."""

    def __init__(self) -> None:
        self._inner = brotli.Decompressor()

    def decompress(self, data: bytes, max_length: int) -> bytes:
        # It exceeds the length by up to 32 kB.
        decoded: bytes = self._inner.process(data, output_buffer_limit=max_length)
        return decoded

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())


_DECOMPRESSORS: Mapping[str, Callable[[], _Decompressor]] = {
    "gzip": lambda: zlib.decompressobj(_GZIP),
    "br": _Brotli,
    "zstd": lambda: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: _WINDOW}
    ),
    "deflate": zlib.decompressobj,
}
DECODED = ", ".join(_DECOMPRESSORS)
"""The codings of requests, as `Accept-Encoding` names them."""


class _Identity:
    """Decodes a body that has no coding."""

    def decode(self, part: bytes, _: int) -> bytes:
        return part

    def end(self) -> None:
        pass


class _Coded:
    """Decodes a body that is one stream of a coding."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._decompressor = _DECOMPRESSORS[coding]()

    def decode(self, part: bytes, most: int) -> bytes:
        if not part:
            return part
        if self._decompressor.eof:
            raise self._goes_on()
        try:
            decoded = self._decompressor.decompress(part, most)
        except (zlib.error, zstd.ZstdError, brotli.error) as error:
            said = f"The body is not valid {self._coding}, which its `Content-Encoding` says it is."
            raise ProtocolError(400, said) from error
        if self._decompressor.unused_data:
            raise self._goes_on()
        return decoded

    def end(self) -> None:
        if not self._decompressor.eof:
            said = f"The body ends before its {self._coding} data does; send all of it."
            raise ProtocolError(400, said)

    def _goes_on(self) -> ProtocolError:
        said = f"The body goes on after the end of its {self._coding} data; send one stream only."
        return ProtocolError(400, said)


def decoder(content_encoding: bytes) -> Decoder:
    """A decoder for a body with this `Content-Encoding`; raises `ProtocolError` 415 if it is none.

    A body may have one coding: each further one would multiply what can come out of a few bytes.
    """
    coding = content_encoding.decode("latin-1").strip().lower()
    if coding in {"", "identity"}:
        return _Identity()
    # RFC 9110, section 8.4.1.3.
    coding = "gzip" if coding == "x-gzip" else coding
    if coding not in _DECOMPRESSORS:
        said = (
            f"The body has the content encoding {coding!r}; send it with one of {DECODED}, or "
            "without one."
        )
        raise ProtocolError(415, said, {"Accept-Encoding": DECODED})
    return _Coded(coding)
