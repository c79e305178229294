"""Pieces of SQL, each with the values of its marks in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Bound = str | int | float


class Sql(NamedTuple):
    """A piece of SQL and the values of its marks."""

    text: str
    values: tuple[Bound, ...] = ()


def joined(opening: str, between: str, parts: Sequence[Sql], closing: str) -> Sql:
    """The pieces one after the other, with signs before, between and behind them."""
    text = opening + between.join(part.text for part in parts) + closing
    return Sql(text, tuple(value for part in parts for value in part.values))


def halved(between: str, parts: list[Sql]) -> Sql:
    """Conditions joined in a tree that is as deep as its logarithm: SQLite takes a thousand levels, not more."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return joined("(", between, [halved(between, parts[:half]), halved(between, parts[half:])], ")")


def unless_null(found: Sql, columns: list[str]) -> Sql:
    """A piece that is null where one of the columns is."""
    if not columns:
        return found
    missing = " OR ".join(f"{column} IS NULL" for column in columns)
    return Sql(f"(CASE WHEN {missing} THEN NULL ELSE {found.text} END)", found.values)
