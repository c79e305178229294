"""Filters in SQLite: a checked filter as a condition on a layer's GeoPackage, and the functions that it calls.

`writer` has what each operator means in SQL, `calls` what SQL has no means for. A dialect for another database is
another package beside this one.
"""

from releases.cql2.sqlite.calls import install
from releases.cql2.sqlite.writer import TABLE, Condition, condition

__all__ = ["TABLE", "Condition", "condition", "install"]
