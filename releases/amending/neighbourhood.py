"""What the gate needs to see of a release in which some features have changed: these, and all that is near.

    +---------------+      window     the boxes of a feature before and after, grown by what the checks reach over
    | ....+----+    |      near       features of any layer whose boxes meet a window; a small layer as a whole
    | ...#|####|    |
    +-----+----+----+      Whatever a change can spoil lies in its window, and there all features are seen.

What is found in this part is only a hint: a finding sends the candidate through the whole gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Layer, Service
from releases import attributes
from releases.amending.differences import Amendment, Differences, Keys, NotInPlace, Origin, table_of
from releases.manifest import PublishedLayer, PublishedSource
from releases.release import Release
from releases.table import Candidate, SourceRecord, Table
from tiles import columnfile, search

#: Layers of no more features are seen as a whole.
SMALL: Final = 5000
#: Degrees, some 100 m: what checks look for beyond a feature, such as a border that gapes.
REACH: Final = 1e-3


def windows(differences: Differences) -> NDArray[np.float64]:
    """The boxes (n, 4) in which anything may have changed, in degrees."""
    boxes = [
        shapely.bounds(table.geometry)
        for amendment in differences.amendments
        for table in (amendment.before, amendment.after)
    ]
    found = np.concatenate([*boxes, np.empty((0, 4))])
    grown = np.array([-REACH, -REACH, REACH, REACH])
    return np.asarray(found[np.isfinite(found).all(axis=1)] + grown)


def window(differences: Differences) -> shapely.Geometry:
    """All windows as one geometry."""
    return shapely.union_all(shapely.box(*windows(differences).T))


def candidate(service: Service, parent: Release, differences: Differences) -> Candidate:
    """The part of the candidate that is near what has changed, by layers as in the whole one; no layer when nothing has."""
    _unique(service, parent, differences)
    boxes = windows(differences)
    amended = {one.layer.id: one for one in differences.amendments}
    tables = [
        _table(parent, layer, differences.origins[layer.id], amended.get(layer.id), boxes)
        for layer in service.layers
        if amended
    ]
    return Candidate(tuple(tables), tuple(map(_record, differences.records)), differences.said)


def _table(
    parent: Release, layer: Layer, origin: Origin, amendment: Amendment | None, boxes: NDArray[np.float64]
) -> Table:
    published = parent.manifest.layer(layer.id)
    if published.count <= SMALL:
        keys = np.arange(1, published.count + 1, dtype=np.uint32)
    else:
        keys = _near(parent, published, boxes)
    if amendment is None:
        return table_of(parent, published, layer, keys, origin)
    others = np.setdiff1d(keys, amendment.keys)
    rest = table_of(parent, published, layer, others, origin)
    order = np.argsort(np.concatenate([others, amendment.keys]))
    return Table.joined([rest, amendment.after]).take(order)


def _near(parent: Release, published: PublishedLayer, boxes: NDArray[np.float64]) -> Keys:
    """The keys of features whose boxes meet any of some, from the exact columns."""
    exact = published.levels[-1]
    if exact.reduction != "none":
        raise NotInPlace(f"{published.id} 没有精确层级", f"{published.id} has no exact level")
    columns = columnfile.read(parent.path / exact.file)
    found = [search.rows(columns, tuple(box)) for box in boxes.tolist()]
    rows = np.unique(np.concatenate([*found, np.empty(0, dtype=np.int64)]))
    return np.unique(columns.row_feature[rows] + 1).astype(np.uint32)


def _unique(service: Service, parent: Release, differences: Differences) -> None:
    """NotInPlace when a value that shall be unique is another's already: only the whole gate can say whose."""
    for amendment in differences.amendments:
        for field in amendment.after.layer.fields:
            if field.unique:
                taken = [value for value in _fresh(amendment, field.name) if value is not None]
                if len(set(taken)) < len(taken) or _is_held(service, parent, field.name, taken):
                    raise NotInPlace(
                        f"{field.name} 的值可能重复", f"a value of {field.name} may be used already"
                    )


def _fresh(amendment: Amendment, name: str) -> Iterator[object]:
    pairs = zip(amendment.before.values[name].tolist(), amendment.after.values[name].tolist())
    return (after for before, after in pairs if after != before)


def _is_held(service: Service, parent: Release, name: str, values: list[object]) -> bool:
    """Whether any feature had one of some values."""
    for layer in service.layers:
        field, published = layer.field(name), parent.manifest.layer(layer.id)
        if values and field is not None and field.unique and published.attributes is not None:
            known = attributes.read(parent.path / published.attributes, layer)[name]
            if any(known.first(value) < known.behind(value) for value in values):
                return True
    return False


def _record(source: PublishedSource) -> SourceRecord:
    return SourceRecord(**{**source.model_dump(), "path": PurePosixPath(source.path)})
