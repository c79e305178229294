"""Literal geometries: brought to the release's x, y, onto its grid, and bounded in what they can cost.

A coordinate is rounded as those of features are when they are read (1e-7 degrees, a centimetre): a corner of the
literal that was a feature's in its source is then a corner of the feature, which is what S_TOUCHES and S_EQUALS ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from config.models import Text
from releases import crs as systems
from releases.cql2.expression import VERTICES
from releases.cql2.faults import FilterError, FilterFault, fault
from releases.cql2.nodes import Shape
from releases.table import Objects

#: Pairs of stretches of a filter's lines and rings whose boxes meet, each with itself too. GEOS keeps every
#: crossing: a star of 3,000 corners has four million, for which one S_CROSSES takes 14 s and 1.3 GB.
KNOTS: Final = 500_000
#: So many stretches are looked at at once.
_CHUNK: Final = 256
#: Of a degree: the finest grid that a release may have.
_GRID: Final = 10_000_000
#: An edge of a BBOX in projected coordinates is curved in degrees, so it is drawn by this many.
_BENDS: Final = 32
#: Metres, or whatever a CRS is in.
_ASTRAY: Final = 1.0
_WORLD: Final = np.array([180.0, 90.0])
_KINDS: Final = (
    "Point",
    "LineString",
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
_GEOMETRY = Text(
    zh="有效的几何（WKT 或 GeoJSON），坐标有限，在参考系范围内，按其轴序",
    en="a valid geometry in WKT or GeoJSON, its coordinates finite, within its CRS and in the CRS's axis order",
)
_BBOX = Text(
    zh="4 个或 6 个有限的数：西,南,东,北（按参考系的轴序），南不大于北",
    en="4 or 6 finite numbers: west, south, east, north in the CRS's axis order, south not above north",
)


def box(numbers: Any, crs: str) -> Shape:
    """A BBOX in a CRS; with west above east it crosses the antimeridian, if the CRS is of degrees."""
    wrong = FilterError(fault("BBOX 不合要求", "the BBOX will not do", _BBOX))
    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not all(map(_is_finite, numbers)):
        raise wrong
    half = len(numbers) // 2
    corners = np.array([numbers[:2], numbers[half : half + 2]], dtype=float)
    (west, south), (east, north) = systems.authority_order(corners, crs).tolist()
    in_degrees = crs in systems.DEGREES
    if south > north or (half == 3 and numbers[2] > numbers[5]) or (west > east and not in_degrees):
        raise wrong
    if west <= east:
        drawn = rectangle(west, south, east, north)
    else:
        halves = [rectangle(west, south, 180.0, north), rectangle(-180.0, south, east, north)]
        drawn = shapely.geometrycollections(halves)
    longest = max(east - west, north - south)
    if not in_degrees and longest:
        drawn = shapely.segmentize(drawn, longest / _BENDS)
    return _stored(systems.in_authority_order(_array(drawn), crs), crs, "BBOX")


def rectangle(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box as a valid geometry also where it has no width, no height or neither."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def geometry(document: dict[str, Any], crs: str) -> Shape:
    """A geometry given as GeoJSON, in the axis order of a CRS's authority; heights and measures are left out."""
    kind = document.get("type")
    if kind not in _KINDS or not _is_sound(document):
        raise FilterError(_unsound(str(kind)[:40]))
    try:
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(document)))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise FilterError(_unsound(kind)) from error
    if shape is None or not shape.is_valid:
        why = shapely.is_valid_reason(shape)[:80]
        raise FilterError(
            fault(f"几何 {kind} 无效：{why}", f"the geometry {kind} is invalid: {why}", _GEOMETRY)
        )
    return _stored(_array(shape), crs, kind)


def _stored(geometry: Objects, crs: str, kind: str) -> Shape:
    """One geometry (1,), in the axis order of a CRS's authority, as the release would hold it."""
    here = systems.to_storage_xy(geometry, crs)
    xy = shapely.get_coordinates(here)
    if not np.isfinite(xy).all() or (np.abs(xy) > _WORLD).any() or not _comes_back(geometry, here, crs):
        raise FilterError(
            fault(
                f"{kind} 的坐标超出参考系 {crs} 的范围",
                f"the coordinates of {kind} are outside of what {crs} covers",
                _GEOMETRY,
            )
        )
    gridded = shapely.set_coordinates(here.copy(), np.rint(xy * _GRID) / _GRID)
    # What is smaller than the grid stays as it is rather than vanish. Normalised, so that a ring begun at another
    # corner is the same filter.
    plain = shapely.normalize((gridded if shapely.is_valid(gridded).all() else here)[0])
    xmin, ymin, xmax, ymax = map(float, shapely.bounds(plain))
    return Shape(bytes(shapely.to_wkb(plain, byte_order=1)), (xmin, ymin, xmax, ymax))


def _comes_back(geometry: Objects, here: Objects, crs: str) -> bool:
    """Whether each vertex is where its CRS has it: beyond its edge PROJ may go round the Earth again and again."""
    if crs in systems.DEGREES:
        return True
    back = systems.from_storage_xy(here, crs)
    given = shapely.get_coordinates(systems.in_authority_order(geometry, crs))
    return back[0] is not None and bool(
        np.allclose(shapely.get_coordinates(back), given, rtol=0, atol=_ASTRAY)
    )


def tangled(shapes: Sequence[Shape]) -> bool:
    """Whether the lines and rings of a filter's geometries may cross each other and themselves too often."""
    boxes = _stretches(shapes)
    tree = shapely.STRtree(boxes)
    met = 0
    for start in range(0, len(boxes), _CHUNK):
        met += tree.query(boxes[start : start + _CHUNK]).shape[1]
        if met > KNOTS:
            return True
    return False


def _stretches(shapes: Sequence[Shape]) -> NDArray[Any]:
    """The box of each stretch between two vertices of lines and rings."""
    whole = shapely.from_wkb(np.array([shape.wkb for shape in shapes], dtype=object))
    # Twice, since a collection may have parts of several parts.
    parts = shapely.get_parts(shapely.get_parts(whole))
    lines = np.concatenate([shapely.get_rings(parts), parts[shapely.get_dimensions(parts) == 1]])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    inside = line[1:] == line[:-1]
    low, high = np.minimum(xy[1:], xy[:-1])[inside], np.maximum(xy[1:], xy[:-1])[inside]
    found: NDArray[Any] = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    return found


def too_tangled() -> FilterFault:
    """The fault of geometries that cross too often."""
    return fault(
        "几何的线段相互交叉过多",
        "the lines of the geometries cross too often",
        Text(zh=f"至多 {KNOTS // 2} 对相遇的线段", en=f"at most {KNOTS // 2} pairs of stretches that meet"),
    )


def _array(shape: shapely.Geometry) -> Objects:
    return np.array([shape], dtype=object)


def _is_sound(document: dict[str, Any]) -> bool:
    """Whether all coordinates are finite numbers, some but not too many."""
    numbers = 0
    waiting: list[Any] = [document.get("coordinates", document.get("geometries"))]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.append(part.get("coordinates"))
        elif not _is_finite(part):
            return False
        else:
            numbers += 1
    return 0 < numbers <= 4 * VERTICES


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _unsound(kind: str) -> FilterFault:
    return fault(f"几何 {kind} 不合要求", f"the geometry {kind} will not do", _GEOMETRY)
