"""What each operator demands of its operands: one table, from names in CQL2 JSON to how many, which, and a node.

What an operator means in a database is in the table of that database's dialect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from config.models import Text
from releases.cql2 import arithmetic, literals, nodes, texts
from releases.cql2.faults import FilterError, FilterFault, Path, fault, unfit
from releases.cql2.nodes import Array, Call, Column, Node, Pattern, Type, Value, type_of
from releases.cql2.shown import shown

if TYPE_CHECKING:
    from releases.cql2.check import Reading

_SCALARS: Final[tuple[Type, ...]] = ("text", "number", "boolean", "instant")
_CONVERSES: Final = {
    "<": ">",
    "<=": ">=",
    "s_within": "s_contains",
    "t_after": "t_before",
    "t_during": "t_contains",
    "t_finishes": "t_finishedBy",
    "t_starts": "t_startedBy",
    "t_meets": "t_metBy",
    "t_overlaps": "t_overlappedBy",
    "a_containedBy": "a_contains",
}
#: Operator -> the one that means the same with its operands exchanged; of one that is not here, it is itself.
CONVERSES: Final[Mapping[str, str]] = {**_CONVERSES, **{other: one for one, other in _CONVERSES.items()}}


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
    (part,) = reading.operands(args, tree, "boolean")
    return part.args[0] if isinstance(part, Call) and part.op == "not" else Call("not", (part,))


def _ordered(op: str, operands: list[Node], type: Type = "boolean") -> Call:
    """Two operands that may be exchanged, in one order: properties, what is computed from them, literals."""
    left, right = operands
    converse = CONVERSES.get(op, op)
    if _rank(left) > _rank(right):
        op, left, right = converse, right, left
    elif left == right:
        op = min(op, converse)
    return Call(op, (left, right), type)


def _rank(node: Node) -> tuple[int, str]:
    return 0 if isinstance(node, Column) else 1 if isinstance(node, Call) else 2, repr(node)


def _comparison(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return _ordered(op, _alike(reading.operands(args, tree), args, tree))


def _alike(
    found: list[Node],
    trees: list[Any],
    whole: Any,
    types: tuple[Type, ...] = _SCALARS,
    paths: list[Path] | None = None,
) -> list[Node]:
    """Operands of one scalar type, that of the first property or else of the first; a text among times is read as one."""
    paths = paths or [("args", i) for i in range(len(trees))]
    lead = next((node for node in found if isinstance(node, Column | Call)), found[0])
    wanted = type_of(lead)
    if wanted is None or wanted not in types:
        place = found.index(lead)
        raise FilterError(unfit(trees[place], whole, types[0])).under(*paths[place])
    alike: list[Node] = []
    faults: list[FilterFault] = []
    for node, tree, path in zip(found, trees, paths, strict=True):
        try:
            alike.append(_fitting(node, tree, whole, wanted))
        except FilterError as error:
            faults += error.under(*path).faults
    if faults:
        raise FilterError(*faults)
    return alike


def _fitting(node: Node, tree: Any, whole: Any, wanted: Type) -> Node:
    if wanted == "instant" and isinstance(node, Value) and isinstance(node.value, str):
        return literals.instant(node.value)
    if type_of(node) != wanted:
        raise FilterError(unfit(tree, whole, wanted))
    return node


def _between(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, tuple(_alike(reading.operands(args, tree), args, tree, ("number", "instant"))))


def _in(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    members = args[1]
    if not isinstance(members, list) or not members:
        what = Text(zh="括号内的值，如 ('a','b')", en="values in brackets, as ('a','b')")
        raise FilterError(fault(f"{shown(tree)}：IN 之后没有值", f"{shown(tree)}: there are no values", what))
    paths: list[Path] = [("args", 0), *(("args", 1, i) for i in range(len(members)))]
    found = [*reading.operands(args[:1], tree), *reading.operands(members, tree, at=("args", 1))]
    sought, *values = _alike(found, [args[0], *members], tree, paths=paths)
    return Call(op, (sought, *sorted(set(values), key=repr)))


def _like(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    (text,) = reading.operands(args[:1], tree, "text")
    try:
        return Call(op, (text, _pattern(reading, args[1], tree)))
    except FilterError as error:
        raise error.under("args", 1) from error


def _pattern(reading: Reading, tree: Any, whole: Any) -> Pattern:
    """A text, or one that is folded: then what it is held against is as well."""
    match tree:
        case {"op": "casei" | "accenti" as folding, "args": [inner]} if len(tree) == 2:
            return texts.folded(_pattern(reading, inner, whole), folding)
        case str():
            reading.operand(tree)
            return texts.pattern(tree)
    raise FilterError(unfit(tree, whole, "text"))


def _is_null(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return Call(op, tuple(reading.operands(args, tree)))


def _folding(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    (text,) = reading.operands(args, tree, "text")
    if isinstance(text, Value):
        return Value(texts.FOLDINGS[op](str(text.value)), "text")
    return Call(op, (text,), "text")


def _arithmetic(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    left, right = reading.operands(args, tree, "number")
    if isinstance(left, Value) and isinstance(right, Value):
        # Of literals it is one itself, by which an index may be searched.
        result = arithmetic.operation(op)(float(left.value), float(right.value))
        if result is not None:
            return literals.number(result, shown(tree))
    if op in ("+", "*"):
        return _ordered(op, [left, right], "number")
    return Call(op, (left, right), "number")


def _spatial(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    return _ordered(op, reading.operands(args, tree, "geometry"))


def _temporal(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    wanted: tuple[Type, ...] = ("interval",) if op in nodes.INTERVALS else ("instant", "interval")
    times: list[Node] = []
    for i, (node, part) in enumerate(zip(reading.operands(args, tree), args, strict=True)):
        try:
            node = _fitting(node, part, tree, "instant") if isinstance(node, Value) else node
            if type_of(node) not in wanted:
                raise FilterError(unfit(part, tree, wanted[0]))
        except FilterError as error:
            raise error.under("args", i) from error
        times.append(node)
    return _ordered(op, times)


def _arrays(reading: Reading, op: str, args: list[Any], tree: Any) -> Node:
    arrays: list[Node] = []
    for i, (node, part) in enumerate(zip(reading.operands(args, tree), args, strict=True)):
        if type_of(node) != "array":
            if isinstance(node, Column):
                raise FilterError(unfit(part, tree, "array")).under("args", i)
            # ('a') is an array of one member here; elsewhere brackets round a value mean nothing.
            node = Array((node,))
        arrays.append(node)
    return _ordered(op, arrays)


_ANY: Final = 1_000_000
#: Operator -> how it is checked; what it is called is its name in CQL2 JSON (21-065r2, 8.3).
OPERATORS: Final[Mapping[str, Operator]] = {
    "and": Operator(2, _ANY, _junction),
    "or": Operator(2, _ANY, _junction),
    "not": Operator(1, 1, _negation),
    **dict.fromkeys(nodes.COMPARISONS, Operator(2, 2, _comparison)),
    "isNull": Operator(1, 1, _is_null),
    "like": Operator(2, 2, _like),
    "between": Operator(3, 3, _between),
    "in": Operator(2, 2, _in),
    **dict.fromkeys(nodes.FOLDINGS, Operator(1, 1, _folding)),
    **dict.fromkeys(nodes.ARITHMETIC, Operator(2, 2, _arithmetic)),
    **dict.fromkeys(nodes.SPATIAL, Operator(2, 2, _spatial)),
    **dict.fromkeys((*nodes.TEMPORAL, *nodes.INTERVALS), Operator(2, 2, _temporal)),
    **dict.fromkeys(nodes.ARRAYS, Operator(2, 2, _arrays)),
}
