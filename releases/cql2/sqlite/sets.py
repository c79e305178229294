"""Arrays as sets (/req/array-functions/array-predicates B) of texts, one for each member.

It says the member's type and value, so that members are equal when these are: 1 and 1.0 are one number, TRUE is none,
and '1' is a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson
import shapely

from releases.cql2.nodes import Instant, Interval

Members = frozenset[str]
#: An open end: beyond every millisecond that a date can have.
FAR: Final = 2**53
#: Operator -> whether it holds.
TESTS: Final[Mapping[str, Callable[[Members, Members], bool]]] = {
    "a_equals": lambda one, other: one == other,
    "a_contains": lambda one, other: one >= other,
    "a_containedBy": lambda one, other: one <= other,
    "a_overlaps": lambda one, other: not one.isdisjoint(other),
}


def of_json(text: str) -> Members:
    """The array that a field has."""
    return frozenset(f"text {member}" for member in orjson.loads(text))


def ends(interval: Interval) -> tuple[int, int]:
    """First and last millisecond of a literal interval."""
    start, end = interval.start, interval.end
    return start.start if isinstance(start, Instant) else -FAR, end.end if isinstance(end, Instant) else FAR


def member(typed: tuple[str, Any]) -> str:
    """A member as a text, from its type and its value."""
    kind, value = typed
    match kind:
        case "number":
            # Zero has no sign here.
            return f"number {float(value) + 0.0!r}"
        case "boolean":
            return f"boolean {bool(value)}"
        case "geometry":
            return f"geometry {shapely.to_wkb(shapely.normalize(value), hex=True, byte_order=1)}"
        case "array":
            # A name of the array: written out, arrays in arrays would have their quotes escaped again and again.
            return f"array {blake2b(orjson.dumps(sorted(value)), digest_size=16).hexdigest()}"
        case "instant" | "interval":
            return f"{kind} {value[0]} {value[1]}"
    return f"text {value}"
