"""Arrays as sets (/req/array-functions/array-predicates B): literal ones, those of fields, and those that are computed.

Each member is a text that says its type and its value, so that members are equal when these are: 1 and 1.0 are one
number, TRUE is none, and '1' is a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
import shapely

from releases.cql2.nodes import Array, Instant, Interval, Node, Shape, Value
from releases.cql2.sqlite.geometries import Geometries
from releases.cql2.sqlite.writer import FAR

Members = frozenset[str]
#: An array in SQLite: the place of a literal, the JSON of a field, or what `Sets.of` made.
Operand = int | str | bytes

_TESTS: Final[Mapping[str, Callable[[Members, Members], bool]]] = {
    "a_equals": lambda one, other: one == other,
    "a_contains": lambda one, other: one >= other,
    "a_containedBy": lambda one, other: one <= other,
    "a_overlaps": lambda one, other: not one.isdisjoint(other),
}


class Sets:
    """The literal arrays of a condition, and what can be asked of them and of those of features."""

    def __init__(self, arrays: Sequence[Array], geometries: Geometries) -> None:
        self._literals = [_literal(array) for array in arrays]
        self._geometries = geometries

    def compare(self, name: str, left: Operand, right: Operand) -> bool:
        """Whether an array function of CQL2 holds."""
        return _TESTS[name](self._read(left), self._read(right))

    def of(self, fixed: int, *computed: Any) -> bytes:
        """An array of the members of a literal one and others, each a type and two values."""
        found = set(self._literals[fixed])
        for kind, first, last in zip(computed[::3], computed[1::3], computed[2::3], strict=True):
            found.add(self._member(kind, first, last))
        return orjson.dumps(sorted(found))

    def _member(self, kind: str, first: Any, last: Any) -> str:
        if kind == "geometry":
            return _geometry(self._geometries.read(first))
        if kind == "array":
            return _array(self._read(first))
        return _scalar(kind, first, last)

    def _read(self, operand: Operand) -> Members:
        if isinstance(operand, int):
            return self._literals[operand]
        members = orjson.loads(operand)
        return frozenset(members if isinstance(operand, bytes) else (f"text {text}" for text in members))


def _literal(array: Array) -> Members:
    return frozenset(map(_of_node, array.members))


def _of_node(node: Node) -> str:
    match node:
        case Value():
            return _scalar(node.type, node.value, 0)
        case Instant():
            return _scalar("instant", node.start, node.end)
        case Interval(Instant() | None as start, Instant() | None as end):
            return _scalar("interval", start.start if start else -FAR, end.end if end else FAR)
        case Shape():
            return _geometry(shapely.from_wkb(node.wkb))
        case Array():
            return _array(_literal(node))
    raise TypeError(node)


def _scalar(kind: str, first: Any, last: Any) -> str:
    if kind == "number":
        # Zero has no sign here.
        return f"number {float(first) + 0.0!r}"
    if kind == "boolean":
        return f"boolean {bool(first)}"
    return f"text {first}" if kind == "text" else f"{kind} {first} {last}"


def _geometry(shape: Any) -> str:
    return f"geometry {shapely.to_wkb(shapely.normalize(shape), hex=True, byte_order=1)}"


def _array(members: Members) -> str:
    return f"array {orjson.dumps(sorted(members)).decode()}"
