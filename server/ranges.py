"""Parts of a file that a client asks for by their bytes (RFC 9110, 14).

One range is answered by itself, several as a multipart message. What is no range at all, or ranges that overlap or run
backwards, are not asked for twice: RFC 9110 14.2 lets a server send the whole instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from werkzeug.http import parse_range_header

from config.models import Text

#: Bytes that are read and sent at once.
BLOCK: Final = 2**18
#: Ranges of one request. Readers of FlatGeobuf and Parquet put near ones together and ask for a few; thousands are asked
#: for by nobody who means well (RFC 9110 17.15).
MOST: Final = 64


class Unsatisfiable(Exception):
    """None of the ranges asked for is in the file, of `size` bytes, or there are more than MOST."""

    def __init__(self, size: int) -> None:
        self.message = Text(
            zh=f"文件有 {size} 字节；一次至多 {MOST} 个区间",
            en=f"the file has {size} bytes, and {MOST} ranges at once are the most",
        )
        super().__init__(self.message.en)
        self.size = size


class Span(NamedTuple):
    """Bytes first to last of a file, both included, as Content-Range counts them."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1

    def of(self, size: int) -> str:
        """The value of Content-Range in a file of `size` bytes."""
        return f"bytes {self.first}-{self.last}/{size}"


def spans(header: str | None, if_range: str | None, tag: str, size: int) -> tuple[Span, ...] | None:
    """The spans that a request asks for in ascending order, None when the whole file is the answer.

    Parameters
    ----------
    header, if_range : the headers Range and If-Range as they came
    tag : the file's strong entity tag, in quotes; If-Range with a date names no version of ours (13.1.5)
    size : of the file

    Raises Unsatisfiable.
    """
    if header is None or (if_range is not None and if_range.strip() != tag):
        return None
    asked = parse_range_header(header)
    if asked is None or asked.units != "bytes":
        return None
    found = tuple(span for start, stop in asked.ranges if (span := _span(start, stop, size)).size > 0)
    if not found or len(asked.ranges) > MOST:
        raise Unsatisfiable(size)
    return found


def _span(start: int, stop: int | None, size: int) -> Span:
    """Of bytes start to below stop, what there is; a negative start counts from the end."""
    first = max(0, size + start) if start < 0 else start
    return Span(first, min(size if stop is None else stop, size) - 1)


def read(path: Path, span: Span) -> Iterator[bytes]:
    """The bytes of a span, in blocks; opened when the first is asked for, closed when nobody asks for more."""
    with path.open("rb") as file:
        at = span.first
        while at <= span.last:
            block = os.pread(file.fileno(), min(BLOCK, span.last + 1 - at), at)
            if not block:
                raise EOFError(f"{path} ends at byte {at}")
            yield block
            at += len(block)


class Parts(NamedTuple):
    """Several spans of a file as one multipart message (14.6)."""

    spans: tuple[Span, ...]
    size: int
    media: str
    boundary: str

    @property
    def content_type(self) -> str:
        """The media type of the message."""
        return f"multipart/byteranges; boundary={self.boundary}"

    @property
    def length(self) -> int:
        """Bytes of the message."""
        return sum(len(self._head(span)) + span.size for span in self.spans) + len(self._end)

    def read(self, path: Path) -> Iterator[bytes]:
        """The message."""
        for span in self.spans:
            yield self._head(span)
            yield from read(path, span)
        yield self._end

    def _head(self, span: Span) -> bytes:
        said = f"Content-Type: {self.media}\r\nContent-Range: {span.of(self.size)}"
        return f"\r\n--{self.boundary}\r\n{said}\r\n\r\n".encode()

    @property
    def _end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
