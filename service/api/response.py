"""A response to a read: the bytes of its body, in each coding, and what it depends on."""

from dataclasses import dataclass, field
from functools import cached_property

from xxhash import xxh3_128_hexdigest

from schema.planner.answers import Version
from schema.planner.tags import Tag
from service.api.codings import Coding, compressed
from service.api.documents import DocumentReference


@dataclass(eq=False)
class Response:
    """The body of a response, made at a version of the content."""

    body: bytes
    version: Version
    """The version of the content that it shows."""
    tags: frozenset[Tag] | None = None
    """What it depends on, see `schema.planner.tags`; None if that is not known."""
    document: DocumentReference | None = None
    """The document that has to be known for the response to be sent again."""
    is_public: bool = False
    """Whether everybody gets it: it shows published content, and was asked for without a token."""
    era: int = 0
    """The era of `service.freshness` in which it was begun."""
    right_at: Version | None = None
    """The newest version for which it was found to be right since."""
    _encoded: dict[Coding, bytes] = field(default_factory=dict)

    @property
    def shown(self) -> Version:
        """The newest version of the content that it is known to show."""
        return self.right_at or self.version

    @cached_property
    def _hash(self) -> str:
        return xxh3_128_hexdigest(self.body)

    def entity_tag(self, coding: Coding | None) -> bytes:
        """The `ETag` of the body in a coding: the same in all processes, and in all releases."""
        return f'"{self._hash}-{coding}"'.encode() if coding else f'"{self._hash}"'.encode()

    def encoded(self, coding: Coding | None) -> bytes:
        """The body in a coding, which is made once; None is the body as it is."""
        if coding is None:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = compressed(coding, self.body)
        return self._encoded[coding]

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, with its codings."""
        return 2_000 + len(self.body) * 3 // 2 + 120 * len(self.tags or ())
