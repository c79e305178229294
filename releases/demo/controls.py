"""The made-up control lines and planning zones: three lines and one zoning, county by county.

All four layers come from the same parcels, so they agree: a planning zone for every parcel, and out of the
parcels of one class each the lines, which therefore cannot overlap.

    ghfq     every parcel, its class as planning zone
    stbhhx   the red-line parcels of a county as one multipolygon with holes
    czkfbj   the town parcels of a county, one multipolygon a kind of town zone
    yjjbnt   the farmland parcels, some of them joined into larger patches

Every row is marked: SYNTH is 1, SEED says from what it can be made again, codes begin with 9, and the feature
code is none that the norm knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.models import CodeList
from releases.demo import facts
from releases.demo.administration import authority
from releases.demo.boundaries import Boundaries
from releases.demo.land import TOWNS, Land, Landscape, weight
from releases.demo.lattice import Lattice
from releases.demo.noise import fraction
from releases.demo.parcels import Parcels, parcels
from releases.demo.rows import Rows, objects
from releases.ellipsoid import square_metres

Objects = NDArray[np.object_]

NOT_IN_THE_NORM = "9999999999"
ZONE_CODES = {
    Land.REDLINE: "100",
    Land.ECOLOGY: "200",
    Land.FARMLAND: "300",
    Land.TOWN: "410",
    Land.TOWN_RESERVE: "420",
    Land.TOWN_SPECIAL: "430",
    Land.RURAL: "500",
    Land.MINING: "700",
}
REDLINE_KINDS = np.array(["01", "02", "03"], dtype=object)
#: Land classes of farmland, and how much of it has each: paddy fields, irrigated land, dry land.
FARMLAND_KINDS, FARMLAND_SHARES = np.array(["0101", "0102", "0103"], dtype=object), (0.55, 0.6)
JOINED = 0.4  # how many of the blocks of two by two cells have their farmland joined
#: The number of each layer within an identification code.
SERIES = {"ghfq": 1, "stbhhx": 2, "czkfbj": 3, "yjjbnt": 4}


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """What the rows of any county are made from, independently of every other county's."""

    lattice: Lattice
    landscape: Landscape
    zone_names: dict[str, str]

    @classmethod
    def over(cls, circle: Boundaries, zones: int, seed: int, zoning: CodeList) -> Controls:
        """Lay about `zones` parcels over some counties; `zoning` has the names of the planning zones."""
        land = shapely.coverage_union_all(circle.polygons)
        areas = square_metres(circle.polygons)
        bounds = tuple(shapely.bounds(land).tolist())
        lattice = Lattice.over(bounds, float(areas.sum()) / 1e6, zones, seed)
        largest = (circle.polygons[k] for k in np.argsort(-areas, kind="stable"))
        fitting = (with_block for county in largest if (with_block := lattice.with_block_inside(county)))
        seats = np.array([(*unit.seat, weight(unit.code)) for unit in circle.counties if unit.seat])
        names = {code.value: code.title.zh for code in zoning.codes}
        return cls(next(fitting, lattice), Landscape.over(land, seats, seed), names)

    def of_county(self, unit: facts.Unit, polygon: Any) -> Iterator[tuple[str, str, Rows]]:
        """Layer, authority and rows of one county."""
        who, made = authority(unit.code), parcels(self.lattice, polygon)
        land = self.landscape.classes(*self.lattice.middle(made.i, made.j))
        if self.lattice.block is not None:
            land[self.lattice.block.holds(made.i, made.j)] = Land.REDLINE
        yield "ghfq", who, self._zones(unit, made.polygons, land)
        redline = made.polygons[land == Land.REDLINE]
        if len(redline):
            yield "stbhhx", who, self._redline(unit, shapely.coverage_union_all(redline))
        towns = [kind for kind in TOWNS if (land == kind).any()]
        if towns:
            merged = [shapely.coverage_union_all(made.polygons[land == kind]) for kind in towns]
            yield "czkfbj", who, self._towns(unit, objects(merged), np.array(towns))
        if (land == Land.FARMLAND).any():
            yield "yjjbnt", who, self._farmland(unit, self._patches(made, land == Land.FARMLAND))

    def _zones(self, unit: facts.Unit, polygons: Objects, land: NDArray[Any]) -> Rows:
        codes = [ZONE_CODES[Land(kind)] for kind in land.tolist()]
        return self._rows(
            "ghfq",
            unit,
            polygons,
            XZQDM=unit.code,
            XZQMC=unit.name,
            GHFQDM=objects(codes),
            GHFQMC=objects([self.zone_names[code] for code in codes]),
            MJ=_rounded(square_metres(polygons)),
        )

    def _redline(self, unit: facts.Unit, line: Any) -> Rows:
        kind = REDLINE_KINDS[int(fraction(self.lattice.seed, int(unit.code)) * len(REDLINE_KINDS))]
        prefecture = next(p.name for p in facts.units("prefecture") if p.code == unit.prefecture)
        return self._rows(
            "stbhhx",
            unit,
            objects([line]),
            SJXZQMC=prefecture,
            XJXZQDM=unit.code,
            XJXZQMC=unit.name,
            LHLX=kind,
            MJ=_rounded(square_metres(objects([line]))),
        )

    def _towns(self, unit: facts.Unit, boundaries: Objects, kinds: NDArray[Any]) -> Rows:
        zones = self._zones(unit, boundaries, kinds)
        return Rows(zones.geometry, {**zones.values, "BSM": _codes("czkfbj", unit, len(zones))})

    def _farmland(self, unit: facts.Unit, patches: Objects) -> Rows:
        serial = np.arange(1, len(patches) + 1)
        dice = [fraction(self.lattice.seed, int(unit.code), serial, salt) for salt in (1, 2, 3)]
        area = square_metres(patches)
        return self._rows(
            "yjjbnt",
            unit,
            patches,
            XZQDM=unit.code,
            XZQMC=unit.name,
            YJJBNTTBBH=objects([f"{number:06}" for number in serial.tolist()]),
            DLBM=FARMLAND_KINDS[np.searchsorted(FARMLAND_SHARES, dice[0])],
            YJJBNTTBMJ=_rounded(area),
            YJJBNTMJ=_rounded(area * (0.9 + 0.1 * dice[1])),
            GDPDJB=objects([str(1 + int(level)) for level in (dice[2] * 5).tolist()]),
        )

    def _patches(self, made: Parcels, farmland: NDArray[np.bool_]) -> Objects:
        """The farmland of a county: single parcels, and those of a block of two by two cells as one."""
        i, j = made.i[farmland] // 2, made.j[farmland] // 2
        joined = fraction(self.lattice.seed, i, j, 4) < JOINED
        alone = made.polygons[farmland][~joined]
        _, group = np.unique(np.stack([i[joined], j[joined]]), axis=1, return_inverse=True)
        members = made.polygons[farmland][joined]
        order = np.argsort(group, kind="stable")
        split = np.flatnonzero(np.diff(group[order])) + 1
        merged = [
            shapely.coverage_union_all(block) for block in np.split(members[order], split) if len(block)
        ]
        return np.concatenate([alone, objects(merged)])

    def _rows(self, layer: str, unit: facts.Unit, polygons: Objects, **values: Any) -> Rows:
        """Rows of a layer with what marks them as made up; a single value stands for all rows."""
        n = len(polygons)
        marks = {"BSM": _codes(layer, unit, n), "YSDM": NOT_IN_THE_NORM}
        columns = {**marks, **values, "SYNTH": 1, "SEED": self.lattice.seed}
        return Rows(
            _multi(polygons),
            {name: v if isinstance(v, np.ndarray) else objects([v] * n) for name, v in columns.items()},
        )


def _codes(layer: str, unit: facts.Unit, n: int) -> Objects:
    """Identification codes of 18 digits: 9, the county, the layer, a serial number."""
    return objects([f"9{unit.code}{SERIES[layer]}{serial:010}" for serial in range(1, n + 1)])


def _rounded(area: NDArray[np.float64]) -> Objects:
    return np.round(area, 2).astype(object)


def _multi(polygons: Objects) -> Objects:
    parts, index = shapely.get_parts(polygons, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=index), dtype=object)
