"""Query strings of items become one frozen `Query`, or every fault of theirs at once; behind this file all is trusted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from config.models import Box, Field, Layer, Limits, Text
from releases.query import Interval, Query, Value
from server.ask import unknown
from server.problems import BadRequest, Fault

#: Parameters of items beside the layer's own fields.
ITEMS = ("f", "lang", "limit", "bbox", "datetime", "next")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class _Wrong(ValueError):
    """A value that will not do: what is wrong with it, and what is expected."""

    def __init__(self, message: Text, expected: Text) -> None:
        super().__init__(message.en)
        self.message, self.expected = message, expected


def items(args: MultiDict[str, str], layer: Layer, limits: Limits, release: str) -> Query:
    """Read the parameters of a page of items (17-069r4, 7.15). BadRequest names every fault."""
    faults = unknown(args, (*ITEMS, *(field.name for field in layer.fields)))

    def read(name: str, parse: Callable[[str], Any], default: Any) -> Any:
        if name not in args:
            return default
        try:
            return parse(args[name])
        except _Wrong as wrong:
            faults.append(Fault(name, wrong.message, wrong.expected))
            return default

    limit = read("limit", lambda text: _limit(text, limits), limits.items_default)
    boxes = read("bbox", _boxes, ())
    interval = read("datetime", _interval, None)
    equals = tuple(
        (field.name, read(field.name, lambda text, field=field: _value(text, field), None))  # type: ignore[misc]
        for field in layer.fields
        if field.name in args
    )
    query = Query(limit, 0, boxes, interval, equals)
    after = read("next", lambda text: _after(text, release, layer.id, query), 0)
    if faults:
        raise BadRequest(*faults)
    return Query(limit, after, boxes, interval, equals)


def cursor(release: str, layer: str, query: Query, after: int) -> str:
    """The opaque value of `next`: a key, sealed with the release, layer and filter that it goes on in."""
    key = after.to_bytes(8, "big")
    return base64.urlsafe_b64encode(key + _seal(release, layer, query, key)).decode().rstrip("=")


def _after(text: str, release: str, layer: str, query: Query) -> int:
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    key, seal = data[:8], data[8:]
    if len(data) != 16 or seal != _seal(release, layer, query, key):
        raise _Wrong(
            Text(zh="不是这一查询在该版次的续页标记", en="is no cursor of this query in this release"),
            Text(zh="上一页 next 链接中的原值", en="the value in the last page's next link, unchanged"),
        )
    return int.from_bytes(key, "big")


def _seal(release: str, layer: str, query: Query, key: bytes) -> bytes:
    named = repr((release, layer, query.where)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(named + key, digest_size=8).digest()


def _limit(text: str, limits: Limits) -> int:
    """A limit above the maximum is answered with the maximum (17-069r4, /req/core/fc-limit-response-1)."""
    if not _INTEGER.fullmatch(text) or int(text) < 1:
        expected = Text(zh=f"1 到 {limits.items_max} 的整数", en=f"an integer from 1 to {limits.items_max}")
        raise _Wrong(_got(text), expected)
    return min(int(text), limits.items_max)


def _boxes(text: str) -> tuple[Box, ...]:
    """minx, miny, maxx, maxy of CRS84; with heights six numbers; minx above maxx crosses the antimeridian."""
    parts = text.split(",")
    numbers = [float(part) if _NUMBER.fullmatch(part.strip()) else math.nan for part in parts]
    expected = Text(
        zh="4 个或 6 个数：西经度,南纬度,东经度,北纬度（WGS 84），南不大于北",
        en="4 or 6 numbers: west,south,east,north in degrees (WGS 84), south not above north",
    )
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise _Wrong(_got(text), expected)
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if south > north or (half == 3 and numbers[2] > numbers[5]) or max(abs(south), abs(north)) > 90:
        raise _Wrong(_got(text), expected)
    if west <= east:
        return ((west, south, east, north),)
    if not (-180 <= east and west <= 180):
        raise _Wrong(_got(text), expected)
    return (west, south, 180.0, north), (-180.0, south, east, north)


def _interval(text: str) -> Interval:
    """An instant or an interval (17-069r4, 7.15.4); an open end is ".." or nothing."""
    parts = text.split("/")
    expected = Text(
        zh="RFC 3339 日期或时刻，或以 / 分隔的区间，开放端写 ..",
        en="an RFC 3339 date or date-time, or two with / between them, .. for an open end",
    )
    if len(parts) > 2 or (len(parts) == 1 and text in ("", "..")):
        raise _Wrong(_got(text), expected)
    try:
        if len(parts) == 1:
            return _instant(text, False), _instant(text, True)
        start, end = (None if part in ("", "..") else _instant(part, last) for part, last in zip(parts, (False, True)))
    except ValueError:
        raise _Wrong(_got(text), expected) from None
    if start and end and start > end:
        raise _Wrong(Text(zh=f"{text!r} 起止颠倒", en=f"{text!r} ends before it begins"), expected)
    return start, end


def _instant(text: str, last: bool) -> datetime:
    """A date is its whole day: its first moment, or its last one."""
    date = _DATE.fullmatch(text)
    if date:
        year, month, day = (int(part) for part in date.groups())
        if not (year and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
            raise ValueError(text)
        begin = datetime(year, month, day, tzinfo=UTC)
        return begin + timedelta(days=1, milliseconds=-1) if last else begin
    if not _DATETIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _value(text: str, field: Field) -> Value:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise _Wrong(_got(text), Text(zh="UTF-8 文本", en="UTF-8 text"))
    if field.type == "integer":
        if _INTEGER.fullmatch(text):
            return int(text)
        raise _Wrong(_got(text), Text(zh="整数", en="an integer"))
    if field.type == "number":
        if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        raise _Wrong(_got(text), Text(zh="有限的数", en="a finite number"))
    if field.type == "boolean":
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise _Wrong(_got(text), Text(zh="true 或 false", en="true or false"))
    return text


def _got(text: str) -> Text:
    shown = ascii(text[:60]) if not text.isprintable() else repr(text[:60])
    return Text(zh=f"值 {shown} 不合要求", en=f"the value {shown} will not do")
