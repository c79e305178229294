"""The definitions of tile matrix sets, as documents of OGC 17-083r4 (TMS 2.0), 7.1.

From the library come the sets that OGC registered; the region's own, which nobody did, are written here:

CGCS2000Quad             EPSG:4490, latitude before longitude: two square tiles of 180 degrees at level 0
CGCS2000TianDiTuQuad     the same tiles with the numbers of the national map service 天地图: its levels begin at 1
CGCS2000GK35Quad         EPSG:4523, 3-degree Gauss-Kruger at 105 E; northing before easting. Cells are powers of two
CGCS2000GK36Quad         EPSG:4524, the same at 108 E               of metres: 1 m at level 15

Level 0 of a Gauss-Kruger set is one tile of 8,388,608 m from the equator northwards, its middle the central
meridian: all of China lies in it, and cells are whole metres or halves of them again and again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any, Final

import morecantile
from pydantic import ValidationError
from pyproj.exceptions import CRSError

#: Metres of one degree on the equator of WGS 84, by which TMS 2.0 (6.1.1) makes a scale of degrees.
METRES_PER_DEGREE: Final = 111_319.490_793_273_57
#: Metres of a pixel that scale denominators presume (TMS 2.0, 6.1.1).
PIXEL: Final = 0.00028
TILE: Final = 256
REGISTERED: Final = ("WebMercatorQuad", "WorldCRS84Quad")
#: Levels of the sets below: the last has cells of half a centimetre and less.
LEVELS: Final = 24
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


class UnusableError(ValueError):
    """A definition that is no tile matrix set, or one that tiles are not made in; the text says why."""


def _quad(
    name: str,
    title: str,
    epsg: int,
    axes: list[str],
    origin: list[float],
    cell: float,
    columns: int,
    first: int = 0,
) -> dict[str, Any]:
    """A quad tree whose level 0 has one row of `columns` tiles; `cell` in units of the CRS, ids from `first`."""
    metres = METRES_PER_DEGREE if "Lat" in axes else 1.0
    return {
        "id": name,
        "title": title,
        "crs": f"{_EPSG}{epsg}",
        "orderedAxes": axes,
        "tileMatrices": [
            {
                "id": str(first + level),
                "scaleDenominator": cell / 2**level * metres / PIXEL,
                "cellSize": cell / 2**level,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": origin,
                "tileWidth": TILE,
                "tileHeight": TILE,
                "matrixWidth": columns << level,
                "matrixHeight": 1 << level,
            }
            for level in range(LEVELS)
        ],
    }


def _gauss_kruger(zone: int, epsg: int) -> dict[str, Any]:
    # EPSG calls the northing X and the easting Y, which clients take for the other way round: N and E are clear.
    meridian, side = 3 * zone, 2.0**23
    title = f"CGCS2000 / 3-degree Gauss-Kruger zone {zone} ({meridian}°E) · 高斯-克吕格3度带第{zone}带"
    origin = [side, zone * 1e6 + 500_000 - side / 2]
    return _quad(f"CGCS2000GK{zone}Quad", title, epsg, ["N", "E"], origin, side / TILE, 1)


_DEGREES = (4490, ["Lat", "Lon"], [90.0, -180.0], 180 / TILE, 2)
#: The sets that no register has, by id.
OWN: Final[Mapping[str, dict[str, Any]]] = {
    document["id"]: document
    for document in (
        _quad("CGCS2000Quad", "CGCS2000 longitude and latitude · CGCS2000 经纬度", *_DEGREES),
        _quad(
            "CGCS2000TianDiTuQuad",
            "CGCS2000 longitude and latitude, numbered as by TianDiTu · CGCS2000 经纬度（天地图级别）",
            *_DEGREES,
            first=1,
        ),
        _gauss_kruger(35, 4523),
        _gauss_kruger(36, 4524),
    )
}
NAMES: Final = (*REGISTERED, *OWN)


@cache
def document(name: str) -> dict[str, Any]:
    """The definition of a set by its id; KeyError for an id that is none of NAMES."""
    if name in OWN:
        return OWN[name]
    if name not in REGISTERED:
        raise KeyError(name)
    return morecantile.tms.get(name).model_dump(mode="json", by_alias=True, exclude_none=True)


def parsed(document: Mapping[str, Any]) -> morecantile.TileMatrixSet:
    """Read a definition; UnusableError when it is none, or one whose tiles are no plain grid of rows."""
    try:
        found = morecantile.TileMatrixSet.model_validate(document)
    except (ValidationError, CRSError, NotImplementedError, ValueError, TypeError) as fault:
        raise UnusableError(f"no tile matrix set of TMS 2.0 in a CRS that PROJ knows: {fault}") from fault
    matrices = found.tileMatrices
    if not found.id:
        raise UnusableError("a tile matrix set has an id, expected one")
    if not matrices:
        raise UnusableError(f"{found.id} has no tile matrices, expected at least one")
    if any(matrix.variableMatrixWidths for matrix in matrices):
        raise UnusableError(f"{found.id} has variable matrix widths, expected rows of equal width")
    if any(matrix.cornerOfOrigin == "bottomLeft" for matrix in matrices):
        raise UnusableError(f"{found.id} counts rows from below, expected the corner of origin topLeft")
    if any(matrix.tileWidth != matrix.tileHeight for matrix in matrices):
        raise UnusableError(f"{found.id} has tiles that are not square, expected tileWidth = tileHeight")
    sizes = [matrix.cellSize for matrix in matrices]
    if any(fine >= coarse for coarse, fine in pairwise(sizes)):
        raise UnusableError(
            f"{found.id} is not in order, expected each tile matrix finer than the one before"
        )
    if len({matrix.id for matrix in matrices}) < len(matrices):
        raise UnusableError(f"{found.id} has two tile matrices of one id, expected different ids")
    return found
