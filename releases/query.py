"""What is asked of a layer's features, and the page that answers.

Whoever makes a `Query` has checked it already (field names, types, finite numbers); a store trusts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from config.models import Box
from releases.cql2 import Filter

#: An attribute's value as the field's type says; for an array field one member of the array.
Value = str | int | float | bool
#: Start and end, both included and both with an offset from UTC; None is an open end (17-069r4 7.15.4).
Interval = tuple[datetime | None, datetime | None]


class TooCostly(Exception):
    """A query that took longer than a query may."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which features match: without a condition all, else those that meet every one of them.

    Parameters
    ----------
    boxes : xmin, ymin, xmax, ymax in degrees of the release's CRS, x = lon, y = lat, edges included; a
        feature matches when it touches any of them (a box across the antimeridian comes as two), never
        without a geometry
    interval : features whose time intersects it, and those that have no time
    equals : (field, value) pairs; of an array field one member equals the value
    filter : features for which it is true, not those for which it is null
    """

    boxes: tuple[Box, ...] = ()
    interval: Interval | None = None
    equals: tuple[tuple[str, Value], ...] = ()
    filter: Filter | None = None

    @property
    def everything(self) -> bool:
        """True when there is no condition."""
        return not (self.boxes or self.interval or self.equals or self.filter)

    @property
    def digest(self) -> bytes:
        """A name for these conditions, the same in every process; a filter itself may be large."""
        return blake2b(repr(self).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Query:
    """One page: at most `limit` features that match, in the order of keys, from behind key `after`.

    Conditions are those of `Where`, which is equal for all pages of one walk.
    """

    limit: int
    after: int = 0
    boxes: tuple[Box, ...] = ()
    interval: Interval | None = None
    equals: tuple[tuple[str, Value], ...] = ()
    filter: Filter | None = None

    @property
    def where(self) -> Where:
        """The conditions alone."""
        return Where(self.boxes, self.interval, self.equals, self.filter)


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
