"""Compressed bodies: https://www.rfc-editor.org/rfc/rfc9110#section-8.4."""

import asyncio
import json
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.codings import Coding, chosen, compressed, decoder
from service.api.requests import ProtocolError
from tests.asking import Asker, asking
from tests.processes import DIRECT, Command, memory, serving

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = json.dumps({"query": '{ tool(slug: "java") { name } }'}).encode()
ANSWER = {"data": {"tool": {"name": "Java"}}}
GZIP = 31
LIMIT = 1_000_000

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: zlib.compress(body, wbits=GZIP),
    "x-gzip": lambda body: zlib.compress(body, wbits=GZIP),
    "GZip": lambda body: zlib.compress(body, wbits=GZIP),
    "br": brotli.compress,
    "zstd": zstd.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}
CODED = ["gzip", "br", "zstd", "deflate"]


async def post(asker: Asker, body: bytes, coding: str, **options: str) -> httpx2.Response:
    headers = {"content-type": "application/json", "content-encoding": coding, **options}
    return await asker.http.post("/graphql", content=body, headers=headers)


def said(response: httpx2.Response) -> str:
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    message: str = error["message"]
    return message


@pytest.mark.parametrize("coding", ENCODERS)
async def test_a_body_may_be_compressed(seeds: Asker, coding: str) -> None:
    response = await post(seeds, ENCODERS[coding](BODY), coding)
    assert (response.status_code, response.json()) == (200, ANSWER)


@pytest.mark.parametrize("coding", ["compress", "gzip, br", "gzip, gzip", "aes128gcm", "*"])
async def test_an_unknown_coding_is_refused_with_those_that_are_known(
    seeds: Asker, coding: str
) -> None:
    response = await post(seeds, BODY, coding)
    assert response.status_code == 415
    assert response.headers["accept-encoding"] == "gzip, br, zstd, deflate"
    assert said(response) == (
        f"The body has the content encoding {coding!r}; send it with one of gzip, br, zstd, "
        "deflate, or without one."
    )


@pytest.mark.parametrize("coding", CODED)
async def test_a_body_that_is_not_what_it_says_is_refused(seeds: Asker, coding: str) -> None:
    for broken in (BODY, bytes([255]) * 50):
        response = await post(seeds, broken, coding)
        assert response.status_code == 400
        assert said(response) == (
            f"The body is not valid {coding}, which its `Content-Encoding` says it is."
        )


@pytest.mark.parametrize("coding", CODED)
async def test_a_body_that_is_not_complete_is_refused(seeds: Asker, coding: str) -> None:
    encoded = ENCODERS[coding](BODY)
    for size in (0, 1, len(encoded) // 2, len(encoded) - 1):
        response = await post(seeds, encoded[:size], coding)
        assert response.status_code == 400
        assert said(response) == f"The body ends before its {coding} data does; send all of it."


@pytest.mark.parametrize("coding", CODED)
async def test_nothing_may_follow(seeds: Asker, coding: str) -> None:
    encoded = ENCODERS[coding](BODY)
    response = await post(seeds, encoded + encoded, coding)
    assert response.status_code == 400
    message = said(response)
    assert message == (
        "The body is not valid br, which its `Content-Encoding` says it is."
        if coding == "br"
        else f"The body goes on after the end of its {coding} data; send one stream only."
    )


@pytest.mark.parametrize("coding", CODED)
async def test_the_limit_counts_what_comes_out(seeded: str, coding: str) -> None:
    async with asking(seeded, body_limit=200) as asker:
        fits = await post(asker, ENCODERS[coding](BODY.ljust(200)), coding)
        assert fits.json() == ANSWER
        response = await post(asker, ENCODERS[coding](BODY.ljust(201)), coding)
        assert response.status_code == 413
        assert said(response).startswith("The body exceeds the limit of 200 bytes")


@given(st.binary(max_size=300), st.sampled_from([*CODED, "identity"]), st.data())
def test_a_body_may_come_in_any_parts(body: bytes, coding: str, data: st.DataObject) -> None:
    encoded = ENCODERS[coding](body)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=5)))
    made, decoded = decoder(coding.encode()), b""
    for start, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True):
        decoded += made.decode(encoded[start:end], 1 + len(body) - len(decoded))
    made.end()
    assert decoded == body


@given(st.binary(max_size=60), st.sampled_from(CODED))
def test_whatever_is_sent_is_decoded_or_refused(body: bytes, coding: str) -> None:
    made = decoder(coding.encode())
    with suppress(ProtocolError):
        made.decode(body, 1_000)
        made.end()


@pytest.fixture(scope="module")
def service(seeded: str) -> Iterator[Command]:
    with serving(DATABASE_URL=seeded) as process:
        yield process


@pytest.mark.parametrize("coding", CODED)
async def test_a_gigabyte_of_zeros_is_not_held(service: Command, coding: str) -> None:
    bomb = _zeros(coding, 1_000)
    assert len(bomb) < LIMIT
    headers = {"content-type": "application/json", "content-encoding": coding}
    address = await asyncio.to_thread(service.address)
    async with httpx2.AsyncClient(base_url=address, **DIRECT) as http:
        await http.post("/graphql", content=ENCODERS[coding](BODY), headers=headers)
        before = memory(service.process.pid)
        for _ in range(3):
            response = await http.post("/graphql", content=bomb, headers=headers)
            assert response.status_code == 413
        assert memory(service.process.pid) - before < 20


def _zeros(coding: str, megabytes: int) -> bytes:
    """The beginning of a body of that many megabytes of zeros."""
    part = bytes(1_000_000)
    if coding == "br":
        encoder = brotli.Compressor(quality=1)
        return b"".join(encoder.process(part) for _ in range(megabytes))
    if coding == "zstd":
        other = zstd.ZstdCompressor()
        return b"".join(other.compress(part) for _ in range(megabytes))
    plain = zlib.compressobj(9, wbits=GZIP if coding == "gzip" else zlib.MAX_WBITS)
    first, *more = (plain.compress(part) + plain.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + megabytes * more[0]


DECODERS: Mapping[Coding, Callable[[bytes], bytes]] = {
    Coding.GZIP: lambda body: zlib.decompress(body, wbits=GZIP),
    Coding.BR: brotli.decompress,
    Coding.ZSTD: zstd.decompress,
}


@pytest.mark.parametrize("coding", Coding)
@pytest.mark.parametrize("body", [b"", BODY, BODY * 1_000], ids=["nothing", "a body", "much"])
def test_a_response_is_compressed_the_same_each_time(coding: Coding, body: bytes) -> None:
    encoded = compressed(coding, body)
    assert DECODERS[coding](encoded) == body
    assert compressed(coding, body) == encoded
    assert not body or len(compressed(coding, body * 10)) < len(body * 10) / 5


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (b"gzip, deflate, br, zstd", Coding.BR),
        (b"gzip, deflate, zstd", Coding.ZSTD),
        (b"GZIP", Coding.GZIP),
        (b"zstd;q=0.4, gzip;q=0.5, br;q=0", Coding.GZIP),
        (b"br ; q=0, zstd;q=0.000 , *", Coding.GZIP),
        (b"*", Coding.BR),
        (b"*;q=0.5, gzip", Coding.GZIP),
        (b"*;q=0.5, br;q=0.1", Coding.ZSTD),
        (b"identity, gzip;q=0.5", None),
        (b"identity;q=0.5, gzip;q=0.5", Coding.GZIP),
        (b"identity;q=0, gzip;q=0.001", Coding.GZIP),
        (b"identity;q=0", None),
        (b"*;q=0", None),
        (b"gzip;q=0", None),
        (b"gzip;q=much", None),
        (b"deflate, compress", None),
        (b"", None),
        (b"\xff, ,;,q=1", None),
    ],
)
def test_the_coding_that_a_client_prefers_is_chosen(accepted: bytes, coding: Coding | None) -> None:
    assert chosen(accepted) is coding
