"""A fault of a whole source: the one exception of this package, raised where reading cannot go on.

It never leaves the package: `reading` turns it into a finding that names authority and layer.
"""

from __future__ import annotations

from collections.abc import Iterable

from config.models import Text
from config.nearest import nearest


class SourceFault(Exception):
    """A source that cannot be read at all; `rule` and `message` as in a finding."""

    def __init__(self, rule: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.rule = rule
        self.message = Text(zh=zh, en=en)


def suggestion(name: str, known: Iterable[str]) -> tuple[str, str]:
    """What to append to a message (zh, en) about a wrong name: the nearest, all there are, or nothing."""
    names = tuple(sorted(known))
    near = nearest(name, names)
    if near is not None:
        return f"；是否指 {near}？", f"; did you mean {near}?"
    if names:
        return f"；现有：{'、'.join(names[:12])}", f"; there are: {', '.join(names[:12])}"
    return "", ""
