"""What is computed from a feature's values - arithmetic, functions, arrays of them - as one function of Python for each.

It is not written as SQL: there, calls in calls soon are more than SQLite's parser has room for, and what CQL2 means
by them SQLite has no means for. Null in any place makes the whole null, so nobody but the caller need look for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import shapely

from releases.cql2 import arithmetic, nodes, texts
from releases.cql2.nodes import Array, Call, Instant, Interval, Node, Shape, Value, inputs, type_of, width
from releases.cql2.sqlite import sets
from releases.cql2.sqlite.geometries import Geometries

#: From the inputs of a feature, in the order of `inputs`, to a value.
Program = Callable[[Sequence[Any]], Any]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: The integers that SQLite holds.
_INTEGERS: Final = range(-(2**63), 2**63)


def program(node: Node, geometries: Geometries) -> Program:
    """The function that computes a node."""
    places: dict[Node, int] = {}
    end = 0
    for one in inputs(node):
        places[one] = end
        end += width(one)
    return _Compiler(places, geometries).compiled(node)


class _Compiler:
    """Makes functions of nodes; `places` says where an input begins."""

    def __init__(self, places: Mapping[Node, int], geometries: Geometries) -> None:
        self._places = places
        self._geometries = geometries
        self._functions: Mapping[str, Callable[..., Any]] = {
            **_FUNCTIONS,
            "area": geometries.area,
            "length": geometries.length,
        }

    def compiled(self, node: Node) -> Program:
        match node:
            case Value():
                return _constant(node.value)
            case Shape():
                return _constant(shapely.from_wkb(node.wkb))
            case Instant():
                return _constant((node.start, node.end))
            case Interval() if not node.columns:
                return _constant(sets.ends(node))
            case Array():
                return self._array(node)
            case Call() if node.type != "boolean":
                return _call(self._functions[node.op], [self.compiled(arg) for arg in node.args])
        return self._input(node)

    def _input(self, node: Node) -> Program:
        place = self._places[node]
        match type_of(node):
            case "geometry":
                read = self._geometries.read
                return lambda row: read(row[place])
            case "array":
                return lambda row: sets.of_json(row[place])
            case "instant" | "interval":
                return lambda row: (row[place], row[place + 1])
        return lambda row: row[place]

    def _array(self, array: Array) -> Program:
        members = [(str(type_of(member)), self.compiled(member)) for member in array.members]

        def compute(row: Sequence[Any]) -> sets.Members | None:
            found = [(kind, value(row)) for kind, value in members]
            return None if any(value is None for _, value in found) else frozenset(map(sets.member, found))

        return compute


def _constant(value: Any) -> Program:
    return lambda row: value


def _call(function: Callable[..., Any], args: list[Program]) -> Program:
    def computed(row: Sequence[Any]) -> Any:
        values = [arg(row) for arg in args]
        return None if any(value is None for value in values) else function(*values)

    if len(args) != 2:
        return computed
    one, other = args

    def of_two(row: Sequence[Any]) -> Any:
        # The same; a row of arithmetic takes half as long so.
        left, right = one(row), other(row)
        return None if left is None or right is None else function(left, right)

    return of_two


def _substr(text: str, first: float, count: float) -> str:
    start, stop = int(first) - 1, int(first) - 1 + int(count)
    return text[max(start, 0) : max(stop, 0)]


def _abs(number: int | float) -> int | float:
    found = abs(number)
    return found if isinstance(found, float) or found in _INTEGERS else float(found)


def _round(number: int | float) -> int | float:
    if isinstance(number, int) or abs(number) >= arithmetic.WHOLE:
        return number
    whole = math.floor(abs(number))
    return int(math.copysign(whole + (abs(number) - whole >= 0.5), number))


def _centroid(shape: Any) -> Any:
    centre = shapely.centroid(shape)
    return None if centre.is_empty else centre


def _date(time: tuple[int, int]) -> datetime:
    return _EPOCH + timedelta(milliseconds=time[0])


#: Name -> what is computed of values that are there; None where there is no result.
_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **texts.FOLDINGS,
    **{name: arithmetic.operation(name) for name in nodes.ARITHMETIC},
    "centroid": _centroid,
    "lower": str.lower,
    "upper": str.upper,
    "substr": _substr,
    "char_length": len,
    "abs": _abs,
    "round": _round,
    "year": lambda time: _date(time).year,
    "month": lambda time: _date(time).month,
    "day": lambda time: _date(time).day,
}
