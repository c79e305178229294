"""What is asked of a layer's features, and the page that answers.

Whoever makes a `Query` has checked it already (field names, types, finite numbers); a store trusts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from config.models import Box
from releases.cql2 import Filter
from releases.words import Words

#: Features of a layer by their keys, (n,): feature k is the k-th in the order of ids, from 1.
Keys = NDArray[np.uint32]
#: An attribute's value as the field's type says; for an array field one member of the array.
Value = str | int | float | bool
#: Start and end, both included and both with an offset from UTC; None is an open end (17-069r4 7.15.4).
Interval = tuple[datetime | None, datetime | None]


class TooCostly(Exception):
    """A query that took longer than a query may."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A box of another CRS than the release's degrees; a feature matches when it touches it as it is shown there.

    Parameters
    ----------
    box : xmin, ymin, xmax, ymax as x, y of the CRS, edges included
    crs : its code
    near : box in degrees that the envelope of every feature touches that matches; None: none does
    inside : box in degrees of which all features match that lie in it; None: look at each
    """

    box: Box
    crs: str
    near: Box | None
    inside: Box | None


@dataclass(frozen=True, slots=True)
class Where:
    """Which features match: without a condition all, else those that meet every one of them.

    Parameters
    ----------
    boxes : xmin, ymin, xmax, ymax in degrees of the release's CRS, x = lon, y = lat, edges included; a
        feature matches when it touches any of them (a box across the antimeridian comes as two), and always
        when it has no geometry
    frames : the same in another CRS; there are boxes or frames, not both
    interval : features whose time intersects it, and those that have no time
    equals : (field, value) pairs; of an array field one member equals the value
    filter : features for which it is true, not those for which it is null
    words : features that are called so, in a searchable field or by the title of a code
    """

    boxes: tuple[Box, ...] = ()
    frames: tuple[Frame, ...] = ()
    interval: Interval | None = None
    equals: tuple[tuple[str, Value], ...] = ()
    filter: Filter | None = None
    words: Words | None = None

    @property
    def everything(self) -> bool:
        """True when there is no condition."""
        conditions = (self.boxes, self.frames, self.interval, self.equals, self.filter, self.words)
        return not any(conditions)

    @property
    def of_attributes(self) -> bool:
        """True when there is a condition on attributes, or a filter, which may have one."""
        return any((self.interval, self.equals, self.filter))

    @property
    def digest(self) -> bytes:
        """A name for these conditions, the same in every process; a filter itself may be large."""
        return blake2b(repr(self).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order, ascending unless `descending`; features without a value come last either way."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One page: at most `limit` of the features that match, from behind the first `start` of them.

    They stand in the order of `order`, what is equal by it and everything without one in the order of keys,
    which is that of ids. A release never changes, so a place in an order is as good a cursor as a key.
    """

    limit: int
    start: int = 0
    where: Where = Where()
    order: tuple[SortKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as the GeoJSON text that was published; `key` is its place in the order of ids, from 1."""

    json: bytes
    key: int


@dataclass(frozen=True, slots=True)
class Located:
    """A feature that was looked up by its id: its key, its digest (`releases.proof`) and its published text."""

    key: int
    leaf: bytes
    json: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """The answer to a `Query`.

    Parameters
    ----------
    matched : how many features match on all pages together, exactly
    keys : (n,) of the page's features, in its order
    texts : their GeoJSON text in lists of about a megabyte, read from the disk as it is asked for, once
    """

    matched: int
    keys: Keys
    texts: Iterator[list[bytes]]

    def features(self) -> list[bytes]:
        """All texts of a page that is small enough to hold."""
        return [text for some in self.texts for text in some]
