"""Whether coordinates can be what their CRS says, told from the numbers while they are still those of the file.

Where the middle of a source is not in the region as declared, but would be if it were read in another of the ways that
people mix up, that is the fault. What is nowhere in the region however it is read, the gate tells feature by feature.

    degrees in a projected CRS, metres in a geographic one      crs-label
    easting with the zone's number in front, or without          crs-label
    coordinates of another zone                                  wrong-zone
    northing before easting                                      swapped-axes

A Gauss-Kruger zone is turned into another by adding to the longitude, so other zones need no CRS of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from config.models import Service
from releases.crs import to_storage
from releases.sources.fault import SourceFault
from releases.table import Objects

Point = tuple[float, float]
#: Metres of a zone's middle from its false origin, and to a zone's number in front of an easting.
_MIDDLE, _NUMBER = 500_000.0, 1_000_000.0
#: Metres from its middle meridian within which a zone is delivered in: three degrees are 150 km to each side, six 300.
_NEAR = 300_000.0
#: So many vertices are enough to know the middle by.
_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class _Zone:
    """A Gauss-Kruger zone: its middle meridian in degrees and what its eastings begin from."""

    meridian: float
    easting: float

    @classmethod
    def of(cls, crs: pyproj.CRS) -> _Zone | None:
        """The zone of a CRS that is a transverse Mercator projection, None for any other."""
        operation = crs.coordinate_operation
        if operation is None or "transverse mercator" not in operation.method_name.lower():
            return None
        known = {p.name.lower(): float(p.value) for p in operation.params}
        meridian, easting = known.get("longitude of natural origin"), known.get("false easting")
        return None if meridian is None or easting is None else cls(meridian, easting)

    @classmethod
    def numbered(cls, number: int) -> _Zone:
        """The zone of a number in front of an easting: from 24 on they are three degrees wide, below six."""
        meridian = 3.0 * number if number >= 24 else 6.0 * number - 3
        return cls(meridian, number * _NUMBER + _MIDDLE)

    @property
    def number(self) -> int | None:
        """The number in front of its eastings."""
        return int(self.easting // _NUMBER) or None


def placed(read: Objects, crs: pyproj.CRS, service: Service) -> None:
    """Raise SourceFault when coordinates (n geometries, x, y as in the file) are plainly not in `crs`."""
    xy = shapely.get_coordinates(read)
    xy = xy[:: max(1, len(xy) // _SAMPLE)]
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return
    x, y = np.median(xy, axis=0).tolist()
    if _inside(_lonlat((x, y), crs, service), service) and not _numbered_otherwise(x, crs):
        return
    fault = _metres((x, y), crs, service) if crs.is_geographic else _projected((x, y), crs, service)
    if fault is not None:
        raise fault


def _numbered_otherwise(x: float, crs: pyproj.CRS) -> bool:
    """Whether an easting begins with the number of another zone, and lies near the middle of that one.

    A region that is wide enough holds what another zone's coordinates mean in this one, 1000 km beside it.
    """
    zone = _Zone.of(crs)
    number = int(x // _NUMBER)
    if zone is None or zone.number in (None, number) or number == 0:
        return False
    return abs(x - _Zone.numbered(number).easting) <= _NEAR


def _projected(at: Point, crs: pyproj.CRS, service: Service) -> SourceFault | None:
    """What is wrong with coordinates declared as projected, when their middle is not in the region."""
    x, y = at
    shown = f"{x:.7g}, {y:.7g}"
    if _inside(at, service) or _inside((y, x), service):
        return SourceFault(
            "crs-label",
            f"声明为投影坐标系 {crs.name}，而坐标 {shown} 是经纬度；请改正声明，或按声明的坐标系提供坐标",
            f"the declared CRS {crs.name} is projected, but {shown} are degrees; declare what they are in, or deliver "
            "what is declared",
        )
    if _inside(_lonlat((y, x), crs, service), service):
        return SourceFault(
            "swapped-axes",
            f"坐标的东、北两轴颠倒：{x:.0f}, {y:.0f} 应为东坐标在前",
            f"easting and northing are exchanged: in {x:.0f}, {y:.0f} the easting should come first",
        )
    zone = _Zone.of(crs)
    return _zoned(at, crs, zone, service) if zone is not None else None


def _zoned(at: Point, crs: pyproj.CRS, zone: _Zone, service: Service) -> SourceFault | None:
    """The same for a Gauss-Kruger zone: whether another zone, or the same numbered otherwise, has them."""
    for other in _others(at, zone):
        lon, lat = _lonlat((at[0] - other.easting + zone.easting, at[1]), crs, service)
        if not _inside((lon + other.meridian - zone.meridian, lat), service):
            continue
        if other.meridian != zone.meridian:
            return SourceFault(
                "wrong-zone",
                f"声明的坐标系 {crs.name} 的中央经线是 {zone.meridian:g}°，而坐标 {at[0]:.0f}, {at[1]:.0f} 只有按中央经线 "
                f"{other.meridian:g}° 的分带读取才在区域内；请改正声明",
                f"the middle meridian of {crs.name} is {zone.meridian:g}°, but {at[0]:.0f}, {at[1]:.0f} lie in the region "
                f"only when read in the zone of {other.meridian:g}°; declare that one",
            )
        said = (
            ("应带", f"the zone's number {zone.number}") if zone.number else ("不应带", "no number of a zone")
        )
        return SourceFault(
            "crs-label",
            f"坐标系 {crs.name} 的东坐标{said[0]}带号，而坐标是 {at[0]:.0f}, {at[1]:.0f}；请改正声明",
            f"eastings in {crs.name} have {said[1]} in front, but these are {at[0]:.0f}, {at[1]:.0f}; declare what they "
            "are in",
        )
    return None


def _others(at: Point, zone: _Zone) -> Iterator[_Zone]:
    """Other zones that coordinates may be of, the likeliest first."""
    number = int(at[0] // _NUMBER)
    if number:
        # With a number in front there is no doubt.
        yield _Zone.numbered(number)
        return
    if zone.number:
        yield _Zone(zone.meridian, _MIDDLE)
    for away in (-3.0, 3.0, -6.0, 6.0):
        yield _Zone(zone.meridian + away, _MIDDLE if zone.number else zone.easting)


def _metres(at: Point, crs: pyproj.CRS, service: Service) -> SourceFault | None:
    """What is wrong with coordinates declared as degrees, when their middle is not in the region."""
    x, y = at
    if abs(x) <= 360 and abs(y) <= 360:
        return None
    number = int(max(x, y) // _NUMBER)
    hint = ("", "")
    if 13 <= number <= 45:
        meridian = _Zone.numbered(number).meridian
        hint = (
            f"（像是第 {number} 带，中央经线 {meridian:g}°）",
            f" (it looks like zone {number}, middle meridian {meridian:g}°)",
        )
    return SourceFault(
        "crs-label",
        f"声明为地理坐标系 {crs.name}，而坐标 {x:.0f}, {y:.0f} 的单位是米{hint[0]}；请改正声明",
        f"the declared CRS {crs.name} is geographic, but {x:.0f}, {y:.0f} are metres{hint[1]}; declare what they are in",
    )


def _lonlat(at: Point, crs: pyproj.CRS, service: Service) -> Point:
    (point,) = to_storage(shapely.points([at]), crs, service.crs, service.precision)
    return float(point.x), float(point.y)


def _inside(lonlat: Point, service: Service) -> bool:
    xmin, ymin, xmax, ymax = service.region.bbox
    return xmin <= lonlat[0] <= xmax and ymin <= lonlat[1] <= ymax
