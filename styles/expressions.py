"""What an expression of the style says, without evaluating it: the fields it reads, the values it names, what it may give.

Rule here: only the operators that the style uses are understood; `check` refuses the others, because clients drop them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Operators by what they are for. QGIS 3.22 drops a rule with `case` or `slice`, a text with `step`, and a filter with `in`
#: or `!`, so that it then draws everything; `match` with lists of labels it understands everywhere.
READING = ("get", "has")
BRANCHING = ("match", "interpolate", "coalesce")
TESTING = ("==", "!=", "all", "any", "geometry-type", "zoom", "literal")
KNOWN = frozenset((*READING, *BRANCHING, *TESTING))


def is_expression(value: Any) -> bool:
    """Whether a value is an expression and not a list of plain values such as a dash or an offset."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], str) and value[0] in KNOWN


def parts(value: Any) -> Iterator[list[Any]]:
    """Every list inside a value that begins with a word, from the outside in; what `literal` holds is no expression."""
    if not isinstance(value, list) or not value:
        return
    if isinstance(value[0], str):
        yield value
        if value[0] == "literal":
            return
    inner = value[2:] if value[0] == "match" else value[1:]
    if value[0] == "match":
        yield from parts(value[1])
        # input, then pairs of labels and output, then the output for everything else
        inner = [*value[3::2], value[-1]]
    for one in inner:
        yield from parts(one)


def fields(value: Any) -> set[str]:
    """The attributes that an expression reads."""
    return {part[1] for part in parts(value) if part[0] in READING}


def choices(value: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Each place where an expression compares an attribute: its name and the values it is compared with."""
    for part in parts(value):
        match part:
            case ["match", ["get", str(name)], *branches]:
                labels = branches[0:-1:2]
                yield (
                    name,
                    tuple(one for label in labels for one in (label if isinstance(label, list) else [label])),
                )
            case ["==", ["get", str(name)], wanted]:
                yield name, (wanted,)
            case _:
                pass


def scalar_labels(value: Any) -> bool:
    """Whether a `match` in an expression has a label that is no list: QGIS would take it for an empty list of values."""
    return any(
        part[0] == "match" and any(not isinstance(label, list) for label in part[2:-1:2])
        for part in parts(value)
    )


def outputs(value: Any) -> Iterator[Any]:
    """The plain values that an expression may give: of a constant itself, of a `match` its outputs, and so on."""
    match value:
        case ["match", _, *branches]:
            for one in [*branches[1:-1:2], branches[-1]]:
                yield from outputs(one)
        case ["interpolate", _, _, *stops]:
            for one in stops[1::2]:
                yield from outputs(one)
        case ["coalesce", *options]:
            for one in options:
                yield from outputs(one)
        case ["literal", one]:
            yield one
        case list() if is_expression(value):
            return
        case _:
            yield value
