"""`sortby`: fields to sort by, parted by commas, each with + or - before it (draft OGC 24-030, 7.1).

What an order is says `releases.order`; the fields that it may have stand in /collections/{id}/sortables.
"""

from __future__ import annotations

from collections import Counter

from werkzeug.datastructures import MultiDict

from config.models import Layer, Text
from config.nearest import nearest
from releases.order import sortable
from releases.query import SortKey
from server.params import read
from server.problems import Fault, Wrong

PARAMETERS = ("sortby",)


def parse(args: MultiDict[str, str], layer: Layer, faults: list[Fault]) -> tuple[SortKey, ...]:
    """The order that is asked for, none without; what is wrong with it goes to `faults`."""
    return read(args, "sortby", lambda text: order(text, layer), faults) or ()


def order(text: str, layer: Layer) -> tuple[SortKey, ...]:
    """The keys of an order, the first of them counting most; Wrong for other names than those of sortables."""
    keys = tuple(_key(part) for part in text.split(","))
    names, known = [key.field for key in keys], sortable(layer)
    wrong = [name for name in dict.fromkeys(names) if name not in known]
    if wrong:
        shown = ", ".join(repr(name[:40]) for name in wrong[:8])
        near = [found for name in wrong[:8] if (found := nearest(name[:80], known)) is not None]
        listed = ", ".join(dict.fromkeys(near or known))
        raise Wrong(
            Text(zh=f"不能按 {shown} 排序", en=f"there is no sorting by {shown}"),
            Text(
                zh=f"以逗号分隔的可排序字段，降序前加 -，如 {listed}",
                en=f"sortables with commas between, - before those that descend, such as {listed}",
            ),
        )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        shown = ", ".join(twice)
        raise Wrong(
            Text(zh=f"字段 {shown} 重复", en=f"names {shown} more than once"),
            Text(zh="每个字段只写一次", en="each field once"),
        )
    return keys


def _key(text: str) -> SortKey:
    """One key. A + that was not encoded comes as a space, which is how forms write spaces."""
    sign, name = (text[0], text[1:]) if text[:1] in ("+", "-", " ") and text else ("+", text)
    return SortKey(name, descending=sign == "-")
