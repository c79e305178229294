"""A filter that has been checked, as a tree of frozen values: what every dialect of SQL is made from.

Equal meaning gives equal trees as far as form goes: operands that may change places stand in one order, those of AND,
OR and lists once, numbers that are whole are integers, times are in UTC. Trees are hashed and compared, so that
answers are kept by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

#: What an operand evaluates to; "instant" is a date or a date-time.
Type = Literal["boolean", "text", "number", "instant", "interval", "geometry", "array"]

#: Operators that come in families (21-065r2, 7.2 to 7.7 and 7.10).
COMPARISONS: Final = ("=", "<>", "<", ">", "<=", ">=")
FOLDINGS: Final = ("casei", "accenti")
SPATIAL: Final = (
    "s_intersects",
    "s_disjoint",
    "s_equals",
    "s_touches",
    "s_within",
    "s_contains",
    "s_overlaps",
    "s_crosses",
)
#: Of the temporal ones those that instants have as well, and those of intervals alone.
TEMPORAL: Final = ("t_after", "t_before", "t_disjoint", "t_equals", "t_intersects")
INTERVALS: Final = (
    "t_contains",
    "t_during",
    "t_finishedBy",
    "t_finishes",
    "t_meets",
    "t_metBy",
    "t_overlappedBy",
    "t_overlaps",
    "t_startedBy",
    "t_starts",
)
ARRAYS: Final = ("a_equals", "a_contains", "a_containedBy", "a_overlaps")
ARITHMETIC: Final = ("+", "-", "*", "/", "%", "div", "^")

#: So many conditions of AND or OR are one level of SQL; more are groups of groups.
GROUP: Final = 8


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a field; of the layer's geometry the name is empty."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Value:
    """A literal text, number or truth value."""

    value: str | int | float | bool
    type: Type


@dataclass(frozen=True, slots=True)
class Instant:
    """A literal date ("2024-01-31", the whole day) or time ("2024-01-31T04:00:00.250Z", UTC).

    `start` and `end` are its first and last millisecond since 1970 in UTC.
    """

    text: str
    start: int
    end: int

    @property
    def is_day(self) -> bool:
        """Whether it is a date."""
        return len(self.text) == 10


@dataclass(frozen=True, slots=True)
class Interval:
    """From the start of one instant to the end of another, both included; None is an open end."""

    start: Instant | Column | None
    end: Instant | Column | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The fields that bound it; where one of them has no value there is no interval."""
        return tuple(end for end in (self.start, self.end) if isinstance(end, Column))


@dataclass(frozen=True, slots=True)
class Shape:
    """A literal geometry as WKB, in degrees, x = lon; `box` is its xmin, ymin, xmax, ymax."""

    wkb: bytes
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Array:
    """An array, which CQL2 takes for a set: its members sorted, each once."""

    members: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pattern of LIKE: texts, and between them "%" and "_" as `Wildcard`."""

    parts: tuple[str | Wildcard, ...]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Any characters (%) or any one (_)."""

    sign: Literal["%", "_"]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function, by its name in CQL2 JSON, on its operands; null where the standard says so."""

    op: str
    args: tuple[Node, ...]
    type: Type = "boolean"


Node = Column | Value | Instant | Interval | Shape | Array | Pattern | Call


def type_of(node: Node) -> Type | None:
    """What a node evaluates to; a pattern to nothing."""
    match node:
        case Column() | Value() | Call():
            return node.type
        case Instant():
            return "instant"
        case Interval():
            return "interval"
        case Shape():
            return "geometry"
        case Array():
            return "array"
    return None


def is_literal(node: Node) -> bool:
    """Whether a node is the same for all features, without being computed."""
    match node:
        case Column() | Call():
            return False
        case Interval():
            return not node.columns
        case Array():
            return all(map(is_literal, node.members))
    return True


def inputs(node: Node) -> tuple[Node, ...]:
    """What a value is computed from, each once: columns, intervals of columns, and conditions."""
    return tuple(dict.fromkeys(_inputs(node)))


def _inputs(node: Node) -> Iterator[Node]:
    match node:
        case Call() if node.type != "boolean":
            for arg in node.args:
                yield from _inputs(arg)
        case Array():
            for member in node.members:
                yield from _inputs(member)
        case Column() | Call():
            yield node
        case Interval() if node.columns:
            yield node


def width(node: Node) -> int:
    """How many values an input has: a time its first and last millisecond, everything else one."""
    return 2 if type_of(node) in ("instant", "interval") else 1


def levels(node: Node) -> int:
    """How deep conditions lie in each other as SQL; what is computed from values is none by itself."""
    match node:
        case Call() if node.type == "boolean":
            groups, count = 1, len(node.args)
            while node.op in ("and", "or", "in") and count > GROUP:
                groups, count = groups + 1, -(-count // GROUP)
            return groups + max(map(levels, node.args))
        case Array():
            inner = max(map(levels, node.members), default=0)
            return inner and inner + 2
    return 0


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on the features of one layer: those for which `root` is true.

    `fields` names the fields that it reads, sorted; `spatial` says that it reads the geometry.
    """

    root: Node
    fields: tuple[str, ...]
    spatial: bool
