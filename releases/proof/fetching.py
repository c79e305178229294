"""What is fetched by HTTP to be verified: with limits, and whatever goes wrong told as one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, cast

import requests
import urllib3

from config.models import Text

#: Seconds to connect, and between two pieces of an answer.
TIMEOUT: Final = (10.0, 60.0)
#: Bytes of a document, such as a manifest, at most.
DOCUMENT: Final = 2**26
#: Bytes of a copy at most: more than the largest layers take.
COPY: Final = 2**36
_PIECE: Final = 2**20


class FetchFailed(Exception):
    """An address that does not give what it should; `message` says what happened."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh=zh, en=en)
        super().__init__(en)


class Answer(NamedTuple):
    """A body to be read once, decoded; which release it is of, and the address of the next page, as far as it says."""

    body: IO[bytes]
    release: str | None
    following: str | None


def is_address(text: str) -> bool:
    """Whether something is fetched by HTTP and not read from a file."""
    return text.startswith(("http://", "https://"))


@contextmanager
def opened(url: str) -> Iterator[Answer]:
    """The answer of an address while it comes; FetchFailed for anything but a success."""
    with _asked(url) as response:
        if response.status_code != 200:
            raise _refused(url, response)
        following = response.links.get("next", {}).get("url")
        yield Answer(
            cast(IO[bytes], _Body(response, url)), response.headers.get("Blueprint-Release"), following
        )


def document(url: str) -> bytes | None:
    """A small document, None where there is none."""
    with _asked(url) as response:
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise _refused(url, response)
        return b"".join(_pieces(_Body(response, url), url, DOCUMENT))


def save(url: str, path: Path) -> str | None:
    """Keep what an address gives as a file; the release that it says that it is of."""
    with opened(url) as answer, path.open("wb") as file:
        for piece in _pieces(answer.body, url, COPY):
            file.write(piece)
        return answer.release


class _Body:
    """The body of an answer as a file."""

    def __init__(self, response: requests.Response, url: str) -> None:
        self._raw, self._url = response.raw, url

    def read(self, size: int) -> bytes:
        """The next bytes, none at its end."""
        try:
            return bytes(self._raw.read(size, decode_content=True))
        except urllib3.exceptions.HTTPError as fault:
            raise _broken(self._url, fault) from fault


@contextmanager
def _asked(url: str) -> Iterator[requests.Response]:
    try:
        # Coding would only cost both sides time on the way to compare everything; Accept is what nobody can refuse.
        headers = {"Accept-Encoding": "identity", "Accept": "*/*", "User-Agent": "blueprint-verify"}
        response = requests.get(url, headers=headers, timeout=TIMEOUT, stream=True)
    except (requests.RequestException, ValueError) as fault:
        raise _broken(url, fault) from fault
    with response:
        yield response


def _pieces(body: Any, url: str, most: int) -> Iterator[bytes]:
    size = 0
    while piece := body.read(_PIECE):
        size += len(piece)
        if size > most:
            raise FetchFailed(f"{url}：超过 {most} 字节", f"{url}: more than {most} bytes")
        yield piece


def _refused(url: str, response: requests.Response) -> FetchFailed:
    said = f"{response.status_code} {response.reason}"
    return FetchFailed(f"{url}：服务器答复 {said}", f"{url}: the server answered {said}")


def _broken(url: str, fault: Exception) -> FetchFailed:
    return FetchFailed(f"{url}：无法取得（{fault}）", f"{url}: could not be fetched ({fault})")
