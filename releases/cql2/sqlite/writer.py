"""A checked filter as a condition in SQLite's SQL on a layer's GeoPackage: every literal bound, every name quoted.

What each operator means is in `operators`; here is what operands are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from config.models import Layer
from releases import geopackage
from releases.cql2.nodes import (
    Array,
    Call,
    Column,
    Filter,
    Instant,
    Interval,
    Node,
    Pattern,
    Shape,
    Value,
    Wildcard,
    inputs,
    width,
)
from releases.cql2.sqlite.operators import OPERATORS
from releases.cql2.sqlite.sets import FAR
from releases.cql2.sqlite.sql import Bound, Sql, joined, unless_null
from releases.features import milliseconds, quoted

#: What a table is called in conditions.
TABLE: Final = "l"
#: What the functions of `calls` are called in SQL.
PREFIX: Final = "cql2_"


class Condition(NamedTuple):
    """A condition, the names of the functions that it calls, and what these are given by its place: literal geometries,
    and values to be computed.
    """

    text: str
    values: tuple[Bound, ...]
    calls: frozenset[str]
    shapes: tuple[Shape, ...]
    computed: tuple[Node, ...]


def condition(filter: Filter, layer: Layer) -> Condition:
    """The condition of a filter on the table TABLE of a layer."""
    writer = Writer(layer)
    found = writer.write(filter.root, exact=False)
    return Condition(
        found.text, found.values, frozenset(writer.calls), tuple(writer.shapes), tuple(writer.computed)
    )


class Writer:
    """Writes the SQL of one filter."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.calls: set[str] = set()
        self.shapes: list[Shape] = []
        self.computed: list[Node] = []

    def write(self, node: Node, exact: bool = True) -> Sql:
        """A scalar or a condition; `exact` where null must not become false."""
        match node:
            case Column():
                return Sql(self.name(node))
            case Value():
                return Sql("?", (int(node.value) if isinstance(node.value, bool) else node.value,))
            case Call() if node.type == "boolean":
                return OPERATORS[node.op](self, node, exact)
            case Call() | Array():
                return self._value(node)
            case Shape():
                self.shapes.append(node)
                return Sql("?", (len(self.shapes) - 1,))
            case Instant() | Interval():
                # Where only its being there counts, as in IS NULL.
                return unless_null(Sql("1"), self.columns(node))
            case Pattern():
                return Sql("?", (_glob(node),))

    def call(self, name: str, *args: Sql) -> Sql:
        """A function of `calls`; null where an argument is."""
        self.calls.add(name)
        return joined(f"{PREFIX}{name}(", ", ", args, ")")

    def name(self, column: Column) -> str:
        """A column, quoted and of the table."""
        name = column.name or geopackage.geometry_column(self._layer)
        return f"{TABLE}.{quoted(name)}"

    def near(self, shape: Shape) -> Sql:
        """The features whose envelopes meet a shape's, by the R-tree."""
        xmin, ymin, xmax, ymax = shape.box
        rtree = quoted(f"rtree_{self._layer.id}_{geopackage.geometry_column(self._layer)}")
        key = f"{TABLE}.{quoted(geopackage.key_column(self._layer))}"
        inside = "maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?"
        return Sql(f"{key} IN (SELECT id FROM {rtree} WHERE {inside})", (xmin, xmax, ymin, ymax))

    def columns(self, node: Node) -> list[str]:
        """The columns without a value of which a time has none."""
        found = node.columns if isinstance(node, Interval) else (node,) if isinstance(node, Column) else ()
        return [self.name(column) for column in found]

    def span(self, node: Node) -> tuple[Sql, Sql]:
        """First and last millisecond of a time."""
        match node:
            case Column():
                return Sql(self.time(node)), Sql(self.time(node, end=True))
            case Instant():
                return Sql("?", (node.start,)), Sql("?", (node.end,))
            case Interval():
                start, end = self.ends(node)
                return start[0], end[1]
        raise TypeError(node)

    def ends(self, node: Node) -> tuple[tuple[Sql, Sql], tuple[Sql, Sql]]:
        """First and last millisecond of the instant with which a time starts, and of the one with which it ends."""
        if not isinstance(node, Interval):
            return self.span(node), self.span(node)
        before, behind = Sql("?", (-FAR,)), Sql("?", (FAR,))
        return (
            (before, before) if node.start is None else self.span(node.start),
            (behind, behind) if node.end is None else self.span(node.end),
        )

    def time(self, column: Column, end: bool = False) -> str:
        """A date field in milliseconds, as it is indexed."""
        return milliseconds(column.name, end, TABLE)

    def _value(self, node: Node) -> Sql:
        """What is computed, from what SQL knows of a feature."""
        self.computed.append(node)
        given = [Sql("?", (len(self.computed) - 1,))]
        for one in inputs(node):
            given += self.span(one) if width(one) == 2 else (self.write(one),)
        return self.call("value", *given)


def _glob(pattern: Pattern) -> str:
    """The pattern in GLOB's signs; those that GLOB knows itself stand in brackets to be themselves."""
    return "".join(
        ("*" if part.sign == "%" else "?")
        if isinstance(part, Wildcard)
        else "".join(f"[{sign}]" if sign in "*?[" else sign for sign in part)
        for part in pattern.parts
    )
