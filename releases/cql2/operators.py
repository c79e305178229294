"""What each operator demands of its operands: one table, from names in CQL2 JSON to how many, which, and a node.

What an operator means in a database is in the table of that database's dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from config.models import Text
from releases.cql2 import literals
from releases.cql2.faults import FilterError, FilterFault, fault, unfit
from releases.cql2.nodes import ARRAYS, SPATIAL, TEMPORAL, Call, Column, Node, Type, Value, type_of
from releases.cql2.shown import shown

if TYPE_CHECKING:
    from releases.cql2.check import Reading

_SCALARS: Final[tuple[Type, ...]] = ("text", "number", "boolean", "instant")
_FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Operator(NamedTuple):
    """How many operands an operator has, and how it is checked: reading, name, operands, the whole."""

    least: int
    most: int
    check: Callable[[Reading, str, list[Any], Any], Node]


def _junction(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    parts = reading.operands(args, tree, "boolean")
    flat = [
        one for part in parts for one in (part.args if isinstance(part, Call) and part.op == op else (part,))
    ]
    # AND and OR mean the same in any order, and twice is once, also where something is null.
    several = tuple(sorted(set(flat), key=repr))
    return several[0] if len(several) == 1 else Call(op, several)


def _negation(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    part = reading.of_type("boolean", args[0], tree)
    return part.args[0] if isinstance(part, Call) and part.op == "not" else Call("not", (part,))


def _comparison(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    left, right = _alike(reading.operands(args, tree), args, tree)
    if op in ("=", "<>"):
        reading.check_code(left, (right,))
        reading.check_code(right, (left,))
    if isinstance(right, Column) and not isinstance(left, Column):
        op, left, right = _FLIPPED[op], right, left
    return Call(op, (left, right))


def _alike(
    nodes: list[Node],
    trees: list[Any],
    whole: Any,
    types: tuple[Type, ...] = _SCALARS,
) -> list[Node]:
    """Operands of one scalar type, that of the first property or else of the first; a text among times is read as one."""
    lead = next((node for node in nodes if isinstance(node, Column | Call)), nodes[0])
    wanted = type_of(lead)
    if wanted is None or wanted not in types:
        raise FilterError(unfit(trees[nodes.index(lead)], whole, types[0]))
    found: list[Node] = []
    faults: list[FilterFault] = []
    for node, tree in zip(nodes, trees, strict=True):
        if wanted == "instant" and isinstance(node, Value) and isinstance(node.value, str):
            found.append(literals.instant(node.value))
        elif type_of(node) == wanted:
            found.append(node)
        else:
            faults.append(unfit(tree, whole, wanted))
    if faults:
        raise FilterError(*faults)
    return found


def _between(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, tuple(_alike(reading.operands(args, tree), args, tree, ("number", "instant"))))


def _in(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    members = args[1]
    if not isinstance(members, list) or not members:
        what = Text(zh="括号内的值，如 ('a','b')", en="values in brackets, as ('a','b')")
        raise FilterError(fault(f"{shown(tree)}：IN 之后没有值", f"{shown(tree)}: there are no values", what))
    trees = [args[0], *members]
    sought, *values = _alike(reading.operands(trees, tree), trees, tree)
    reading.check_code(sought, values)
    return Call(op, (sought, *sorted(set(values), key=repr)))


def _like(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    text = reading.of_type("text", args[0], tree)
    if not isinstance(args[1], str):
        raise FilterError(unfit(args[1], tree, "text"))
    reading.operand(args[1])
    return Call(op, (text, literals.pattern(args[1])))


def _is_null(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, (reading.operand(args[0]),))


def _spatial(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, tuple(reading.operands(args, tree, "geometry")))


def _temporal(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    nodes = reading.operands(args, tree)
    times: list[Node] = []
    for node, part in zip(nodes, args, strict=True):
        if isinstance(node, Value) and isinstance(node.value, str):
            node = literals.instant(node.value)
        if type_of(node) not in ("instant", "interval"):
            raise FilterError(unfit(part, tree, "instant"))
        times.append(node)
    return Call(op, tuple(times))


def _arrays(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, tuple(reading.operands(args, tree, "texts")))


_ANY: Final = 1_000_000
#: Operator -> how it is checked; what it is called is its name in CQL2 JSON (21-065r2, 8.3).
OPERATORS: Final[Mapping[str, Operator]] = {
    "and": Operator(2, _ANY, _junction),
    "or": Operator(2, _ANY, _junction),
    "not": Operator(1, 1, _negation),
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), Operator(2, 2, _comparison)),
    "isNull": Operator(1, 1, _is_null),
    "like": Operator(2, 2, _like),
    "between": Operator(3, 3, _between),
    "in": Operator(2, 2, _in),
    **dict.fromkeys(
        SPATIAL,
        Operator(2, 2, _spatial),
    ),
    **dict.fromkeys(TEMPORAL, Operator(2, 2, _temporal)),
    **dict.fromkeys(ARRAYS, Operator(2, 2, _arrays)),
}
