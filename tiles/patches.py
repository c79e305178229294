"""A map projection as bicubic patches: what PROJ computes in a microsecond a vertex, a kernel has in nanoseconds.

+---+---+---+      Each patch is the cubic in u and v that agrees with PROJ at 4 x 4 Chebyshev nodes; patches are
|...|...|...|      halved until PROJ, asked between the nodes, differs by less than a tenth of a millimetre. That
|...|...|...|      holds where the data may lie; a CRS that is not smooth there is refused.
+---+---+---+
                   Source: L. N. Trefethen, Approximation Theory and Approximation Practice (2013), chapters 2, 4.
"""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # not in its __all__

from tiles.projection import Patches

Box = tuple[float, float, float, float]
Array = NDArray[np.float64]

#: Largest difference from PROJ, in metres.
ACCURACY = 1e-4
#: Widths of patches that are tried, in degrees: the last makes 400,000 of the region.
STEPS = (1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125)
_NODES = (1 - np.cos((2 * np.arange(4) + 1) * np.pi / 8)) / 2
#: From values at the nodes to coefficients by powers.
_POWERS = np.linalg.inv(np.vander(_NODES, increasing=True))
#: Where patches are compared with PROJ: between nodes, and on the edges, where neighbours meet.
_PROBES = np.array([0.0, 0.15, 0.35, 0.5, 0.65, 0.85, 1.0])


class RoughError(ValueError):
    """A CRS that cubic patches cannot follow over the region."""


def transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    """From degrees, x = lon, y = lat (CGCS2000, which WGS 84 equals in coordinates), to x, y of a CRS."""
    # A grid fetched over the network today and not tomorrow would give two tiles of one release.
    set_network_enabled(active=False)
    return pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)


def fit(crs: pyproj.CRS, domain: Box) -> Patches:
    """Fit patches over a box of degrees: west, south, east, north. RoughError when none follow the CRS."""
    project = transformer(crs)
    unit = crs.axis_info[0].unit_conversion_factor  # metres, or radians, a unit
    accuracy = ACCURACY / (unit if crs.is_projected else unit * 6_378_137)
    worst = np.inf
    for step in STEPS:
        patches = _fitted(project, domain, step)
        worst = _error(project, patches)
        if worst <= accuracy:
            return patches
    raise RoughError(
        f"{crs.name} differs from smooth patches by {worst:g} of its units, expected {accuracy:g}"
    )


def _fitted(project: pyproj.Transformer, domain: Box, step: float) -> Patches:
    west, south, east, north = domain
    columns, rows = (max(int(np.ceil(length / step)), 1) for length in (east - west, north - south))
    values = _sampled(project, west, south, step, (columns, rows), _NODES)
    coefficients = np.einsum("iu,nauv,jv->naij", _POWERS, values, _POWERS)
    # Second derivatives of a cubic are linear: largest at its ends, of which the nodes are near.
    power = np.arange(4)
    curved = power * (power - 1)
    ends = np.vander(np.array([0.0, 0.5, 1.0]), increasing=True, N=4)
    bent = np.vander(np.array([0.0, 1.0]), increasing=True, N=4)[:, [0, 0, 0, 1]] * curved
    along_lon = np.abs(np.einsum("ui,naij,vj->nauv", bent, coefficients, ends)).max()
    along_lat = np.abs(np.einsum("ui,naij,vj->nauv", ends, coefficients, bent)).max()
    bend = 1.1 * np.array([along_lon, along_lat]) / step**2
    coefficients = np.ascontiguousarray(coefficients)
    coefficients.flags.writeable = bend.flags.writeable = False
    return Patches(float(west), float(south), float(step), columns, rows, coefficients, bend)


def _error(project: pyproj.Transformer, patches: Patches) -> float:
    """The largest difference from PROJ at the probes; infinite where PROJ has no answer."""
    size = patches.columns, patches.rows
    expected = _sampled(project, patches.west, patches.south, patches.step, size, _PROBES)
    powers = np.vander(_PROBES, increasing=True, N=4)
    found = np.einsum("ui,naij,vj->nauv", powers, patches.coefficients, powers)
    worst = np.abs(found - expected).max()
    return float(worst) if np.isfinite(worst) else float("inf")


def _sampled(
    project: pyproj.Transformer, west: float, south: float, step: float, size: tuple[int, int], at: Array
) -> Array:
    """X and Y at places (k,) of each patch in both directions: (patches, 2, k along lon, k along lat)."""
    columns, rows = size
    lon = west + step * (np.arange(columns)[:, None] + at)  # (columns, k)
    lat = south + step * (np.arange(rows)[:, None] + at)  # (rows, k)
    shape = rows, columns, len(at), len(at)
    lons = np.broadcast_to(lon[None, :, :, None], shape)
    lats = np.broadcast_to(lat[:, None, None, :], shape)
    x, y = project.transform(lons.reshape(-1), lats.reshape(-1))
    return np.stack([np.reshape(x, shape), np.reshape(y, shape)], axis=2).reshape(-1, 2, len(at), len(at))
