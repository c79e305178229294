"""The functions that a filter may call beside the operators of CQL2: one table of names, types and words.

What a function computes in a database is in the table of that database's dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from config.models import Text
from releases.cql2.nodes import Type


class Argument(NamedTuple):
    """One argument of a function: its type, and what it is."""

    type: Type
    title: Text


class Function(NamedTuple):
    """A function: null when any argument is. `whole` says that a number it returns is an integer."""

    arguments: tuple[Argument, ...]
    returns: Type
    description: Text
    whole: bool = False


_GEOMETRY: Final = Argument("geometry", Text(zh="几何", en="a geometry"))
_TEXT: Final = Argument("text", Text(zh="文字", en="a text"))
_NUMBER: Final = Argument("number", Text(zh="数", en="a number"))
_TIME: Final = Argument("instant", Text(zh="日期或时刻", en="a date or a time"))
_FIRST: Final = Argument(
    "number", Text(zh="起始位置，从 1 起", en="the place of the first character, from 1")
)
_COUNT: Final = Argument("number", Text(zh="字符数", en="how many characters"))

#: Name -> function. They are found whatever their case, as CQL2's own words are.
FUNCTIONS: Final[Mapping[str, Function]] = {
    "area": Function(
        (_GEOMETRY,),
        "number",
        Text(
            zh="面的椭球面积，平方米，孔洞除外；点与线为 0",
            en="The area of polygons on the ellipsoid in square metres, without their holes; 0 of points and lines",
        ),
    ),
    "length": Function(
        (_GEOMETRY,),
        "number",
        Text(
            zh="线的椭球长度，米；点与面为 0",
            en="The length of lines on the ellipsoid in metres; 0 of points and polygons",
        ),
    ),
    "centroid": Function(
        (_GEOMETRY,),
        "geometry",
        Text(
            zh="重心，按经纬度平面计算，可能在几何之外",
            en="The centre of gravity in the plane of longitude and latitude; it may lie outside",
        ),
    ),
    "lower": Function((_TEXT,), "text", Text(zh="转为小写", en="The text in lower case")),
    "upper": Function((_TEXT,), "text", Text(zh="转为大写", en="The text in upper case")),
    "substr": Function(
        (_TEXT, _FIRST, _COUNT),
        "text",
        Text(
            zh="文字的一段；文字之外的位置没有字符，位置与字符数的小数舍去",
            en="A part of a text; places outside of it have no characters, fractions of places and counts are cut off",
        ),
    ),
    "char_length": Function((_TEXT,), "number", Text(zh="字符数", en="How many characters a text has"), True),
    "abs": Function((_NUMBER,), "number", Text(zh="绝对值", en="The absolute value")),
    "round": Function(
        (_NUMBER,),
        "number",
        Text(zh="最近的整数，恰在中间者远离零", en="The nearest integer, halves away from zero"),
        True,
    ),
    "year": Function((_TIME,), "number", Text(zh="年（UTC）", en="The year, in UTC"), True),
    "month": Function(
        (_TIME,), "number", Text(zh="月，1 至 12（UTC）", en="The month, 1 to 12, in UTC"), True
    ),
    "day": Function(
        (_TIME,), "number", Text(zh="日，1 至 31（UTC）", en="The day of the month, in UTC"), True
    ),
}
