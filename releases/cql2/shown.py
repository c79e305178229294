"""A part of an expression as a reader of CQL2 text would write it, cut to a line: how faults name it."""

from __future__ import annotations

from typing import Any, Final

import orjson

_LONGEST: Final = 60
_INFIX: Final = {"=", "<>", "<", ">", "<=", ">=", "and", "or", "like", "in", "+", "-", "*", "/", "%", "^"}


def shown(tree: Any) -> str:
    """CQL2 text of a JSON tree, for people and not for parsing; without control characters."""
    text = _text(tree, 4)
    plain = text if text.isprintable() else ascii(text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _text(tree: Any, depth: int) -> str:
    if depth == 0:
        return "…"
    match tree:
        case {"property": str(name)}:
            return name[:_LONGEST]
        case {"op": str(op), "args": list(args)}:
            parts = [_text(arg, depth - 1) for arg in args[:8]]
            if op in _INFIX and len(args) > 1:
                return f" {op.upper()} ".join(parts)
            return f"{op.upper()}({', '.join(parts)})"
        case {"date": text} | {"timestamp": text}:
            return f"{next(iter(tree)).upper()}({_text(text, depth - 1)})"
        case {"type": str(kind), "coordinates": _}:
            return f"{kind.upper()}(…)"
        case str():
            return "'" + tree[:_LONGEST].replace("'", "''") + "'"
        case None:
            return "NULL"
        case list():
            return "(" + ", ".join(_text(part, depth - 1) for part in tree[:8]) + ")"
        case float():
            return f"{tree:g}" if tree != int_or_none(tree) else str(int(tree))
    try:
        return orjson.dumps(tree).decode()[:_LONGEST]
    except (TypeError, ValueError):
        return str(tree)[:_LONGEST]


def int_or_none(value: float) -> int | None:
    """The integer that a float is, None when it is none."""
    return int(value) if value.is_integer() else None
