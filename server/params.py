"""Query strings of items become one frozen `Query`, or every fault of theirs at once; behind this file all is
trusted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from config.models import Box, CodeList, Field, Layer, Limits, Text
from releases.query import Query, Value
from server import filters
from server.ask import Ask, unknown
from server.moments import interval, is_date
from server.problems import BadRequest, Fault, Wrong

#: Parameters of items beside the layer's own fields; a field of one of these names cannot be asked for.
ITEMS: Final = ("f", "lang", "limit", "bbox", "datetime", *filters.PARAMETERS, "next")
_WHOLE = re.compile(r"[0-9]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def items(ask: Ask, layer: Layer) -> Query:
    """Read the parameters of a page of items (17-069r4, 7.15). BadRequest names every fault."""
    args, limits, codelists = ask.args, ask.service.limits, ask.manifest.service.codelists
    fields = [field for field in layer.fields if field.name not in ITEMS]
    faults = [*ask.faults, *unknown(args, (*ITEMS, *(field.name for field in fields)))]

    limit = read(args, "limit", partial(_limit, limits=limits), faults) or limits.items_default
    boxes = read(args, "bbox", _boxes, faults) or ()
    time = read(args, "datetime", interval, faults)
    equals = tuple(
        (field.name, read(args, field.name, partial(value, field=field, codelists=codelists), faults))
        for field in fields
        if field.name in args
    )
    expression = filters.expression(args, faults)
    query = Query(limit, 0, boxes, time, equals, filters.checked(expression, layer, codelists, faults))
    # A cursor is bound to the conditions, so it makes no sense to judge it by wrong ones.
    if not faults and "next" in args:
        parse = partial(_after, release=ask.release.id, layer=layer.id, query=query)
        query = replace(query, after=read(args, "next", parse, faults) or 0)
    if faults:
        raise BadRequest(*faults)
    return query


def read(args: MultiDict[str, str], name: str, parse: Callable[[str], Any], faults: list[Fault]) -> Any:
    """The value of a parameter, None when it is not given; what is wrong with it goes to `faults`."""
    if name not in args:
        return None
    try:
        return parse(args[name])
    except Wrong as wrong:
        faults.append(Fault(name, wrong.message, wrong.expected))
        return None


def cursor(release: str, layer: str, query: Query, after: int) -> str:
    """The opaque value of `next`: a key, sealed with the release, layer and conditions that it goes on in."""
    key = after.to_bytes(8, "big")
    return base64.urlsafe_b64encode(key + _seal(release, layer, query, key)).decode()


def _after(text: str, release: str, layer: str, query: Query) -> int:
    try:
        data = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        data = b""
    key, seal = data[:8], data[8:]
    # Written again and compared, because base64 has several spellings of the same bytes.
    if (
        len(data) != 16
        or seal != _seal(release, layer, query, key)
        or base64.urlsafe_b64encode(data).decode() != text
    ):
        raise Wrong(
            Text(zh="不是这一查询在该版次的续页标记", en="is no cursor of this query in this release"),
            Text(zh="上一页 next 链接中的原值", en="the value in the last page's next link, unchanged"),
        )
    return int.from_bytes(key, "big")


def _seal(release: str, layer: str, query: Query, key: bytes) -> bytes:
    """Not a secret, only a check: a cursor that is forged with care leads to another page of the same public
    data.
    """
    return hashlib.blake2b(repr((release, layer, query.where)).encode() + key, digest_size=8).digest()


def _limit(text: str, limits: Limits) -> int:
    """A limit above the maximum is answered with the maximum (17-069r4, /req/core/fc-limit-response-1)."""
    digits = text.lstrip("0")
    if not _WHOLE.fullmatch(text) or not digits:
        expected = Text(zh=f"1 到 {limits.items_max} 的整数", en=f"an integer from 1 to {limits.items_max}")
        raise Wrong.value(text, expected)
    # Compared by its length first: Python refuses to read numbers of thousands of digits.
    return limits.items_max if len(digits) > 18 else min(int(digits), limits.items_max)


def _boxes(text: str) -> tuple[Box, ...]:
    """minx, miny, maxx, maxy of CRS84; with heights six numbers; minx above maxx crosses the antimeridian."""
    expected = Text(
        zh="4 个或 6 个数：西经度,南纬度,东经度,北纬度（WGS 84），南不大于北",
        en="4 or 6 numbers: west,south,east,north in degrees (WGS 84), south not above north",
    )
    parts = [part.strip(" ") for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise Wrong.value(text, expected)
    # Minus zero is zero: a box and its selection have one name.
    numbers = [float(part) + 0.0 for part in parts]
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    upside_down = south > north or (half == 3 and numbers[2] > numbers[5])
    if upside_down or not all(map(math.isfinite, numbers)):
        raise Wrong.value(text, expected)
    if west <= east:
        return ((west, south, east, north),)
    if not (east >= -180 and west <= 180):
        raise Wrong.value(text, expected)
    return (west, south, 180.0, north), (-180.0, south, east, north)


def value(text: str, field: Field, codelists: Mapping[str, CodeList]) -> Value:
    """A value of a field, as its type says. A code that the field's list does not have is wrong: it names no
    feature.
    """
    parsed, expected = _PARSERS[field.type](text)
    if parsed is None:
        raise Wrong.value(text, expected)
    if field.codelist is not None and codelists[field.codelist].code(text) is None:
        codes = ", ".join(code.value for code in codelists[field.codelist].codes)
        raise Wrong.value(text, Text(zh=f"代码之一：{codes}", en=f"one of the codes {codes}"))
    return parsed


def _string(text: str) -> tuple[Value | None, Text]:
    return text, Text(zh="文本", en="text")


def _integer(text: str) -> tuple[Value | None, Text]:
    return int(text) if _INTEGER.fullmatch(text) else None, Text(zh="整数", en="an integer")


def _number(text: str) -> tuple[Value | None, Text]:
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None, Text(zh="有限的数", en="a finite number")


def _boolean(text: str) -> tuple[Value | None, Text]:
    return {"true": True, "false": False}.get(text), Text(zh="true 或 false", en="true or false")


def _date(text: str) -> tuple[Value | None, Text]:
    return text if is_date(text) else None, Text(
        zh="存在的日期，如 2025-01-31", en="a date that exists, as 2025-01-31"
    )


#: Field type -> how its values are read: the value or None, and what is expected.
_PARSERS: Final[Mapping[str, Callable[[str], tuple[Value | None, Text]]]] = {
    "string": _string,
    "array": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
