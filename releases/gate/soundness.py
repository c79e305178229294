"""Which geometries of a table can be measured: what half of the checks ask first, and GEOS takes seconds to say.

Asked once of a table and kept for as long as it is; a candidate's tables do not change.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.table import Table, not_finite

_Mask = NDArray[np.bool_]
_FINITE: WeakKeyDictionary[Table, _Mask] = WeakKeyDictionary()
_VALID: WeakKeyDictionary[Table, _Mask] = WeakKeyDictionary()


def finite(table: Table) -> _Mask:
    """Which geometries (n,) have only coordinates that are numbers; one without any has."""
    if table not in _FINITE:
        _FINITE[table] = _frozen(~not_finite(table.geometry))
    return _FINITE[table]


def valid(table: Table) -> _Mask:
    """Which geometries (n,) are there, finite and valid (OGC 06-103r4)."""
    if table not in _VALID:
        _VALID[table] = _frozen(shapely.is_valid(table.geometry))
    return _VALID[table]


def polygons(table: Table) -> NDArray[np.int64]:
    """The rows of valid geometries of polygons, or of collections with some."""
    return np.flatnonzero((shapely.get_dimensions(table.geometry) == 2) & valid(table))


def _frozen(mask: _Mask) -> _Mask:
    mask.flags.writeable = False
    return mask
