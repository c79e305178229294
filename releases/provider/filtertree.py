"""A filter as pygeoapi hands it over, a tree of pygeofilter, written as CQL2 JSON for `releases.cql2` to check.

pygeofilter reads a language between ECQL and CQL2, and forgets some of what it has read. What a tree still says for
certain is written down; the rest is refused by name, since a wrong guess would be a wrong answer:

- it joins AND and OR from the left without precedence, which no tree shows: brackets are up to the writer;
- T_INTERSECTS becomes T_OVERLAPS; between two intervals nobody can tell which was meant;
- boxes and DWITHIN are not transformed with `filter-crs`, and a box from JSON has its numbers mixed up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson
from pygeofilter import ast, values

#: Node of pygeofilter -> operator of CQL2 JSON (21-065r2, 8.3) on the same two operands.
_OPERATORS: Final[Mapping[type, str]] = {
    ast.Equal: "=",
    ast.NotEqual: "<>",
    ast.LessThan: "<",
    ast.LessEqual: "<=",
    ast.GreaterThan: ">",
    ast.GreaterEqual: ">=",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mul: "*",
    ast.Div: "/",
    ast.GeometryIntersects: "s_intersects",
    ast.GeometryDisjoint: "s_disjoint",
    ast.GeometryContains: "s_contains",
    ast.GeometryWithin: "s_within",
    ast.GeometryTouches: "s_touches",
    ast.GeometryCrosses: "s_crosses",
    ast.GeometryOverlaps: "s_overlaps",
    ast.GeometryEquals: "s_equals",
    ast.TimeAfter: "t_after",
    ast.TimeBefore: "t_before",
    ast.TimeBegins: "t_starts",
    ast.TimeBegunBy: "t_startedBy",
    ast.TimeContains: "t_contains",
    ast.TimeDisjoint: "t_disjoint",
    ast.TimeDuring: "t_during",
    ast.TimeEndedBy: "t_finishedBy",
    ast.TimeEnds: "t_finishes",
    ast.TimeEquals: "t_equals",
    ast.TimeMeets: "t_meets",
    ast.TimeMetBy: "t_metBy",
    ast.TimeOverlappedBy: "t_overlappedBy",
    ast.ArrayContainedBy: "a_containedBy",
    ast.ArrayContains: "a_contains",
    ast.ArrayEquals: "a_equals",
    ast.ArrayOverlaps: "a_overlaps",
}
#: CASEI comes as lower(…); a box as a function comes without the CRS that it is in.
_FUNCTIONS: Final[Mapping[str, str | None]] = {"lower": "casei", "bbox": None}

#: A geometry as GeoJSON, with the CRS that pygeofilter notes in it -> the same in longitude, latitude.
Placed = Callable[[dict[str, Any]], dict[str, Any]]


class Untranslatable(ValueError):
    """A part of a filter that cannot be written in CQL2 for certain; its text names the part."""


def cql2_json(tree: Any, placed: Placed) -> str:
    """A filter of pygeofilter in CQL2 JSON. Untranslatable, and whatever `placed` raises."""
    return orjson.dumps(_Writer(placed).written(tree)).decode()


class _Writer:
    def __init__(self, placed: Placed) -> None:
        self._placed = placed

    def written(self, node: Any) -> Any:
        match node:
            case bool() | int() | float() | str():
                return node
            case list():
                return [self.written(part) for part in node]
            case datetime() | date():
                text = _time(node)
                return {"timestamp" if "T" in text else "date": text}
            case values.Interval():
                ends = (node.start, node.end)
                return {"interval": [".." if end is None else _time(end) for end in ends]}
            case values.Geometry():
                return self._placed(node.geometry)
            case ast.Attribute():
                return {"property": node.name}
            case ast.Combination():
                return self._combined(node)
            case ast.Function():
                return self._function(node)
            case ast.TimeOverlaps():
                if isinstance(node.lhs, values.Interval) and isinstance(node.rhs, values.Interval):
                    raise Untranslatable("T_OVERLAPS or T_INTERSECTS of two intervals")
                return self._call("t_intersects", node.lhs, node.rhs)
            case ast.Not():
                return self._call("not", node.sub_node)
            case ast.Include():
                return not node.not_
            case ast.IsNull() | ast.In() | ast.Between() | ast.Like():
                found = self._predicate(node)
                return {"op": "not", "args": [found]} if node.not_ else found
        if type(node) in _OPERATORS:
            return self._call(_OPERATORS[type(node)], node.lhs, node.rhs)
        raise Untranslatable(type(node).__name__)

    def _call(self, op: str, *operands: Any) -> dict[str, Any]:
        return {"op": op, "args": [self.written(operand) for operand in operands]}

    def _combined(self, node: ast.Combination) -> dict[str, Any]:
        # A chain of a thousand is a thousand levels deep on the left: it is one operator here.
        kind, operands, left = type(node), [node.rhs], node.lhs
        while type(left) is kind:
            operands.append(left.rhs)
            left = left.lhs
        return self._call("and" if kind is ast.And else "or", left, *reversed(operands))

    def _predicate(self, node: ast.IsNull | ast.In | ast.Between | ast.Like) -> dict[str, Any]:
        match node:
            case ast.IsNull():
                return self._call("isNull", node.lhs)
            case ast.In():
                return self._call("in", node.lhs, list(node.sub_nodes))
            case ast.Between():
                return self._call("between", node.lhs, node.low, node.high)
        # Its wildcards are said to be % and ".", and are those of CQL2 in the pattern itself.
        found = self._call("like", node.lhs, node.pattern)
        if node.nocase:
            found["args"] = [{"op": "casei", "args": [part]} for part in found["args"]]
        return found

    def _function(self, node: ast.Function) -> dict[str, Any]:
        name = _FUNCTIONS.get(node.name, node.name)
        if name is None:
            raise Untranslatable(f"{node.name.upper()}(…) (a POLYGON is)")
        return self._call(name, *node.arguments)


def _time(moment: Any) -> str:
    """A date, or a time in UTC; one without an offset is taken as UTC."""
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(moment, date):
        return moment.isoformat()
    raise Untranslatable(f"{type(moment).__name__} {moment}")
