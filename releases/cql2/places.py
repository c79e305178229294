"""Where a part of a filter stands: in text the character at which it begins, in JSON the path to it.

The parser tells no places. But names, texts and numbers of a text stand in its tree in the order in which they were
written, so the first of a kind there is the first here.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from config.models import Text
from releases.cql2.faults import Path

#: Tells where the part at the end of a path stands, before what is wrong with it.
Finder = Callable[[Path], Text]
#: What a token says: ("name", a property), ("call", a function), ("text", …) or ("number", …).
Sign = tuple[str, str | float]


class Spot(NamedTuple):
    """A token of a text that can be found in its tree, and the character at which it begins, from 0."""

    sign: Sign
    at: int


def in_json(path: Path) -> Text:
    """The path as JSONPath (RFC 9535) writes it: $.args[0].property."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return Text(zh=f"${steps}：", en=f"${steps}: ")


def in_text(tree: Any, spots: tuple[Spot, ...]) -> Finder:
    """Finds the character at which a part begins: that of its first token, or of the first of what it stands in."""
    waiting: dict[Sign, deque[int]] = defaultdict(deque)
    for spot in spots:
        waiting[spot.sign].append(spot.at)
    begins: dict[Path, int] = {}
    for way, sign in _signs(tree, ()):
        if waiting[sign]:
            at = waiting[sign].popleft()
            for length in range(len(way) + 1):
                begins.setdefault(way[:length], at)

    def find(path: Path) -> Text:
        while path and path not in begins:
            path = path[:-1]
        at = begins.get(path, 0) + 1
        return Text(zh=f"第 {at} 个字符：", en=f"character {at}: ")

    return find


def _signs(tree: Any, path: Path) -> Iterator[tuple[Path, Sign]]:
    """What could be a token, in the order of the text, with the way to it."""
    match tree:
        case bool() | None:
            return
        case {"property": str(name)}:
            yield (*path, "property"), ("name", name)
        case {"op": str(op), "args": list(args)}:
            yield (*path, "op"), ("call", op.lower())
            for i, arg in enumerate(args):
                yield from _signs(arg, (*path, "args", i))
        case {"type": str(kind)}:
            yield path, ("call", kind.lower())
            for name in (name for name in tree if name != "type"):
                yield from _signs(tree[name], (*path, name))
        case dict():
            for name, part in tree.items():
                # A date, a time, an interval or a box, which text writes as it does functions.
                yield path, ("call", name)
                yield from _signs(part, (*path, name))
        case list():
            for i, part in enumerate(tree):
                yield from _signs(part, (*path, i))
        case str():
            yield path, ("text", tree)
        case int() | float():
            yield path, ("number", abs(float(tree)))
