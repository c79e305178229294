"""The names and types of a filter, checked against a layer: a JSON tree becomes a tree of values, or faults.

What an operator demands of its operands is in `operators`. All faults of a filter are told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from config.models import CodeList, Field, Layer, Text
from releases.cql2 import literals
from releases.cql2.expression import Expression
from releases.cql2.faults import FilterError, FilterFault, fault, one_of, unfit
from releases.cql2.nodes import Column, Filter, Instant, Interval, Node, Texts, Type, Value, type_of
from releases.cql2.operators import OPERATORS
from releases.cql2.shown import shown

#: The name by which queryables show a layer's geometry.
GEOMETRY: Final = "geometry"
_TYPES: Final[Mapping[str, Type]] = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "instant",
    "array": "texts",
}


def check(expression: Expression, layer: Layer, codelists: Mapping[str, CodeList]) -> Filter:
    """Check an expression against the fields of a layer; FilterError with every fault."""
    reading = Reading(layer, codelists, expression.places)
    root = reading.of_type("boolean", expression.tree, expression.tree)
    return Filter(root, tuple(sorted(reading.fields)), reading.spatial)


class Reading:
    """One expression being checked against one layer; gathers the fields that it reads."""

    def __init__(self, layer: Layer, codelists: Mapping[str, CodeList], places: Mapping[str, int]) -> None:
        self._layer = layer
        self._codelists = codelists
        self._places = places
        self.fields: set[str] = set()
        self.spatial = False

    def operand(self, tree: Any) -> Node:
        """Any operand, literal or operator."""
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
                return self._texts(tree)
            case {"op": str(op), "args": list(args)} if len(tree) == 2:
                return self._call(op, args, tree)
            case {"property": str(name)} if len(tree) == 1:
                return self._column(name)
            case {"date": text} | {"timestamp": text} if len(tree) == 1:
                return self._instant(tree, text)
            case {"interval": list(ends)} if len(tree) == 1 and len(ends) == 2:
                return self._interval(ends)
            case {"bbox": numbers} if len(tree) == 1:
                return literals.box(numbers)
            case {"type": str()}:
                return literals.geometry(tree)
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

    def operands(self, trees: list[Any], whole: Any, wanted: Type | None = None) -> list[Node]:
        """Several operands, of one type if one is wanted; the faults of all of them together."""
        nodes: list[Node] = []
        faults: list[FilterFault] = []
        for tree in trees:
            try:
                nodes.append(self.operand(tree) if wanted is None else self.of_type(wanted, tree, whole))
            except FilterError as error:
                faults += error.faults
        if faults:
            raise FilterError(*faults)
        return nodes

    def check_code(self, column: Node, values: Iterable[Node]) -> None:
        """A code that the field's list does not have is wrong, as it is in a parameter: it names no feature."""
        field = self._layer.field(column.name) if isinstance(column, Column) else None
        if field is None or field.codelist is None:
            return
        codelist = self._codelists[field.codelist]
        faults = [
            fault(
                f"{field.name} 没有代码 {value.value!r}",
                f"{field.name} has no code {value.value!r}",
                one_of(str(value.value), tuple(code.value for code in codelist.codes)),
            )
            for value in values
            if isinstance(value, Value) and codelist.code(str(value.value)) is None
        ]
        if faults:
            raise FilterError(*faults)

    def _call(self, op: str, args: list[Any], tree: Any) -> Node:
        operator = OPERATORS.get(op)
        if operator is None:
            raise FilterError(
                fault(
                    f"{self._at(op)}不支持运算 {op[:40]!r}",
                    f"{self._at(op, 'en')}there is no operator {op[:40]!r}",
                    one_of(op, tuple(OPERATORS)),
                )
            )
        if not operator.least <= len(args) <= operator.most:
            count = str(operator.least) if operator.least == operator.most else f">= {operator.least}"
            raise FilterError(
                fault(
                    f"{shown(tree)}：{op} 有 {len(args)} 个操作数",
                    f"{shown(tree)}: {op} has {len(args)} operands",
                    Text(zh=f"{count} 个", en=count),
                )
            )
        return operator.check(self, op, args, tree)

    def _column(self, name: str) -> Column:
        field: Field | None = self._layer.field(name)
        if field is not None:
            self.fields.add(name)
            return Column(name, _TYPES[field.type])
        if name == GEOMETRY:
            self.spatial = True
            return Column("", "geometry")
        known = (*(field.name for field in self._layer.fields), GEOMETRY)
        raise FilterError(
            fault(
                f"{self._at(name)}图层 {self._layer.id} 没有字段 {name[:60]!r}",
                f"{self._at(name, 'en')}the layer {self._layer.id} has no property {name[:60]!r}",
                one_of(name, known),
            )
        )

    def _at(self, name: str, lang: str = "zh") -> str:
        place = self._places.get(name)
        if place is None:
            return ""
        return f"character {place + 1}: " if lang == "en" else f"第 {place + 1} 个字符："

    def _instant(self, tree: dict[str, Any], text: Any) -> Instant:
        found = literals.instant(text)
        if ("date" in tree) != found.is_day:
            raise FilterError(unfit(tree, tree, "instant"))
        return found

    def _interval(self, ends: list[Any]) -> Interval:
        start, end = (self._end(tree) for tree in ends)
        if isinstance(start, Instant) and isinstance(end, Instant) and start.start > end.end:
            what = Text(zh="起不晚于止", en="a start not after the end")
            raise FilterError(fault(f"{shown(ends)} 起止颠倒", f"{shown(ends)} ends before it begins", what))
        return Interval(start, end)

    def _end(self, tree: Any) -> Instant | Column | None:
        if tree == "..":
            return None
        node = literals.instant(tree) if isinstance(tree, str) else self.operand(tree)
        if isinstance(node, Instant) or (isinstance(node, Column) and node.type == "instant"):
            return node
        raise FilterError(unfit(tree, tree, "instant"))

    def _texts(self, trees: list[Any]) -> Texts:
        if not all(isinstance(tree, str) for tree in trees):
            raise FilterError(unfit(trees, trees, "texts"))
        return Texts(tuple(sorted(set(trees))))
