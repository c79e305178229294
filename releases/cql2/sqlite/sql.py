"""Pieces of SQL, each with the values of its marks in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from releases.cql2.nodes import GROUP

Bound = str | int | float


class Sql(NamedTuple):
    """A piece of SQL and the values of its marks."""

    text: str
    values: tuple[Bound, ...] = ()


def joined(opening: str, between: str, parts: Sequence[Sql], closing: str) -> Sql:
    """The pieces one after the other, with signs before, between and behind them."""
    text = opening + between.join(part.text for part in parts) + closing
    return Sql(text, tuple(value for part in parts for value in part.values))


def grouped(between: str, parts: Sequence[Sql]) -> Sql:
    """Conditions joined, many of them in groups of groups: SQLite goes a thousand joined ones deep, not more."""
    while len(parts) > GROUP:
        groups = [parts[i : i + GROUP] for i in range(0, len(parts), GROUP)]
        parts = [joined("(", between, group, ")") for group in groups]
    return joined("(", between, parts, ")")


def unless_null(found: Sql, columns: list[str]) -> Sql:
    """A piece that is null where one of the columns is."""
    if not columns:
        return found
    missing = " OR ".join(f"{column} IS NULL" for column in columns)
    return Sql(f"(CASE WHEN {missing} THEN NULL ELSE {found.text} END)", found.values)
