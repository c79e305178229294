"""Features lie in the unit that their code names: a zone in its county, a county in its prefecture.

The features of one unit are looked at together: what they cover beyond it costs one overlay a unit, and only if there
is any are the features themselves cut.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import Nesting, Text
from releases.faults import RowFault, inner_point
from releases.findings import Finding
from releases.gate.ground import Ground, Pieces
from releases.gate.scene import Scene
from releases.table import Objects, Table


def nest(scene: Scene) -> Iterator[Finding]:
    """Yield codes of units that do not exist, and features that reach beyond their unit."""
    for nesting in scene.service.gate.nest:
        ground, units = scene.ground(nesting.layer), scene.whole(nesting.within)
        if ground is None or units is None:
            continue
        if not _tied(ground.table, nesting):
            yield from _without_unit(scene, ground.table, nesting, units.table)
        yield from _beyond(scene, nesting, ground, units)


def _tied(table: Table, nesting: Nesting) -> bool:
    """Whether the layer's own codes of units are looked up in the same layer: then their check tells what is missing."""
    said = table.layer.units
    return said is not None and said.parent == nesting.by and said.layer == nesting.within


def _without_unit(scene: Scene, table: Table, nesting: Nesting, units: Table) -> Iterator[Finding]:
    codes = table.values[nesting.by].tolist()
    missing = set(codes) - {None, *units.ids.tolist()}
    if not missing:
        return
    rows = np.array([row for row, code in enumerate(codes) if code in missing], dtype=np.int64)

    def message(fault: int) -> Text:
        code = codes[rows[fault]]
        return Text(
            zh=f"图层 {nesting.within} 中没有 {code}", en=f"there is no {code} in the layer {nesting.within}"
        )

    fault = RowFault("nest-unit", rows, message, nesting.by, other_layer=nesting.within)
    yield from fault.findings(table, scene.service.gate.listed)


def _beyond(scene: Scene, nesting: Nesting, ground: Ground, units: Ground) -> Iterator[Finding]:
    polygon = dict(zip(units.table.ids[units.rows].tolist(), units.geometry))
    groups = {
        code: places
        for code, places in _grouped(ground.table.values[nesting.by][ground.rows])
        if code in polygon
    }
    unions = np.array([ground.union(places) for places in groups.values()], dtype=object)
    beyond = shapely.difference(unions, np.array([polygon[code] for code in groups], dtype=object))
    service, limit = scene.service, scene.rules.limit("nest")
    found = Pieces.of_overlays(beyond, limit, service.precision, service.crs).gathered()
    codes = list(groups)
    cut = [_cut(ground, groups[codes[of]], shape) for of, shape in zip(found.of.tolist(), found.shape)]
    if not cut:
        return
    places = np.concatenate([where for where, _ in cut])
    order = np.argsort(places, kind="stable")
    shapes = np.concatenate([shape for _, shape in cut])[order]
    pieces = Pieces.of_overlays(shapes, limit, service.precision, service.crs).gathered()
    rows = ground.rows[places[order][pieces.of]]
    by = ground.table.values[nesting.by]

    def message(fault: int) -> Text:
        code, area = by[rows[fault]], pieces.area[fault]
        return Text(
            zh=f"超出所属单元 {code} {area:.1f} 平方米", en=f"reaches {area:.1f} m2 beyond its unit {code}"
        )

    yield from RowFault(
        "nest",
        rows,
        message,
        place=lambda fault: inner_point(pieces.shape[fault]),
        geometry=lambda fault: pieces.shape[fault],
        others=lambda fault: (str(by[rows[fault]]),),
        other_layer=nesting.within,
        measured=pieces.area,
    ).findings(ground.table, service.gate.listed)


def _grouped(codes: Objects) -> Iterator[tuple[str | int, NDArray[np.int64]]]:
    """Each code with the places where it stands, ascending; nulls are of no group."""
    number: dict[str | int | None, int] = {None: 0}
    of = np.array([number.setdefault(code, len(number)) for code in codes.tolist()], dtype=np.int64)
    order = np.argsort(of, kind="stable")
    bounds = np.searchsorted(of[order], np.arange(len(number) + 1))
    for code, place in number.items():
        if code is not None:
            yield code, order[bounds[place] : bounds[place + 1]]


def _cut(
    ground: Ground, places: NDArray[np.int64], beyond: shapely.Geometry
) -> tuple[NDArray[np.int64], Objects]:
    """The places of a unit's polygons that have a part in what lies beyond it, and each one's part."""
    polygons = ground.geometry[places]
    shapely.prepare(beyond)
    touched = shapely.intersects(beyond, polygons)
    places, polygons = places[touched], polygons[touched]
    inside = shapely.contains_properly(beyond, polygons)
    polygons[~inside] = shapely.intersection(polygons[~inside], beyond)
    return places, polygons
