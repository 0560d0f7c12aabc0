"""The header with the tags of a response, by which a CDN can purge it.

Each CDN has a header of its own, with a separator and limits. A response whose tags exceed the
limits may not be kept by the CDN at all: without them it would stay for its whole lifetime.
"""

from base64 import urlsafe_b64encode
from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

EVERYTHING = b"*"
"""The tag of every response."""


class TagsHeader(NamedTuple):
    """How a cache takes tags."""

    name: str
    separator: str
    most: int
    """The most tags of a response."""
    longest: int
    """The longest value, in bytes."""
    quote: str = ""

    def value(self, tags: Collection[bytes]) -> bytes | None:
        """The value of the header; None if the tags do not fit."""
        if len(tags) >= self.most:
            return None
        short = [hashed(EVERYTHING), *sorted(map(hashed, tags))]
        value = self.separator.join(f"{self.quote}{each}{self.quote}" for each in short)
        return value.encode() if len(value) <= self.longest else None


class TagsPreset(StrEnum):
    """The caches whose headers are known; see docs/operating.md."""

    NONE = "none"
    FASTLY = "fastly"
    CLOUDFLARE = "cloudflare"
    VERCEL = "vercel"
    NETLIFY = "netlify"
    BUNNY = "bunny"
    VARNISH = "varnish"
    CACHE_GROUPS = "cache-groups"


HEADERS: dict[TagsPreset, TagsHeader] = {
    # https://www.fastly.com/documentation/reference/http/http-headers/Surrogate-Key/
    TagsPreset.FASTLY: TagsHeader("surrogate-key", " ", 1_500, 16_384),
    # https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/
    TagsPreset.CLOUDFLARE: TagsHeader("cache-tag", ",", 1_000, 16_384),
    # https://vercel.com/docs/caching/cdn-cache/purge
    TagsPreset.VERCEL: TagsHeader("vercel-cache-tag", ",", 128, 8_192),
    # https://docs.netlify.com/build/caching/caching-overview/
    TagsPreset.NETLIFY: TagsHeader("netlify-cache-tag", ",", 500, 8_192),
    # https://docs.bunny.net/docs/cdn-tag-purge
    TagsPreset.BUNNY: TagsHeader("cdn-tag", ",", 1_000, 8_192),
    # https://github.com/varnish/varnish-modules/blob/master/src/vmod_xkey.vcc
    TagsPreset.VARNISH: TagsHeader("xkey", " ", 700, 8_000),
    # https://www.rfc-editor.org/rfc/rfc9875: a cache has to support 32 groups.
    TagsPreset.CACHE_GROUPS: TagsHeader("cache-groups", ", ", 32, 8_192, '"'),
}
"""Where a cache has no limit, it is what servers take in one header."""


@lru_cache(maxsize=50_000)
def hashed(tag: bytes) -> str:
    """A tag as caches see it: eight characters, which say nothing of the content."""
    return urlsafe_b64encode(blake2b(tag, digest_size=6).digest()).decode()
