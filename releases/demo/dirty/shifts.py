"""Whole sources in the coordinates of web maps: GCJ-02 and BD-09, some hundred metres off and otherwise in order.

What is shifted leaves its counties and lies over other control lines; all of that is planted as consequences, found
here by plain overlays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releases.demo import facts
from releases.demo.dirty.planted import Party
from releases.demo.dirty.site import Site
from releases.demo.rows import Rows, objects
from releases.ellipsoid import square_metres

Floats = NDArray[np.float64]
Clean = Mapping[tuple[str, str], Rows]
#: Square metres from which on an overlay counts.
LEAST = 1.0
LINES = {"yjjbnt": "XZQDM", "stbhhx": "XJXZQDM", "czkfbj": "XZQDM"}


def shifted(site: Site, clean: Clean) -> None:
    """Two control lines of one authority each: Sichuan's towns as in GCJ-02, Chongqing's red lines as in BD-09."""
    rows = dict(clean)
    for layer, authority, shift in (("czkfbj", "sichuan", gcj02), ("stbhhx", "chongqing", bd09)):
        part = rows[layer, authority]
        rows[layer, authority] = Rows(objects([_moved(one, shift) for one in part.geometry]), part.values)
        site.rewrite(layer, authority, rows[layer, authority])
        name = shift.__name__
        number = site.plant(
            f"shift-{name}", authority, layer, f"坐标整体偏移为 {name}", f"all coordinates shifted as {name}"
        )
        _beyond(site, rows, layer, authority, number)
        _over(site, rows, layer, authority, number)


def _moved(geometry: Any, shift: Callable[[Floats], Floats]) -> Any:
    return shapely.transform(geometry, lambda xy: facts.snapped(shift(xy)))


def _beyond(site: Site, rows: Clean, layer: str, authority: str, number: int) -> None:
    """What has left its county."""
    county = {
        code: polygon
        for (name, _), part in rows.items()
        if name == "xzq_county"
        for code, polygon in zip(part.values["XZQDM"], part.geometry)
    }
    part = rows[layer, authority]
    for k, code in enumerate(part.values[LINES[layer]]):
        rest = shapely.difference(part.geometry[k], county[code])
        if _area(rest) >= LEAST:
            site.plant(
                "nest", authority, layer, "偏移后越出所在县", "out of its county, since it is shifted",
                shape=rest, feature=str(part.values["BSM"][k]), row=k + 1, consequence_of=number,
            )  # fmt: skip


def _over(site: Site, rows: Clean, layer: str, authority: str, number: int) -> None:
    """What lies over another control line, or over the other authority's part of the same."""
    part = rows[layer, authority]
    tree = shapely.STRtree(part.geometry)
    for other in LINES:
        for who in ("sichuan", "chongqing"):
            if (other, who) == (layer, authority) or (other, who) not in rows:
                continue
            theirs = rows[other, who]
            for at, k in zip(*tree.query(theirs.geometry, predicate="intersects").tolist()):
                common = shapely.intersection(part.geometry[k], theirs.geometry[at])
                if _area(common) >= LEAST:
                    site.plant(
                        "overlap" if other == layer else "apart", authority, layer,
                        f"偏移后与 {other} 重叠", f"over {other}, since it is shifted",
                        shape=common, feature=str(part.values["BSM"][k]), row=k + 1, consequence_of=number,
                        others=(Party(who, other, str(theirs.values["BSM"][at]), at + 1),),
                    )  # fmt: skip


def _area(geometry: Any) -> float:
    flat = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return float(square_metres(np.array(flat, dtype=object)).sum()) if flat else 0.0


def gcj02(lonlat: Floats) -> Floats:
    """Where GCJ-02 shows places (n, 2), lon, lat in degrees: the formulas that are generally known."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    long_waves = _waves(y, (20, 1), (40, 3)) + _waves(y, (160, 12), (320, 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (ripple + long_waves) * 2 / 3
    wide_waves = _waves(x, (20, 1), (40, 3)) + _waves(x, (150, 12), (300, 30))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (ripple + wide_waves) * 2 / 3
    # The ellipsoid of Krasovsky.
    a, e2 = 6378245.0, 0.00669342162296594323
    latitude = np.radians(lonlat[:, 1])
    flat = 1 - e2 * np.sin(latitude) ** 2
    dlat = np.degrees(north * flat**1.5 / (a * (1 - e2)))
    dlon = np.degrees(east * flat**0.5 / (a * np.cos(latitude)))
    shown: Floats = lonlat + np.column_stack([dlon, dlat])
    return shown


def bd09(lonlat: Floats) -> Floats:
    """Where BD-09 shows places (n, 2): GCJ-02, turned and stretched a little, and moved."""
    x, y = gcj02(lonlat).T
    k = np.pi * 3000 / 180
    length, angle = np.hypot(x, y) + 2e-5 * np.sin(y * k), np.arctan2(y, x) + 3e-6 * np.cos(x * k)
    return np.column_stack([length * np.cos(angle) + 0.0065, length * np.sin(angle) + 0.006])


def _waves(along: Floats, *waves: tuple[float, float]) -> Any:
    """Sines of a height and half a length."""
    return sum(height * np.sin(np.pi * along / half) for height, half in waves)
