"""The polygons of both provinces' units: the real ones, or the made-up ones that may be passed on.

Counties are read; prefectures and provinces are their unions, so that the three levels nest to the last
vertex and the provincial border is one line whichever level it is taken from. (The source's own prefectures
differ from that in four vertices, its provinces in none.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from config.models import Nature, Text
from releases.demo import facts
from releases.demo.fetching import BOUNDARIES, FetchError, cached, fetched

Objects = NDArray[np.object_]

TIANDITU = Text(
    zh="数据来源：天地图行政区划可视化数据，审图号 GS(2024)0650号",
    en="Tianditu administrative divisions for visualisation, map approval no. GS(2024)0650",
)
STAND_IN = Text(
    zh="合成界线：以 GeoNames 驻地的泰森多边形和 Natural Earth 省界代替，不是真实行政区界线",
    en="Made-up boundaries, not the real ones: Voronoi cells of seats (GeoNames) in Natural Earth provinces",
)


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """The county polygons (n,), MultiPolygons on the grid that make a valid coverage, by code.

    nature : "real" or "synthetic"
    reason : why the real ones could not be had, None when they are real
    """

    counties: tuple[facts.Unit, ...]
    polygons: Objects
    nature: Nature
    attribution: Text
    reason: str | None = None

    def union(self, codes: Iterable[str]) -> Any:
        """One MultiPolygon of some counties."""
        wanted = set(codes)
        chosen = np.array([unit.code in wanted for unit in self.counties])
        if chosen.sum() != len(wanted):
            raise KeyError(
                f"no such county: {', '.join(sorted(wanted - {unit.code for unit in self.counties}))}"
            )
        return _multi(shapely.coverage_union_all(self.polygons[chosen]))

    def of(self, level: str) -> tuple[tuple[facts.Unit, Any], ...]:
        """Each unit of a level with its MultiPolygon."""
        if level == "county":
            return tuple(zip(self.counties, self.polygons))
        return tuple(
            (
                unit,
                self.union(
                    county.code
                    for county in self.counties
                    if unit.code in (county.prefecture, county.province)
                ),
            )
            for unit in facts.units(level)
        )

    def circle(self, *parts: str) -> Boundaries:
        """Only the counties of which that much belongs to the circle: "full", "partial"."""
        chosen = np.array([unit.in_circle in parts for unit in self.counties])
        counties = tuple(unit for unit, keep in zip(self.counties, chosen) if keep)
        return Boundaries(counties, self.polygons[chosen], self.nature, self.attribution, self.reason)


def boundaries(cache: Path, offline: bool | None = None) -> Boundaries:
    """The real boundaries if they are in the cache or can be fetched, else the committed stand-in.

    offline : True never asks the network; False raises FetchError rather than take the stand-in.
    """
    try:
        path = cached(BOUNDARIES, cache) if offline else fetched(BOUNDARIES, cache)
        reason = f"{BOUNDARIES.requirement} is not in the cache and the network may not be asked"
    except FetchError as error:
        if offline is False:
            raise
        path, reason = None, str(error)
    if path is None:
        made_up = {properties["code"]: geometry for geometry, properties in facts.features("stand_in")}
        return _boundaries(made_up, "synthetic", STAND_IN, reason)
    # The source has all of China; its codes are 156 before the six digits.
    geometry_of = {
        str(f["properties"]["gb"])[3:]: f["geometry"] for f in json.loads(path.read_text("utf-8"))["features"]
    }
    real = {unit.code: facts.on_grid(shape(geometry_of[unit.code])) for unit in facts.units("county")}
    return _boundaries(real, "real", TIANDITU, None)


def _boundaries(found: dict[str, Any], nature: Nature, attribution: Text, reason: str | None) -> Boundaries:
    counties = facts.units("county")
    polygons = np.array([_multi(found[unit.code]) for unit in counties], dtype=object)
    if not shapely.coverage_is_valid(polygons):
        raise ValueError("the counties are no valid coverage: they overlap or their borders differ")
    return Boundaries(counties, polygons, nature, attribution, reason)


def _multi(geometry: Any) -> Any:
    return shapely.multipolygons(shapely.get_parts(geometry))
