"""The opaque value of `next`, `prev` and `first` links: where in an answer a page begins.

Bound to the release, the layer, the conditions, the order and the way features are shown: used with anything else, or
altered, it is refused. Its seal is not a secret, only a check: who forges it with care gets another page of the same
public data.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from config.models import Text
from releases.query import Query
from server.problems import Wrong

_SEAL: Final = 8


class Cursors:
    """The cursors of one answer, bound to all that it depends on."""

    def __init__(self, *bound: object) -> None:
        self._digest = hashlib.blake2b(repr(bound).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def cursor(self, start: int) -> str:
        """The cursor of the page that begins behind the first `start` features."""
        place = start.to_bytes(8, "big")
        return base64.urlsafe_b64encode(place + self._seal(place)).decode()

    def start(self, text: str) -> int:
        """Where the page of a cursor begins; Wrong when it is not one of these."""
        try:
            data = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            data = b""
        place, seal = data[:8], data[8:]
        # Written again and compared, because base64 has several spellings of the same bytes.
        if (
            len(data) != 8 + _SEAL
            or seal != self._seal(place)
            or base64.urlsafe_b64encode(data).decode() != text
        ):
            raise Wrong(
                Text(zh="不是这一查询在该版次的续页标记", en="is no cursor of this query in this release"),
                Text(
                    zh="上一页 next、prev 或 first 链接中的原值，其余参数不变",
                    en="the value in the last page's next, prev or first link, all else unchanged",
                ),
            )
        return int.from_bytes(place, "big")

    def _seal(self, place: bytes) -> bytes:
        return hashlib.blake2b(self._digest + place, digest_size=_SEAL).digest()


class Binding(Cursors):
    """The cursors of a query."""

    def __init__(self, release: str, layer: str, query: Query, *shown: object) -> None:
        super().__init__(release, layer, query.where.digest, query.order, shown)
