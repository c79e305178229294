"""The server that is harvested, as any client of it over HTTP sees it.

Only addresses that docs/harvest.md names are asked for. A connection that breaks and an answer of 5xx or 429 are tried
again, each time after a longer pause; whatever else is no answer is told at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

import orjson
import requests

from releases.harvest.failure import Gone, NoLayer, ServerFailed

#: Seconds to connect, and between two pieces of an answer.
TIMEOUT: Final = (10.0, 60.0)
#: Seconds before an address is tried again.
PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
#: Bytes of one answer at most: sixteen times what a page is planned to have.
LARGEST: Final = 2**27
#: An answer that may be another one in a moment.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_PIECE: Final = 2**18
#: No network is between, and coding would only cost both sides time. Elsewhere gzip, which `requests` always decodes, as it
#: does zstd only with a newer urllib3: text of features is a fifth by it.
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Page(NamedTuple):
    """The body of an answer, and where the next one is; None behind the last."""

    body: bytes
    following: str | None


class Unchanged(Exception):
    """The answer is the one that was had before."""


class Service:
    """A server by its base address; `pauses` are the seconds between tries."""

    def __init__(self, url: str, pauses: tuple[float, ...] = PAUSES) -> None:
        self.url = url.rstrip("/")
        self._pauses = pauses
        self._session = requests.Session()
        here = urlsplit(self.url).hostname in _HERE
        self._session.headers["Accept-Encoding"] = "identity" if here else "gzip"
        self._session.headers["User-Agent"] = "blueprint-harvest"
        self._tag: str | None = None

    def manifest(self, watched: bool = False) -> bytes:
        """The current release's manifest, byte for byte as it was sealed.

        Watched, Unchanged is raised when it is the one that was had before.
        """
        headers = {"If-None-Match": self._tag} if watched and self._tag else {}
        body, answer = self._fetched(f"{self.url}/manifest?f=json", headers)
        self._tag = answer.headers.get("ETag")
        return body

    def document(self, path: str) -> bytes | None:
        """A small document below the base address; None where there is none."""
        try:
            return self._fetched(f"{self.url}{path}")[0]
        except NoLayer:
            return None

    def pages(self, release: str, layer: str, limit: int, start: str | None = None) -> Iterator[Page]:
        """A layer's features of a release in the order of ids, `limit` on a page, from `start` on."""
        address = start or (
            f"{self.url}/releases/{quote(release)}/collections/{quote(layer)}/items?f=geojsonseq&limit={limit}"
        )
        while True:
            body, answer = self._fetched(address)
            following = answer.links.get("next", {}).get("url")
            yield Page(body, following)
            if following is None:
                return
            address = following

    def changes(self, release: str, layer: str, since: str, limit: int) -> Iterator[dict[str, Any]]:
        """The pages of a layer's changes between two releases, sorted by id."""
        address: str | None = (
            f"{self.url}/releases/{quote(release)}/collections/{quote(layer)}/changes"
            f"?since={quote(since)}&f=json&limit={limit}"
        )
        while address:
            body, _ = self._fetched(address)
            try:
                page = orjson.loads(body)
                links = {link["rel"]: link["href"] for link in page["links"]}
            except (ValueError, KeyError, TypeError) as fault:
                raise _unreadable(address, fault) from fault
            yield page
            address = links.get("next")

    def _fetched(
        self, address: str, headers: dict[str, str] | None = None
    ) -> tuple[bytes, requests.Response]:
        for pause in (*self._pauses, None):
            try:
                return self._tried(address, headers or {})
            except _Passing as fault:
                if pause is None:
                    raise ServerFailed(
                        f"{address} 没有应答（{fault}）", f"{address} does not answer ({fault})"
                    ) from fault
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _tried(self, address: str, headers: dict[str, str]) -> tuple[bytes, requests.Response]:
        try:
            with self._session.get(address, headers=headers, timeout=TIMEOUT, stream=True) as answer:
                if answer.status_code == 304:
                    raise Unchanged
                _judged(address, answer)
                return _whole(address, answer), answer
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as fault:
            raise _Passing(type(fault).__name__) from fault
        except requests.RequestException as fault:
            raise ServerFailed(
                f"{address} 无法访问：{fault}", f"{address} cannot be asked: {fault}"
            ) from fault


class _Passing(Exception):
    """Worth another try."""


def _judged(address: str, answer: requests.Response) -> None:
    status = answer.status_code
    if status in _PASSING:
        raise _Passing(f"{status}")
    if status == 410:
        raise Gone(f"{address}：该版次已不再保留", f"{address}: that release is no longer kept")
    if status == 404:
        raise NoLayer(f"{address} 不存在", f"{address} is not there")
    if status != 200:
        raise ServerFailed(f"{address} 的应答为 {status}", f"{address} answered {status}")


def _whole(address: str, answer: requests.Response) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_content(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise ServerFailed(
                f"{address} 的应答超过 {LARGEST} 字节", f"{address} answered more than {LARGEST} bytes"
            )
        pieces.append(piece)
    return b"".join(pieces)


def _unreadable(address: str, fault: Exception) -> ServerFailed:
    return ServerFailed(
        f"{address} 的应答无法解读：{fault}", f"{address} answered what cannot be read: {fault}"
    )
