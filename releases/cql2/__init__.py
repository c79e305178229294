"""Filters in CQL2 (OGC 21-065r2): read from text or JSON, checked against a layer, written as SQL.

    text or JSON --expression.parse--> JSON tree --check.check--> frozen nodes --sqlite.condition--> SQL

A tree is bounded before it is walked. What an operator needs is one row in `operators.OPERATORS`, what a function is
called with one in `functions.FUNCTIONS`, and what either means in a database one in that database's tables.
"""

from releases.cql2.check import check
from releases.cql2.expression import LANGS, Expression, FilterLang, parse
from releases.cql2.faults import FilterError, FilterFault
from releases.cql2.functions import FUNCTIONS
from releases.cql2.nodes import Filter

__all__ = [
    "FUNCTIONS",
    "LANGS",
    "Expression",
    "Filter",
    "FilterError",
    "FilterFault",
    "FilterLang",
    "check",
    "parse",
]
