"""A checked filter as a condition in SQLite's SQL on a layer's GeoPackage: every literal bound, every name quoted.

One table, `OPERATORS`, says what each operator means here; another database has a table of its own. SQL's logic
of three values is the standard's (21-065r2, table 1), so null needs care only where SQLite would give false for
it. Where truth alone counts - at the top, below AND and OR - false will do, which lets the R-tree lead the
search; elsewhere (`exact`) a null geometry must give null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import orjson

from config.models import Layer
from releases import geopackage
from releases.cql2 import nodes
from releases.cql2.nodes import (
    Call,
    Column,
    Filter,
    Instant,
    Interval,
    Node,
    Pattern,
    Shape,
    Texts,
    Value,
    Wildcard,
)
from releases.features import milliseconds, quoted

#: The name under which `spatial.predicate` must be registered with a connection.
SPATIAL: Final = "cql2_spatial"
#: What a table is called in conditions.
TABLE: Final = "l"
_DAY: Final = 86_400_000
#: An open end: beyond every millisecond that a date can have.
_FAR: Final = 2**53
#: Behind every time of a day and before the next day, as text: "T" is how a time goes on.
_DAY_END: Final = "U"

Bound = str | int | float


class Sql(NamedTuple):
    """A piece of SQL and the values of its marks."""

    text: str
    values: tuple[Bound, ...] = ()


class Condition(NamedTuple):
    """A condition, and the geometries that its calls of SPATIAL name by their place."""

    text: str
    values: tuple[Bound, ...]
    shapes: tuple[Shape, ...]


def condition(filter: Filter, layer: Layer) -> Condition:
    """The condition of a filter on the table TABLE of a layer."""
    writer = Writer(layer)
    found = writer.write(filter.root, exact=False)
    return Condition(found.text, found.values, tuple(writer.shapes))


class Writer:
    """Writes the SQL of one filter."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.shapes: list[Shape] = []

    def write(self, node: Node, exact: bool = True) -> Sql:
        """A scalar or a condition; `exact` where null must not become false."""
        match node:
            case Column():
                return Sql(self.name(node))
            case Value():
                return Sql("?", (int(node.value) if isinstance(node.value, bool) else node.value,))
            case Call():
                return OPERATORS[node.op](self, node, exact)
            case Texts():
                return Sql("?", (orjson.dumps(node.texts).decode(),))
            case Shape():
                self.shapes.append(node)
                return Sql("?", (len(self.shapes) - 1,))
            case Instant() | Interval():
                # Where only its being there counts, as in IS NULL.
                return Sql("1")
            case Pattern():
                return Sql("?", (_glob(node),))

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

    def span(self, node: Node) -> tuple[Sql, Sql, list[str]]:
        """First and last millisecond of a time, and the columns that make it null."""
        match node:
            case Column():
                start, end = self.time(node), self.time(node, end=True)
                return Sql(start), Sql(end), [self.name(node)]
            case Instant():
                return Sql("?", (node.start,)), Sql("?", (node.end,)), []
            case Interval():
                begin = (Sql("?", (-_FAR,)), Sql(""), []) if node.start is None else self.span(node.start)
                finish = (Sql(""), Sql("?", (_FAR,)), []) if node.end is None else self.span(node.end)
                return begin[0], finish[1], [*begin[2], *finish[2]]
        raise TypeError(node)

    def time(self, column: Column, end: bool = False) -> str:
        """A date field in milliseconds, as it is indexed."""
        return milliseconds(column.name, end, TABLE)


def _junction(writer: Writer, call: Call, exact: bool) -> Sql:
    parts = [writer.write(arg, exact) for arg in call.args]
    joined = f" {call.op.upper()} ".join(part.text for part in parts)
    return Sql(f"({joined})", tuple(value for part in parts for value in part.values))


def _negation(writer: Writer, call: Call, exact: bool) -> Sql:
    part = writer.write(call.args[0])
    return Sql(f"(NOT {part.text})", part.values)


def _is_null(writer: Writer, call: Call, exact: bool) -> Sql:
    part = writer.write(call.args[0])
    return Sql(f"({part.text} IS NULL)", part.values)


def _comparison(writer: Writer, call: Call, exact: bool) -> Sql:
    return _compared(writer, call.op, *call.args)


def _compared(writer: Writer, op: str, left: Node, right: Node) -> Sql:
    if isinstance(right, Instant) and isinstance(left, Column | Instant):
        return _against_instant(writer, op, left, right)
    if isinstance(left, Column) and isinstance(right, Column) and left.type == "instant":
        return Sql(f"({writer.time(left)} {op} {writer.time(right)})")
    one, other = writer.write(left), writer.write(right)
    return Sql(f"({one.text} {op} {other.text})", (*one.values, *other.values))


def _against_instant(writer: Writer, op: str, left: Column | Instant, right: Instant) -> Sql:
    """Times are compared to the millisecond, but with a date, which is a whole day, by their days."""
    if isinstance(left, Instant):
        by_day = left.is_day or right.is_day
        one, other = (time.start - time.start % _DAY if by_day else time.start for time in (left, right))
        return Sql(f"(? {op} ?)", (one, other))
    if not right.is_day:
        return Sql(f"({writer.time(left)} {op} ?)", (right.start,))
    # As text, so that the field's index serves: "2024-01-31" and "2024-01-31T…" lie before "2024-01-31U".
    name, day, behind = writer.name(left), right.text, right.text + _DAY_END
    return {
        "=": Sql(f"({name} >= ? AND {name} < ?)", (day, behind)),
        "<>": Sql(f"({name} < ? OR {name} >= ?)", (day, behind)),
        "<": Sql(f"({name} < ?)", (day,)),
        ">=": Sql(f"({name} >= ?)", (day,)),
        ">": Sql(f"({name} >= ?)", (behind,)),
        "<=": Sql(f"({name} < ?)", (behind,)),
    }[op]


def _between(writer: Writer, call: Call, exact: bool) -> Sql:
    value, low, high = call.args
    least, most = _compared(writer, ">=", value, low), _compared(writer, "<=", value, high)
    found = Sql(f"({least.text} AND {most.text})", (*least.values, *most.values))
    # Null where any operand is null, also where the other bound alone would make it false.
    return _unless_null(found, [writer.name(bound) for bound in (low, high) if isinstance(bound, Column)])


def _in(writer: Writer, call: Call, exact: bool) -> Sql:
    sought, *members = call.args
    if any(
        isinstance(node, Instant) or (isinstance(node, Column) and node.type == "instant")
        for node in call.args
    ):
        same = [_compared(writer, "=", *_column_first(sought, member)) for member in members]
        return Sql(f"({' OR '.join(one.text for one in same)})", tuple(v for one in same for v in one.values))
    value, parts = writer.write(sought), [writer.write(member) for member in members]
    marks = ", ".join(part.text for part in parts)
    return Sql(f"({value.text} IN ({marks}))", (*value.values, *(v for part in parts for v in part.values)))


def _column_first(one: Node, other: Node) -> tuple[Node, Node]:
    return (other, one) if isinstance(other, Column) and not isinstance(one, Column) else (one, other)


def _like(writer: Writer, call: Call, exact: bool) -> Sql:
    # GLOB, because SQLite's LIKE takes no account of case, in ASCII alone.
    text, pattern = writer.write(call.args[0]), writer.write(call.args[1])
    return Sql(f"({text.text} GLOB {pattern.text})", (*text.values, *pattern.values))


def _glob(pattern: Pattern) -> str:
    """The pattern in GLOB's signs; those that GLOB knows itself stand in brackets to be themselves."""
    return "".join(
        ("*" if part.sign == "%" else "?")
        if isinstance(part, Wildcard)
        else "".join(f"[{sign}]" if sign in "*?[" else sign for sign in part)
        for part in pattern.parts
    )


def _spatial(writer: Writer, call: Call, exact: bool) -> Sql:
    left, right = writer.write(call.args[0]), writer.write(call.args[1])
    test = Sql(f"{SPATIAL}(?, {left.text}, {right.text})", (call.op, *left.values, *right.values))
    columns = [writer.name(arg) for arg in call.args if isinstance(arg, Column)]
    shape = next((arg for arg in call.args if isinstance(arg, Shape)), None)
    if shape is None or not columns:
        return test
    near = writer.near(shape)
    apart = int(call.op == "s_disjoint")
    if exact or apart:
        text = (
            f"(CASE WHEN {columns[0]} IS NULL THEN NULL WHEN {near.text} THEN {test.text} ELSE {apart} END)"
        )
    else:
        text = f"({near.text} AND {test.text})"
    return Sql(text, (*near.values, *test.values))


def _temporal(writer: Writer, call: Call, exact: bool) -> Sql:
    start, end, columns = writer.span(call.args[0])
    begin, finish, others = writer.span(call.args[1])
    after = Sql(f"{start.text} > {finish.text}", (*start.values, *finish.values))
    before = Sql(f"{end.text} < {begin.text}", (*end.values, *begin.values))
    apart = Sql(f"({before.text} OR {after.text})", (*before.values, *after.values))
    same = Sql(
        f"({start.text} = {begin.text} AND {end.text} = {finish.text})",
        (*start.values, *begin.values, *end.values, *finish.values),
    )
    found = {
        "t_after": Sql(f"({after.text})", after.values),
        "t_before": Sql(f"({before.text})", before.values),
        "t_disjoint": apart,
        "t_intersects": Sql(f"(NOT {apart.text})", apart.values),
        "t_equals": same,
    }[call.op]
    return _unless_null(found, [*columns, *others])


def _arrays(writer: Writer, call: Call, exact: bool) -> Sql:
    one, other = (writer.write(arg) for arg in call.args)
    pairs = {
        "a_contains": ((other, one),),
        "a_containedBy": ((one, other),),
        "a_equals": ((one, other), (other, one)),
        "a_overlaps": ((one, other),),
    }[call.op]
    # "Every member of the first is in the second", or any.
    exists, within = ("EXISTS", "IN") if call.op == "a_overlaps" else ("NOT EXISTS", "NOT IN")
    text = " AND ".join(
        f"{exists} (SELECT 1 FROM json_each({a.text}) AS m WHERE m.value {within} "
        f"(SELECT value FROM json_each({b.text})))"
        for a, b in pairs
    )
    values = tuple(value for a, b in pairs for value in (*a.values, *b.values))
    return _unless_null(
        Sql(f"({text})", values), [writer.name(arg) for arg in call.args if isinstance(arg, Column)]
    )


def _unless_null(found: Sql, columns: list[str]) -> Sql:
    if not columns:
        return found
    missing = " OR ".join(f"{column} IS NULL" for column in columns)
    return Sql(f"(CASE WHEN {missing} THEN NULL ELSE {found.text} END)", found.values)


#: Operator -> its SQL; the same names as in `operators.OPERATORS`.
OPERATORS: Final[Mapping[str, Callable[[Writer, Call, bool], Sql]]] = {
    **dict.fromkeys(("and", "or"), _junction),
    "not": _negation,
    "isNull": _is_null,
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _comparison),
    "between": _between,
    "in": _in,
    "like": _like,
    **dict.fromkeys(
        nodes.SPATIAL,
        _spatial,
    ),
    **dict.fromkeys(nodes.TEMPORAL, _temporal),
    **dict.fromkeys(nodes.ARRAYS, _arrays),
}
