"""Literals of CQL2 as values: times to the millisecond, geometries that GEOS can work with, patterns."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import orjson
import shapely

from config.models import Text
from releases.cql2.expression import VERTICES
from releases.cql2.faults import FilterError, fault
from releases.cql2.lexer import EXACT, inexact
from releases.cql2.nodes import Instant, Pattern, Shape, Value, Wildcard

_DAY: Final = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_FRACTION = re.compile(r"\.([0-9]+)")
_KINDS: Final = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
_INSTANT = Text(
    zh="存在的日期或时刻（RFC 3339），如 2025-01-31 或 2025-01-31T08:00:00Z",
    en="a date or time that exists (RFC 3339), as 2025-01-31 or 2025-01-31T08:00:00Z",
)
_GEOMETRY = Text(
    zh="有效的几何（WKT 或 GeoJSON），坐标为有限的经纬度数",
    en="a valid geometry in WKT or GeoJSON, its coordinates finite, longitude first",
)
_BBOX = Text(
    zh="4 个或 6 个有限的数：西,南,东,北，南不大于北",
    en="4 or 6 finite numbers: west, south, east, north, south not above north",
)


def number(value: int | float, shown: str) -> Value:
    """A finite number; one without a fraction is an integer, so that 1.0 and 1 are the same filter."""
    if isinstance(value, int) and abs(value) > EXACT:
        raise FilterError(inexact(str(value), shown, shown))
    if not math.isfinite(value):
        finite = Text(zh="有限的数", en="a finite number")
        raise FilterError(fault(f"{shown}：数太大", f"{shown}: the number is too large", finite))
    whole = abs(value) <= EXACT and value == int(value)
    return Value(int(value) if whole else value, "number")


def instant(text: Any) -> Instant:
    """A full-date or a date-time of RFC 3339; digits behind the millisecond are cut off."""
    try:
        if _DATE.fullmatch(text):
            start = _milliseconds(datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC))
            return Instant(text, start, start + _DAY - 1)
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        # Python 3.12 reads at most six digits of a fraction.
        plain = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text.upper())
        start = _milliseconds(datetime.fromisoformat(plain.replace(" ", "T")).astimezone(UTC))
    except (ValueError, OverflowError, TypeError):
        shown = repr(text)[:60]
        raise FilterError(fault(f"{shown} 不是时间", f"{shown} is no time", _INSTANT)) from None
    moment = (_EPOCH + timedelta(milliseconds=start)).isoformat(timespec="milliseconds")
    return Instant(moment.replace("+00:00", "Z"), start, start)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def pattern(text: str) -> Pattern:
    r"""The pattern of LIKE: % any characters, _ any one, and \ makes of the next character just that
    (/req/advanced-comparison-operators/like-predicate).
    """
    parts: list[str | Wildcard] = []
    signs = iter(text)
    for sign in signs:
        if sign == "%" or sign == "_":
            if sign == "%" and parts and parts[-1] == Wildcard("%"):
                continue
            parts.append(Wildcard("%" if sign == "%" else "_"))
            continue
        if sign == "\\":
            escaped = next(signs, None)
            if escaped is None:
                what = Text(zh="\\ 之后有一个字符", en="a character behind \\")
                shown = repr(text[:60])
                raise FilterError(fault(f"LIKE {shown} 以 \\ 结尾", f"LIKE {shown} ends in \\", what))
            sign = escaped
        if parts and isinstance(parts[-1], str):
            parts[-1] += sign
        else:
            parts.append(sign)
    return Pattern(tuple(parts))


def box(numbers: Any) -> Shape:
    """A BBOX; with west above east it crosses the antimeridian, as a `bbox` parameter does."""
    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(map(_is_finite, numbers)):
        raise FilterError(fault("BBOX 不合要求", "the BBOX will not do", _BBOX))
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if (
        south > north
        or (half == 3 and numbers[2] > numbers[5])
        or (west > east and not (east >= -180 and west <= 180))
    ):
        raise FilterError(fault("BBOX 不合要求", "the BBOX will not do", _BBOX))
    if west <= east:
        return _shape(_rectangle(west, south, east, north))
    halves = [_rectangle(west, south, 180.0, north), _rectangle(-180.0, south, east, north)]
    return _shape(shapely.geometrycollections(halves))


def _rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box as a valid geometry also where it has no width, no height or neither."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def geometry(document: dict[str, Any]) -> Shape:
    """A geometry given as GeoJSON; heights and measures are left out."""
    kind = document.get("type")
    if kind not in _KINDS or not _is_sound(document):
        raise FilterError(
            fault(f"几何 {str(kind)[:40]} 不合要求", f"the geometry {str(kind)[:40]} will not do", _GEOMETRY)
        )
    try:
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(document)))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise FilterError(
            fault(f"几何 {kind} 不合要求", f"the geometry {kind} will not do", _GEOMETRY)
        ) from error
    if shape is None or not shape.is_valid:
        why = shapely.is_valid_reason(shape)[:80]
        raise FilterError(
            fault(f"几何 {kind} 无效：{why}", f"the geometry {kind} is invalid: {why}", _GEOMETRY)
        )
    return _shape(shape)


def _shape(shape: shapely.Geometry) -> Shape:
    # Normalised, so that a ring begun at another corner is the same filter.
    plain = shapely.normalize(shape)
    xmin, ymin, xmax, ymax = map(float, shapely.bounds(plain))
    return Shape(bytes(shapely.to_wkb(plain, byte_order=1)), (xmin, ymin, xmax, ymax))


def _is_sound(document: dict[str, Any]) -> bool:
    """Whether all coordinates are finite numbers, some but not too many."""
    numbers = 0
    waiting: list[Any] = [document.get("coordinates", document.get("geometries"))]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.append(part.get("coordinates"))
        elif not _is_finite(part):
            return False
        else:
            numbers += 1
    return 0 < numbers <= 4 * VERTICES


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
