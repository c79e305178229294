"""Features cut out of the text of a GeoJSON file, whatever its size: a collection, or a sequence with any separators.

A kernel finds where each object ends, so that only features are parsed, each by itself, and memory is bounded by the
largest of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from releases.proof.copies.rows import CopyUnreadable
from tiles.kernel import leaf

#: Bytes read at once.
PIECE: Final = 2**22
#: Bytes that may stand before the features of a collection.
_HEAD: Final = 2**26
#: Objects found at once.
_MANY: Final = 4096
_BLANK: Final = b" \t\r\n"
_RECORD: Final = b"\x1e"
_MARK: Final = b"\xef\xbb\xbf"
#: How a search ends: the text is used up, the list is full, the list of features is closed, something else stands there.
_MORE, _FULL, _CLOSED, _STRANGE = range(4)


def objects(file: IO[bytes]) -> Iterator[list[bytes]]:
    """The text of each feature, in lists; CopyUnreadable when the file is neither form or is cut short."""
    text = file.read(PIECE).removeprefix(_MARK)
    begin = 0
    collected = not text.lstrip(_BLANK).startswith(_RECORD)
    if collected:
        text, found = _listed(text, file)
        collected, begin = found is not None, found or 0
    yield from _cut(text[begin:], file, collected)


def _cut(text: bytes, file: IO[bytes], collected: bool) -> Iterator[list[bytes]]:
    places = np.empty((_MANY, 2), np.int64)
    wanted = PIECE
    while True:
        count, at, end = _search(np.frombuffer(text, np.uint8), places)
        if count:
            yield [text[first:last] for first, last in places[:count].tolist()]
        text = text[at:]
        if end == _STRANGE or (end == _CLOSED and not collected):
            raise _odd(text)
        if end == _CLOSED:
            return
        if end == _MORE:
            # An object that is longer than what was read: twice as much, so that it is not searched too often.
            wanted = PIECE if count else max(PIECE, 2 * len(text))
            piece = file.read(wanted)
            if not piece:
                break
            text += piece
    if collected or text:
        raise CopyUnreadable("文件不完整", "the file is cut short")


def _listed(text: bytes, file: IO[bytes]) -> tuple[bytes, int | None]:
    """The text read so far and where the list of features begins in it; None for what is no collection."""
    while True:
        found = _features(text)
        if found != _AGAIN:
            return text, found
        piece = file.read(len(text)) if 0 < len(text) < _HEAD else b""
        if not piece:
            raise _odd(text)
        text += piece


_AGAIN: Final = -1


def _features(text: bytes) -> int | None:
    """Where the first element of the member "features" may stand; None when the object is a feature itself.

    _AGAIN when the text ends before that is known.
    """
    told = text.decode("utf-8", "ignore")
    decode = JSONDecoder().raw_decode
    at = _skip(told, 0)
    if told[at : at + 1] != "{":
        raise _odd(text)
    try:
        while True:
            name, at = decode(told, _skip(told, at + 1))
            at = _skip(told, at)
            if told[at : at + 1] != ":":
                return _AGAIN if at >= len(told) else _wrong(text)
            at = _skip(told, at + 1)
            if name == "features" and told[at : at + 1] == "[":
                return len(told[: at + 1].encode())
            value, at = decode(told, at)
            if name == "type" and value == "Feature":
                return None
            at = _skip(told, at)
            if told[at : at + 1] != ",":
                return _AGAIN if at >= len(told) else _wrong(text)
    except JSONDecodeError:
        return _AGAIN


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _wrong(text: bytes) -> int:
    raise _odd(text)


def _odd(text: bytes) -> CopyUnreadable:
    shown: Any = text[:40].decode("utf-8", "replace")
    return CopyUnreadable(f"不是 GeoJSON 要素：{shown!r}", f"no features in GeoJSON: {shown!r}")


@leaf
def _search(text: NDArray[np.uint8], found: NDArray[np.int64]) -> tuple[int, int, int]:
    """Where objects begin and end that stand one after the other; how many, where to go on, and why it ended."""
    count, depth, begin = 0, 0, 0
    quoted, escaped = False, False
    for at in range(len(text)):
        byte = text[at]
        if depth == 0:
            if byte == 0x7B:  # {
                depth, begin = 1, at
            elif byte == 0x5D:  # ]
                return count, at, _CLOSED
            elif byte not in (
                0x20,
                0x09,
                0x0A,
                0x0D,
                0x2C,
                0x1E,
            ):  # blanks, a comma, the separator of RFC 8142
                return count, at, _STRANGE
        elif quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # backslash
                escaped = True
            elif byte == 0x22:  # "
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte == 0x7B or byte == 0x5B:
            depth += 1
        elif byte == 0x7D or byte == 0x5D:
            depth -= 1
            if depth == 0:
                found[count] = begin, at + 1
                count += 1
                if count == len(found):
                    return count, at + 1, _FULL
    return count, begin if depth else len(text), _MORE
