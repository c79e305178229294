"""The names and types of a filter, checked against a layer: a JSON tree becomes a tree of values, or faults.

What an operator demands of its operands is in `operators`, what a function does in `functions`. All faults of a filter
are told at once, each with the place of the part that is at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from config.models import Layer, Text
from releases.cql2 import literals, shapes
from releases.cql2.expression import Expression
from releases.cql2.faults import FilterError, FilterFault, Path, fault, one_of, unfit
from releases.cql2.functions import FUNCTIONS
from releases.cql2.nodes import (
    Array,
    Call,
    Column,
    Filter,
    Instant,
    Interval,
    Node,
    Shape,
    Type,
    Value,
    inputs,
    levels,
    type_of,
    width,
)
from releases.cql2.operators import OPERATORS
from releases.cql2.shown import shown

#: The name by which queryables show a layer's geometry.
GEOMETRY: Final = "geometry"
#: Conditions one in the other; SQLite's parser has room for a hundred signs that wait for their end.
LEVELS: Final = 20
#: Values of a feature from which one other is computed; a function of SQLite takes 127.
COMPUTED: Final = 120
#: So many faults are told; a list of a thousand wrong values has a thousand.
TOLD: Final = 50
_TYPES: Final[dict[str, Type]] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "instant",
    "array": "array",
}


def check(expression: Expression, layer: Layer, crs: str = "OGC:CRS84") -> Filter:
    """Check an expression against the fields of a layer; FilterError with every fault.

    `crs` is the code of the CRS that literal geometries are in, with the axis order of its authority.
    """
    reading = Reading(layer, crs)
    try:
        root = reading.of_type("boolean", expression.tree, expression.tree)
        if shapes.tangled(reading.shapes):
            raise FilterError(shapes.too_tangled())
        if (deep := levels(root)) > LEVELS:
            most = Text(zh=f"至多 {LEVELS}", en=f"at most {LEVELS}")
            raise FilterError(
                fault(f"条件嵌套 {deep} 层", f"conditions lie {deep} levels in each other", most)
            )
    except FilterError as error:
        where = expression.where
        raise FilterError(*(_placed(one, where(one.path)) for one in error.faults[:TOLD])) from error
    return Filter(root, tuple(sorted(reading.fields)), reading.spatial)


def _placed(fault: FilterFault, place: Text) -> FilterFault:
    """The fault with its place before what it says."""
    said = fault.message
    return fault._replace(message=Text(zh=place.zh + said.zh, en=place.en + said.en))


class Reading:
    """One expression being checked against one layer; gathers the fields and the geometries that it reads."""

    def __init__(self, layer: Layer, crs: str) -> None:
        self._layer = layer
        self._crs = crs
        self.fields: set[str] = set()
        self.shapes: list[Shape] = []
        self.spatial = False

    def operand(self, tree: Any) -> Node:
        """Any operand, literal or operator."""
        node = self._operand(tree)
        if isinstance(node, Array) or (isinstance(node, Call) and node.type != "boolean"):
            count = sum(map(width, inputs(node)))
            if count > COMPUTED:
                most = Text(zh=f"至多 {COMPUTED} 个", en=f"at most {COMPUTED}")
                raise FilterError(fault(f"由 {count} 个值计算而成", f"is computed from {count} values", most))
        return node

    def _operand(self, tree: Any) -> Node:
        match tree:
            case bool():
                return Value(tree, "boolean")
            case str():
                if "\0" in tree:
                    what = Text(zh="不含空字符的文字", en="a text without NUL")
                    raise FilterError(fault("文字含有空字符", "a text holds a NUL", what))
                return Value(tree, "text")
            case int() | float():
                return literals.number(tree, shown(tree))
            case list():
                return self._array(tree)
            case {"op": str(op), "args": list(args)} if len(tree) == 2:
                return self._call(op, args, tree)
            case {"property": str(name)} if len(tree) == 1:
                return self._column(name)
            case {"date": text} | {"timestamp": text} if len(tree) == 1:
                return self._instant(tree, text)
            case {"interval": list(ends)} if len(tree) == 1 and len(ends) == 2:
                return self._interval(ends)
            case {"bbox": numbers} if len(tree) == 1:
                return self._shape(shapes.box(numbers, self._crs))
            case {"type": str()}:
                return self._shape(shapes.geometry(tree, self._crs))
        what = Text(
            zh="字段、文字、数、日期、几何或运算", en="a property, text, number, date, geometry or operator"
        )
        if tree is None:
            what = Text(zh="用 IS NULL 判断空值", en="IS NULL, which tells whether there is a value")
        raise FilterError(fault(f"{shown(tree)} 不是操作数", f"{shown(tree)} is no operand here", what))

    def of_type(self, wanted: Type, tree: Any, whole: Any) -> Node:
        """An operand of one type, in the expression `whole`."""
        node = self.operand(tree)
        if type_of(node) != wanted:
            raise FilterError(unfit(tree, whole, wanted))
        return node

    def operands(
        self, trees: list[Any], whole: Any, wanted: Type | None = None, at: Path = ("args",)
    ) -> list[Node]:
        """Operands in the list at a path, of one type if one is wanted; the faults of all of them together."""
        return self._each(trees, [wanted] * len(trees), whole, at)

    def _each(self, trees: list[Any], types: Sequence[Type | None], whole: Any, at: Path) -> list[Node]:
        nodes: list[Node] = []
        faults: list[FilterFault] = []
        for i, (tree, wanted) in enumerate(zip(trees, types, strict=True)):
            try:
                nodes.append(self.operand(tree) if wanted is None else self.of_type(wanted, tree, whole))
            except FilterError as error:
                faults += error.under(*at, i).faults
        if faults:
            raise FilterError(*faults)
        return nodes

    def _call(self, op: str, args: list[Any], tree: Any) -> Node:
        operator = OPERATORS.get(op)
        if operator is None:
            return self._function(op, args, tree)
        if not operator.least <= len(args) <= operator.most:
            least = str(operator.least)
            raise FilterError(_miscounted(tree, least if operator.least == operator.most else f">= {least}"))
        return operator.check(self, op, args, tree)

    def _function(self, op: str, args: list[Any], tree: Any) -> Node:
        name = op.lower()
        function = FUNCTIONS.get(name)
        if function is None:
            known = (*FUNCTIONS, *OPERATORS)
            message = f"没有运算或函数 {op[:40]!r}", f"there is no operator or function {op[:40]!r}"
            raise FilterError(fault(*message, one_of(name, known))).under("op")
        if len(args) != len(function.arguments):
            raise FilterError(_miscounted(tree, str(len(function.arguments))))
        types = [argument.type for argument in function.arguments]
        return Call(name, tuple(self._each(args, types, tree, ("args",))), function.returns)

    def _column(self, name: str) -> Column:
        field = self._layer.field(name)
        if field is not None:
            self.fields.add(name)
            return Column(name, _TYPES[field.type])
        if name == GEOMETRY:
            self.spatial = True
            return Column("", "geometry")
        known = (*(field.name for field in self._layer.fields), GEOMETRY)
        message = (
            f"图层 {self._layer.id} 没有字段 {name[:60]!r}",
            f"the layer {self._layer.id} has no property {name[:60]!r}",
        )
        raise FilterError(fault(*message, one_of(name, known))).under("property")

    def _shape(self, shape: Shape) -> Shape:
        self.shapes.append(shape)
        return shape

    def _instant(self, tree: dict[str, Any], text: Any) -> Instant:
        found = literals.instant(text)
        if ("date" in tree) != found.is_day:
            raise FilterError(unfit(tree, tree, "instant"))
        return found

    def _interval(self, ends: list[Any]) -> Interval:
        start, end = (self._end(tree, i) for i, tree in enumerate(ends))
        if isinstance(start, Instant) and isinstance(end, Instant) and start.start > end.end:
            what = Text(zh="起不晚于止", en="a start not after the end")
            raise FilterError(fault(f"{shown(ends)} 起止颠倒", f"{shown(ends)} ends before it begins", what))
        return Interval(start, end)

    def _end(self, tree: Any, place: int) -> Instant | Column | None:
        if tree == "..":
            return None
        try:
            node = literals.instant(tree) if isinstance(tree, str) else self.operand(tree)
            if isinstance(node, Instant) or (isinstance(node, Column) and node.type == "instant"):
                return node
            raise FilterError(unfit(tree, tree, "instant"))
        except FilterError as error:
            raise error.under("interval", place) from error

    def _array(self, trees: list[Any]) -> Array:
        return Array(tuple(sorted(set(self.operands(trees, trees, at=())), key=repr)))


def _miscounted(tree: Any, expected: str) -> FilterFault:
    op, count = tree["op"][:40], len(tree["args"])
    return fault(
        f"{shown(tree)}：{op} 有 {count} 个操作数",
        f"{shown(tree)}: {op} has {count} operands",
        Text(zh=f"{expected} 个", en=expected),
    )
