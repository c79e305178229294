"""One layer of a candidate release in memory: all authorities' features, one CRS, one schema, sorted by id.

The arrays of a `Table` run in parallel: element i of each belongs to feature i. A table never depends on the
order of rows or files it was read from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, get_args

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Layer, Licence, Nature, Text

Objects = NDArray[np.object_]

#: The worst comes last: a layer is as honest as the least real of its parts.
NATURES: tuple[Nature, ...] = get_args(Nature)


def nulls(column: Objects) -> NDArray[np.bool_]:
    """Which elements (n,) of a column are null."""
    return np.fromiter((value is None for value in column), dtype=bool, count=len(column))


def not_finite(geometry: Objects) -> NDArray[np.bool_]:
    """Which geometries (n,) have a coordinate that is no number or infinite."""
    mask = np.zeros(len(geometry), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):
        total = shapely.get_coordinates(geometry).sum()
    if np.isfinite(total):  # the ordinary case, in a third of the time
        return mask
    xy, of = shapely.get_coordinates(geometry, return_index=True)
    mask[of[~np.isfinite(xy).all(axis=1)]] = True
    return mask


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Table:
    """The features of one layer.

    Parameters
    ----------
    layer : what the configuration says about it
    ids : (n,) str or int as the id field's type says; None only in a table that has been refused
    geometry : (n,) shapely geometries in the release's CRS, x = lon, y = lat, on the precision grid,
        exterior rings counter-clockwise; None is a null geometry
    values : field name -> (n,) str | int | float | bool | list[str] | None; every field of the layer, in its
        order; dates are RFC 3339 text, a full-date or a date-time in UTC
    authority : (n,) id of the authority that delivered the feature
    row : (n,) 1-based row in its source, for findings
    """

    layer: Layer
    ids: Objects
    geometry: Objects
    values: Mapping[str, Objects]
    authority: Objects
    row: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[Any]) -> Table:
        """The table of some rows: an index array (which may reorder) or a mask."""
        return replace(
            self,
            ids=self.ids[rows],
            geometry=self.geometry[rows],
            values={name: column[rows] for name, column in self.values.items()},
            authority=self.authority[rows],
            row=self.row[rows],
        )

    @classmethod
    def joined(cls, parts: Sequence[Table]) -> Table:
        """The rows of one table behind those of another, of one layer each."""
        first = parts[0]
        return cls(
            first.layer,
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.geometry for part in parts]),
            {name: np.concatenate([part.values[name] for part in parts]) for name in first.values},
            np.concatenate([part.authority for part in parts]),
            np.concatenate([part.row for part in parts]),
        )

    def span(self) -> tuple[float, float] | None:
        """How wide the widest geometry is and how high the highest, None when there is none."""
        boxes = shapely.bounds(
            self.geometry[~(shapely.is_missing(self.geometry) | shapely.is_empty(self.geometry))]
        )
        if not len(boxes):
            return None
        return float((boxes[:, 2] - boxes[:, 0]).max()), float((boxes[:, 3] - boxes[:, 1]).max())

    def extent(self) -> tuple[float, float, float, float] | None:
        """xmin, ymin, xmax, ymax of all geometries, None when there is none."""
        if not len(self):
            return None
        box = shapely.total_bounds(self.geometry)
        return None if np.isnan(box).any() else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What was read, so that a release can say what it was made from.

    `path` is relative to the service's data folder, with forward slashes, so that the record is the same on
    every machine; `sha256` covers the bytes of the file, for a shapefile those of its parts in the order of
    their names; `crs` is "EPSG:4524" or, where the file's CRS has no code, its name.
    """

    layer: str
    authority: str
    path: PurePosixPath
    table: str | None
    format: str
    sha256: str
    count: int
    crs: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What an authority's delivery note says about one layer; None where the note is silent."""

    authority: str
    layer: str
    nature: Nature | None = None
    attribution: Text | None = None
    licence: Licence | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What was read from all sources and may become a release.

    Tables stand in the order of the configuration's layers, a layer that could not be read has none; sources
    are sorted by layer and authority; deliveries hold what the notes say, by layer, in the order of the
    authorities.
    """

    tables: tuple[Table, ...]
    sources: tuple[SourceRecord, ...]
    deliveries: Mapping[str, tuple[Delivery, ...]]

    def table(self, layer: str) -> Table | None:
        """The table of a layer, None when it could not be read."""
        return next((table for table in self.tables if table.layer.id == layer), None)

    def parts(self, layer: str) -> Mapping[str, int]:
        """How many features each authority delivered of a layer, by authority; a table may hold only some of them."""
        found: Counter[str] = Counter()
        for record in self.sources:
            if record.layer == layer:
                found[record.authority] += record.count
        return dict(sorted(found.items()))

    def nature(self, layer: Layer) -> Nature:
        """The least real of what the configuration and the delivery notes say about a layer."""
        said = [delivery.nature for delivery in self.deliveries.get(layer.id, ()) if delivery.nature]
        return max([layer.nature, *said], key=NATURES.index)
