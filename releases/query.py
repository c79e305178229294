"""What is asked of a layer's features, and the page that answers.

Whoever makes a `Query` has checked it already (field names, types, finite numbers); a store trusts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.models import Box

#: An attribute's value as the field's type says; for an array field one member of the array.
Value = str | int | float | bool
#: Start and end, both included and both with an offset from UTC; None is an open end (17-069r4 7.15.4).
Interval = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Query:
    """One page: at most `limit` features that match, in the order of keys, from behind key `after`.

    Without a condition all features match; conditions are joined by "and".

    Parameters
    ----------
    boxes : xmin, ymin, xmax, ymax in degrees of the release's CRS, x = lon, y = lat, edges included; a
        feature matches when it touches any of them (a box across the antimeridian comes as two), never
        without a geometry
    interval : features whose time intersects it, and those that have no time
    equals : (field, value) pairs; of an array field one member equals the value
    """

    limit: int
    after: int = 0
    boxes: tuple[Box, ...] = ()
    interval: Interval | None = None
    equals: tuple[tuple[str, Value], ...] = ()

    @property
    def where(self) -> tuple[tuple[Box, ...], Interval | None, tuple[tuple[str, Value], ...]]:
        """The conditions alone: equal for all pages of one walk."""
        return self.boxes, self.interval, self.equals

    @property
    def everything(self) -> bool:
        """True when there is no condition."""
        return not (self.boxes or self.interval or self.equals)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as the GeoJSON text that was published; `key` is its place in the order of ids, from 1."""

    json: bytes
    key: int


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a `Query`.

    Parameters
    ----------
    features : the GeoJSON text of each feature
    matched : how many features match on all pages together, exactly
    next_after : what `Query.after` must be for the next page, None when this is the last one
    """

    features: tuple[bytes, ...]
    matched: int
    next_after: int | None
