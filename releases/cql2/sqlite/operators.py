"""What each operator means in SQLite's SQL: one table, by the names of `releases.cql2.operators.OPERATORS`.

SQL's logic of three values is the standard's (21-065r2, table 1), so null needs care only where SQLite would give
false for it. Where truth alone counts - at the top, below AND and OR - false will do, which lets the R-tree lead the
search; elsewhere (`exact`) a null geometry must give null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from releases.cql2 import nodes
from releases.cql2.nodes import Call, Column, Instant, Node, Shape, is_literal, type_of
from releases.cql2.relations import RELATIONS
from releases.cql2.sqlite.sql import Sql, grouped, joined, unless_null

if TYPE_CHECKING:
    from releases.cql2.sqlite.writer import Writer

_DAY: Final = 86_400_000
#: Behind every time of a day and before the next day, as text: "T" is how a time goes on.
_DAY_END: Final = "U"
#: What a comparison is called when its operands change places.
_TURNED: Final = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _junction(writer: Writer, call: Call, exact: bool) -> Sql:
    return grouped(f" {call.op.upper()} ", [writer.write(arg, exact) for arg in call.args])


def _negation(writer: Writer, call: Call, exact: bool) -> Sql:
    return joined("(NOT ", "", [writer.write(call.args[0])], ")")


def _is_null(writer: Writer, call: Call, exact: bool) -> Sql:
    return joined("(", "", [writer.write(call.args[0])], " IS NULL)")


def _comparison(writer: Writer, call: Call, exact: bool) -> Sql:
    return _compared(writer, call.op, *call.args)


def _compared(writer: Writer, op: str, left: Node, right: Node) -> Sql:
    if isinstance(right, Instant) and isinstance(left, Column | Instant):
        return _against_instant(writer, op, left, right)
    if isinstance(left, Instant) and isinstance(right, Column):
        return _against_instant(writer, _TURNED[op], right, left)
    if isinstance(left, Column) and isinstance(right, Column) and left.type == "instant":
        return Sql(f"({writer.time(left)} {op} {writer.time(right)})")
    return joined("(", f" {op} ", [writer.write(left), writer.write(right)], ")")


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
    parts = [_compared(writer, ">=", value, low), _compared(writer, "<=", value, high)]
    if is_literal(low) and is_literal(high):
        return joined("(", " AND ", parts, ")")
    # A sum is null where any operand is, also where the other bound alone would make it false.
    return joined("(", " + ", parts, " = 2)")


def _in(writer: Writer, call: Call, exact: bool) -> Sql:
    sought, *members = call.args
    if "instant" in map(type_of, call.args):
        return grouped(" OR ", [_compared(writer, "=", *_column_first(sought, one)) for one in members])
    value, listed = writer.write(sought), joined("(", ", ", [writer.write(one) for one in members], ")")
    return joined("(", " IN ", [value, listed], ")")


def _column_first(one: Node, other: Node) -> tuple[Node, Node]:
    return (other, one) if isinstance(other, Column) and not isinstance(one, Column) else (one, other)


def _like(writer: Writer, call: Call, exact: bool) -> Sql:
    # GLOB, because SQLite's LIKE takes no account of case, in ASCII alone.
    return joined("(", " GLOB ", [writer.write(arg) for arg in call.args], ")")


def _spatial(writer: Writer, call: Call, exact: bool) -> Sql:
    test = writer.call("spatial", Sql("?", (call.op,)), *map(writer.write, call.args))
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


#: The signs of `relations`: the operand's number behind a letter; and what stands between comparisons.
_SIGN: Final = re.compile(r"([sefl][12])")
_BETWEEN: Final = re.compile(r" AND | OR ")


def _temporal(writer: Writer, call: Call, exact: bool) -> Sql:
    signs: dict[str, Sql] = {}
    for number, arg in enumerate(call.args, start=1):
        (first, last), (begin, end) = writer.ends(arg)
        letters = {"s": first, "l": last, "f": begin, "e": end}
        signs |= {f"{letter}{number}": sql for letter, sql in letters.items()}
    relation = RELATIONS[call.op]
    found = joined("(", "", [signs.get(part, Sql(part)) for part in _SIGN.split(relation)], ")")
    columns = list(dict.fromkeys(name for arg in call.args for name in writer.columns(arg)))
    # Where each comparison reads each column, none can be null unseen; and an index may serve.
    seen = all(
        column in "".join(signs[sign].text for sign in _SIGN.findall(comparison))
        for comparison in _BETWEEN.split(relation)
        for column in columns
    )
    return found if seen else unless_null(found, columns)


def _arrays(writer: Writer, call: Call, exact: bool) -> Sql:
    return writer.call("arrays", Sql("?", (call.op,)), *map(writer.write, call.args))


#: Operator -> its SQL; of those that are true or false. What else is computed is in `values`.
OPERATORS: Final[Mapping[str, Callable[[Writer, Call, bool], Sql]]] = {
    **dict.fromkeys(("and", "or"), _junction),
    "not": _negation,
    "isNull": _is_null,
    **dict.fromkeys(nodes.COMPARISONS, _comparison),
    "between": _between,
    "in": _in,
    "like": _like,
    **dict.fromkeys(nodes.SPATIAL, _spatial),
    **dict.fromkeys((*nodes.TEMPORAL, *nodes.INTERVALS), _temporal),
    **dict.fromkeys(nodes.ARRAYS, _arrays),
}
