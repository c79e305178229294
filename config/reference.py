"""Which coordinate reference systems there are.

pyproj knows, but its import takes 80 ms of every start; so the systems of this country's surveys and those of
the web are named here, and only a configuration with another one waits for it.
"""

from __future__ import annotations

#: CGCS2000 (4490) and its Gauss-Krüger zones (4491-4554), WGS 84, Web Mercator.
USUAL = frozenset(
    {"OGC:CRS84", "EPSG:4326", "EPSG:3857", "EPSG:4490", *(f"EPSG:{n}" for n in range(4491, 4555))}
)


def is_known(name: str) -> bool:
    """Whether there is a horizontal CRS, geographic or projected, of that name ("EPSG:4524")."""
    if name in USUAL:
        return True
    import pyproj

    try:
        crs = pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        return False
    return len(crs.axis_info) == 2 and (crs.is_geographic or crs.is_projected)
