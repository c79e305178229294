"""A filter as it was written, read into one JSON tree whichever encoding it came in (OGC 21-065r2, 8).

Text is parsed by cql2-rs, whose JSON form is taken as it is: its own evaluation, folding (`reduce`) and SQL are
not used. JSON is read by orjson and not sent through the parser, which would round its integers and could not
say where a fault is. Nothing here knows a layer; what comes out is bounded and no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

import cql2
import orjson

from config.models import Text
from releases.cql2 import places
from releases.cql2.faults import FilterError, FilterFault, fault
from releases.cql2.lexer import EMPTY, LENGTH, lex, too_long
from releases.cql2.places import Finder, Spot

FilterLang = Literal["cql2-text", "cql2-json"]
LANGS: Final[tuple[FilterLang, ...]] = ("cql2-text", "cql2-json")

#: Operators, operands, names and literals of a filter together.
NODES: Final = 5_000
#: How deep they may lie in each other.
DEPTH: Final = 64
#: Coordinates of all geometries of a filter together.
VERTICES: Final = 10_000

_PLACE = re.compile(r"-->\s*([0-9]+):([0-9]+)")
_WORDS: Final[dict[str, Text]] = {
    "EOI": Text(zh="表达式结束", en="the end"),
    "Expr": Text(zh="表达式", en="an expression"),
    "Identifier": Text(zh="字段名", en="a name"),
    "SingleQuotedString": Text(zh="'文字'", en="a text in '…'"),
    "DECIMAL": Text(zh="数", en="a number"),
    "GEOMETRY": Text(zh="几何（WKT）", en="a geometry in WKT"),
    "ExpressionInParentheses": Text(zh="( … )", en="( … )"),
    "And": Text(zh="AND", en="AND"),
    "Or": Text(zh="OR", en="OR"),
    "Eq": Text(zh="比较运算符", en="a comparison"),
    "IsNullPostfix": Text(zh="IS NULL", en="IS NULL"),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A filter whose form is right and whose names nobody has looked at yet.

    `tree` is CQL2 JSON; `spots` are the tokens of a text, None when JSON was given.
    """

    tree: Any
    spots: tuple[Spot, ...] | None = None

    @property
    def where(self) -> Finder:
        """What tells where a part of it stands."""
        return places.in_json if self.spots is None else places.in_text(self.tree, self.spots)

    @property
    def names(self) -> set[str]:
        """The properties that it names."""
        found: set[str] = set()
        waiting = [self.tree]
        while waiting:
            part = waiting.pop()
            if isinstance(part, dict):
                if isinstance(name := part.get("property"), str):
                    found.add(name)
                waiting.extend(part.values())
            elif isinstance(part, list):
                waiting.extend(part)
        return found


def parse(text: str, lang: FilterLang = "cql2-text") -> Expression:
    """Read a filter; FilterError when it is malformed or too large."""
    expression = _from_json(text) if lang == "cql2-json" else _from_text(text)
    if faults := _beyond(expression.tree):
        raise FilterError(*faults)
    if expression.spots is None:
        return expression
    return Expression(_with_empty_arrays(expression.tree), expression.spots)


def _with_empty_arrays(tree: Any) -> Any:
    """The tree with empty arrays in the places where the lexer wrote what stands for them."""
    if isinstance(tree, dict):
        return {name: _with_empty_arrays(part) for name, part in tree.items()}
    if isinstance(tree, list):
        return [] if tree == EMPTY else [_with_empty_arrays(part) for part in tree]
    return tree


def _from_text(text: str) -> Expression:
    lexed = lex(text)
    if not lexed.text.strip():
        raise FilterError(fault("表达式为空", "the expression is empty", _EXPECTED))
    try:
        tree = cql2.parse_text(lexed.text).to_json()
    except Exception as error:
        # The parser raises its own errors, ValueError and plain Exception, all for what it was given.
        raise FilterError(_syntax(str(error), lexed.text, lexed.place)) from error
    return Expression(tree, lexed.spots)


def _from_json(text: str) -> Expression:
    if len(text) > LENGTH:
        raise FilterError(too_long(len(text)))
    try:
        return Expression(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise FilterError(
            fault(
                f"不是 JSON：第 {error.pos + 1} 个字符处有误",
                f"is no JSON: wrong at character {error.pos + 1}",
                Text(zh="CQL2 JSON 对象", en="an object of CQL2 JSON"),
            )
        ) from error


def _syntax(said: str, text: str, place: Any) -> FilterFault:
    """What the parser says, in words: where it stopped, and what could have stood there."""
    found = _PLACE.search(said)
    if found is None:
        return fault("表达式无法解析", "the expression cannot be parsed", _EXPECTED)
    lines = text.split("\n")
    line, column = int(found[1]) - 1, int(found[2]) - 1
    at = place(sum(len(one) + 1 for one in lines[:line]) + column) + 1
    names = re.findall(r"[A-Za-z]+", said.rpartition("expected")[2])
    words = [_WORDS[name] for name in names if name in _WORDS]
    expected = (
        Text(
            zh="、".join(dict.fromkeys(word.zh for word in words)),
            en=", ".join(dict.fromkeys(word.en for word in words)),
        )
        if words
        else _EXPECTED
    )
    return fault(f"第 {at} 个字符处无法解析", f"cannot be parsed at character {at}", expected)


def _beyond(tree: Any) -> list[FilterFault]:
    """What of a tree is beyond the bounds. Not recursive: a deep tree is just what it looks for."""
    nodes = numbers = deepest = 0
    waiting: list[tuple[Any, int, bool]] = [(tree, 1, False)]
    while waiting:
        node, depth, in_geometry = waiting.pop()
        if in_geometry:
            numbers += not isinstance(node, list | dict)
        else:
            nodes += 1
        deepest = max(deepest, depth)
        if isinstance(node, dict):
            for name, value in node.items():
                if name in ("op", "property") and isinstance(value, str):
                    continue  # counted with what they name
                inside = in_geometry or name in ("coordinates", "geometries")
                # "args" is where operands are, and no depth of its own.
                waiting.extend(
                    (part, depth + 1, inside)
                    for part in (value if name == "args" and isinstance(value, list) else [value])
                )
        elif isinstance(node, list):
            waiting.extend((part, depth + 1, in_geometry) for part in node)
    found = []
    for size, bound, zh, en in (
        (nodes, NODES, "个部分", "parts"),
        (deepest, DEPTH, "层嵌套", "levels one in the other"),
        (numbers, 2 * VERTICES, "个坐标数", "numbers in geometries"),
    ):
        if size > bound:
            expected = Text(zh=f"至多 {bound}", en=f"at most {bound}")
            found.append(fault(f"表达式有 {size} {zh}", f"the expression has {size} {en}", expected))
    return found


_EXPECTED = Text(zh="CQL2 表达式，如 LX = '县'", en="a CQL2 expression, such as NAME = 'x'")
