"""Filters in CQL2 (OGC 21-065r2): read from text or JSON, checked against a layer, written as SQL.

    text or JSON --expression.parse--> JSON tree --check.check--> frozen nodes --sqlite.condition--> SQL

A tree is bounded before it is walked. What an operator needs is one row in `operators.OPERATORS`, what it means in
a database one row in that database's table.
"""

from releases.cql2.check import check
from releases.cql2.expression import LANGS, Expression, FilterLang, parse
from releases.cql2.faults import FilterError, FilterFault
from releases.cql2.nodes import Filter

__all__ = ["LANGS", "Expression", "Filter", "FilterError", "FilterFault", "FilterLang", "check", "parse"]
