"""Coordinate reference systems: their names, their axis order, and the way into the release's CRS.

This is the only file that knows about axis order. Storage is always x, y = longitude, latitude (or easting,
northing). What a CRS's *authority* says is another matter: EPSG:4490 and EPSG:4326 are latitude, longitude,
the CGCS2000 Gauss-Kruger zones are northing, easting (GIS calls it y, x), CRS84 and EPSG:3857 are x, y.
Parameters and answers follow the authority (OGC 18-058r1 7.5), so they pass through `authority_order` exactly
once.

CGCS2000 and WGS 84 differ by less than a metre and PROJ joins them with a null step: equal in coordinates,
never in label or axis order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.enums import TransformDirection
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # not in its __all__

from config.models import Box
from config.reference import datum_source, ways
from releases.table import Objects, not_finite

#: CRSs that every service offers, in this order: CRS84 because it is the default (OGC 17-069r4), the two that a release
#: may be stored in, and the web's.
ALWAYS: Final = ("OGC:CRS84", "EPSG:4490", "EPSG:4326", "EPSG:3857")
#: CRSs whose coordinates are those of the release, to the number.
DEGREES: Final = frozenset({"OGC:CRS84", "EPSG:4326", "EPSG:4490"})
_URI: Final = "http://www.opengis.net/def/crs"
#: Metres that CGCS2000 and WGS 84 may differ by, and so what the null step between them costs.
_NULL_STEP: Final = 1.0


class UnknownCrs(LookupError):
    """A CRS that is not offered; its text names it and those that are."""

    def __init__(self, name: str, expected: tuple[str, ...]) -> None:
        super().__init__(f"unknown CRS {name!r}, expected one of {', '.join(expected)}")
        self.name = name
        self.expected = expected


def offered(added: Sequence[str]) -> tuple[str, ...]:
    """The codes of all CRSs of a service that adds some to those of every service; each once."""
    return tuple(dict.fromkeys((*ALWAYS, *added)))


def uri(code: str) -> str:
    """The URI of a code such as "EPSG:4490" (OGC Name Type Specification, OGC 09-048r5)."""
    authority, _, number = code.partition(":")
    # A registry that is not versioned as its entries has version 0 (OGC 18-058r1 6.1); those of OGC are of WMS 1.3.
    return f"{_URI}/{authority}/{'1.3' if authority == 'OGC' else '0'}/{number}"


def code(name: str, among: Sequence[str]) -> str:
    """The code of a URI spelt exactly as one that is offered (18-058r1 /req/crs/fc-crs-valid-value); UnknownCrs when it is none."""
    known = {uri(one): one for one in among}
    try:
        return known[name]
    except KeyError:
        raise UnknownCrs(name, tuple(known)) from None


@lru_cache(maxsize=64)
def northing_first(code: str) -> bool:
    """True when the CRS's authority puts latitude or northing before longitude or easting."""
    return pyproj.CRS.from_user_input(code).axis_info[0].direction.lower() in ("north", "south")


def is_turned(code: str) -> bool:
    """True when coordinates are the release's own, but latitude comes first."""
    return code in DEGREES and northing_first(code)


def authority_order(xy: NDArray[np.float64], code: str) -> NDArray[np.float64]:
    """Coordinates (..., 2) between x, y and the order of the CRS's authority; its own inverse."""
    return xy[..., ::-1] if northing_first(code) else xy


def in_authority_order(geometry: Objects, code: str) -> Objects:
    """Geometries (n,) between x, y and the order of the CRS's authority; its own inverse."""
    if not northing_first(code):
        return geometry
    turned: Objects = shapely.set_coordinates(geometry.copy(), shapely.get_coordinates(geometry)[:, ::-1])
    return turned


def from_storage_xy(geometry: Objects, code: str) -> Objects:
    """Geometries (n,) of the release in another CRS, x, y, each vertex transformed and rounded (`digits`).

    Where PROJ has no coordinates for a vertex there is no geometry.
    """
    if code in DEGREES:
        return geometry
    shown = np.round(project(shapely.get_coordinates(geometry), code), digits(code))
    found: Objects = shapely.set_coordinates(geometry.copy(), shown)
    if not np.isfinite(shown).all():
        found[not_finite(found)] = None
    return found


def project(xy: NDArray[np.float64], code: str) -> NDArray[np.float64]:
    """Coordinates (..., 2) of the release in another CRS, x, y, not rounded; infinite where it has none."""
    if code in DEGREES:
        return xy
    return np.stack(_joint(code).transform(xy[..., 0], xy[..., 1]), axis=-1)


def to_storage_xy(geometry: Objects, code: str) -> Objects:
    """Geometries (n,) given in the axis order of a CRS's authority, in the release's x, y; heights are dropped.

    Nothing is rounded. Coordinates that PROJ cannot transform become infinite.
    """
    geometry = in_authority_order(shapely.force_2d(geometry), code)
    if code in DEGREES:
        return geometry
    xy = shapely.get_coordinates(geometry)
    transform = _joint(code).transform
    back = np.column_stack(transform(xy[:, 0], xy[:, 1], direction=TransformDirection.INVERSE))
    stored: Objects = shapely.set_coordinates(geometry.copy(), back)
    return stored


@lru_cache(maxsize=64)
def accuracy(code: str, storage: str, region: Box) -> float | None:
    """Metres that coordinates in a CRS may be off by, beside their rounding; None where PROJ does not say.

    That is PROJ's accuracy of the operation into it in a region, and 1 m where the release's own datum (that of
    `storage`) is left by the null step.
    """
    crs = pyproj.CRS.from_user_input(code)
    step = 0.0 if datum_source(crs) == datum_source(pyproj.CRS.from_user_input(storage)) else _NULL_STEP
    if code in DEGREES:
        return step
    stated = ways(crs, region)[0].accuracy
    return None if stated < 0 else step + stated


@lru_cache(maxsize=64)
def is_geographic(code: str) -> bool:
    """True when coordinates are degrees, False when they are lengths."""
    return bool(pyproj.CRS.from_user_input(code).is_geographic)


@lru_cache(maxsize=64)
def digits(code: str) -> int:
    """Decimals that coordinates of a CRS are rounded to: 1e-7 degrees (1 cm) or 1e-3 metres."""
    return 7 if is_geographic(code) else 3


def _joint(code: str) -> pyproj.Transformer:
    """From the release's degrees, which are of CGCS2000 and of WGS 84 at once, into a CRS."""
    return _transformer(_source(code), code)


@lru_cache(maxsize=64)
def _source(code: str) -> str:
    return datum_source(pyproj.CRS.from_user_input(code))


@lru_cache(maxsize=4096)
def corners(box: Box, source: str, target: pyproj.CRS) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lower left and upper right of a box in another CRS, in the order of its authority.

    Parameters
    ----------
    box : xmin, ymin, xmax, ymax in `source`, a code
    target : the box there goes round the given one, whose edges may be curved in it
    """
    xmin, ymin, xmax, ymax = _transformer(source, target.to_wkt()).transform_bounds(*box, densify_pts=31)
    lower, upper = (round(xmin, 7), round(ymin, 7)), (round(xmax, 7), round(ymax, 7))
    if target.axis_info[0].direction.lower() in ("north", "south"):
        return (lower[1], lower[0]), (upper[1], upper[0])
    return lower, upper


@lru_cache(maxsize=64)
def title(code: str) -> str:
    """What the CRS is called by its authority."""
    return str(pyproj.CRS.from_user_input(code).name)


@lru_cache(maxsize=64)
def axis_names(code: str) -> tuple[str, ...]:
    """The names of the CRS's axes in full, in the order of its authority."""
    return tuple(axis.name for axis in pyproj.CRS.from_user_input(code).axis_info)


def axes(crs: pyproj.CRS) -> list[str]:
    """The names of a CRS's axes in the order of its authority."""
    return [axis.abbrev for axis in crs.axis_info]


def to_storage(geometry: Objects, source: pyproj.CRS, target: str, precision: float) -> Objects:
    """Geometries in the release's CRS, x = lon, y = lat, two-dimensional, on the grid of `precision`.

    `geometry` (n,) has x, y in the order GIS files keep them (easting, northing; longitude, latitude).
    Coordinates that cannot be projected become infinite, NaN stays NaN: the gate finds both.
    """
    xy = shapely.get_coordinates(geometry)
    if not same(source, pyproj.CRS.from_user_input(target)):
        x, y = _transformer(source.to_wkt(), target).transform(xy[:, 0], xy[:, 1])
        xy = np.column_stack([x, y])
    # Dividing the whole numbers gives the double nearest to each decimal; multiplying by 1e-7 would not.
    steps = round(1 / precision)
    stored: Objects = shapely.set_coordinates(shapely.force_2d(geometry), np.rint(xy * steps) / steps)
    return stored


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    # A grid fetched over the network today and not tomorrow would give two releases from the same files.
    set_network_enabled(active=False)
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """True when two descriptions mean the same coordinates, whatever their names and axis order.

    A shapefile's .prj has neither codes nor axis order, and names as ESRI spells them. So the kind, the
    projection's parameters and the ellipsoid are compared, and of the datum its name without punctuation.
    """
    if one.equals(other, ignore_axis_order=True):
        return True
    return _essence(one.to_wkt()) == _essence(other.to_wkt())


@lru_cache(maxsize=64)
def _essence(wkt: str) -> tuple[object, ...]:
    crs = pyproj.CRS.from_wkt(wkt)
    crs = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    operation = crs.coordinate_operation
    parameters = (
        sorted((p.name.lower(), round(float(p.value), 6)) for p in operation.params) if operation else []
    )
    ellipsoid = crs.ellipsoid
    shape = (
        (round(ellipsoid.semi_major_metre, 3), round(ellipsoid.inverse_flattening, 6)) if ellipsoid else None
    )
    unit = {axis.unit_name.lower().replace("meter", "metre") for axis in crs.axis_info}
    return (crs.is_geographic, crs.is_projected, _datum(crs), shape, tuple(parameters), frozenset(unit))


def _datum(crs: pyproj.CRS) -> str:
    """The datum's name as both EPSG and ESRI would spell it: `D_China_2000` is `China 2000`."""
    name = crs.datum.name if crs.datum else ""
    plain = "".join(c for c in name.lower() if c.isalnum()).removeprefix("d")
    return {
        "wgs1984": "worldgeodeticsystem1984",
        "worldgeodeticsystem1984ensemble": "worldgeodeticsystem1984",
    }.get(plain, plain)
