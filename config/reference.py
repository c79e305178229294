"""Which coordinate reference systems there are, and which of them a region's features can be shown in.

pyproj knows, but its import takes 80 ms of every start; so the systems of this country's surveys and those of
the web are named here, and only a configuration with another one, or another region, waits for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from config.values import Box, Text

if TYPE_CHECKING:
    import pyproj

#: CGCS2000 (4490) and its Gauss-Krüger zones (4491-4554), WGS 84, Web Mercator.
USUAL = frozenset(
    {"OGC:CRS84", "EPSG:4326", "EPSG:3857", "EPSG:4490", *(f"EPSG:{n}" for n in range(4491, 4555))}
)
#: West, south, east, north of where any of them can show what there is.
_AT_HOME: Final = (73.0, 3.0, 136.0, 54.0)
#: Degrees that a place may be off by (1 cm) after it went into a CRS and back.
_BACK: Final = 1e-7
#: Places along each edge of a region that are tried.
_TRIED: Final = 17


def is_known(name: str) -> bool:
    """Whether there is a horizontal CRS, geographic or projected, of that name ("EPSG:4524")."""
    if name in USUAL:
        return True
    crs = _found(name)
    return crs is not None and _is_horizontal(crs)


def unfit(name: str, region: Box) -> tuple[Text, Text] | None:
    """Why the features of a region cannot be shown in a CRS, and what would do; None when they can.

    The CRS must have two dimensions on the earth, PROJ must know a way from the region's degrees into it (without
    grids, which are not fetched) and every place of the region must come back from it to where it was.
    """
    if name in USUAL and _is_at_home(region):
        return None
    crs = _found(name)
    if crs is None:
        return Text(zh=f"没有坐标参考系 {name}", en=f"there is no CRS {name}"), _HORIZONTAL
    if not _is_horizontal(crs):
        kind = next((text for test, text in _KINDS if test(crs)), _OTHER)
        return Text(
            zh=f"{name}（{crs.name}）是{kind.zh}", en=f"{name} ({crs.name}) is {kind.en}"
        ), _HORIZONTAL
    if not ways(crs, region):
        message = Text(
            zh=f"PROJ 没有从 {datum_source(crs)} 到 {name}（{crs.name}）的基准转换",
            en=f"PROJ knows no datum transformation from {datum_source(crs)} to {name} ({crs.name})",
        )
        return message, _REACHED
    if not _comes_back(crs, region):
        message = Text(
            zh=f"{name}（{crs.name}）不能表示整个区域", en=f"{name} ({crs.name}) cannot show the whole region"
        )
        return message, _COVERING
    return None


def datum_source(crs: pyproj.CRS) -> str:
    """Which degrees a CRS is reached from: those of CGCS2000 for its own, of WGS 84 for all others.

    A release's degrees are both at once (they differ by less than a metre), and PROJ knows ways from WGS 84 to many
    datums, but from CGCS2000 to its own zones alone.
    """
    return "EPSG:4490" if crs.datum is not None and crs.datum.name == "China 2000" else "OGC:CRS84"


def ways(crs: pyproj.CRS, region: Box) -> list[pyproj.Transformer]:
    """PROJ's operations into a CRS that can be carried out in a region, the best first; none is a mere guess."""
    from pyproj.aoi import AreaOfInterest
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]  # not in its __all__
    from pyproj.transformer import TransformerGroup

    # A grid fetched over the network today and not tomorrow would move coordinates between two starts.
    set_network_enabled(active=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "a better one needs a grid": it is not there
        group = TransformerGroup(
            datum_source(crs),
            crs,
            area_of_interest=AreaOfInterest(*region),  # type: ignore[arg-type]  # another one in its stub
            allow_ballpark=False,
        )
    return list(group.transformers)


def _is_at_home(region: Box) -> bool:
    (west, south, east, north), home = region, _AT_HOME
    return home[0] <= west and home[1] <= south and east <= home[2] and north <= home[3]


def _found(name: str) -> pyproj.CRS | None:
    import pyproj

    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        return None


def _is_horizontal(crs: pyproj.CRS) -> bool:
    return len(crs.axis_info) == 2 and (crs.is_geographic or crs.is_projected)


def _comes_back(crs: pyproj.CRS, region: Box) -> bool:
    import numpy as np
    import pyproj

    way = pyproj.Transformer.from_crs(datum_source(crs), crs, always_xy=True)
    xmin, ymin, xmax, ymax = region
    lon, lat = np.meshgrid(np.linspace(xmin, xmax, _TRIED), np.linspace(ymin, ymax, _TRIED))
    x, y = way.transform(lon, lat)
    back = way.transform(x, y, direction="INVERSE")
    return bool(np.isfinite([x, y]).all() and np.allclose(back, (lon, lat), rtol=0, atol=_BACK))


_HORIZONTAL = Text(zh="二维的地理或投影坐标系", en="a geographic or projected CRS of two dimensions")
_REACHED = Text(zh="PROJ 无需格网即可转换到的坐标系", en="a CRS that PROJ can transform to without a grid")
_COVERING = Text(zh="覆盖整个区域的坐标系", en="a CRS that covers the region")
_OTHER = Text(zh="其他类型的坐标系", en="a CRS of another kind")
#: What a CRS is that will not do, in words; the first that fits.
_KINDS: tuple[tuple[Callable[[Any], bool], Text], ...] = (
    (lambda crs: crs.is_compound, Text(zh="复合坐标系", en="a compound CRS")),
    (lambda crs: crs.is_vertical, Text(zh="高程坐标系", en="a vertical CRS")),
    (lambda crs: crs.is_engineering, Text(zh="工程坐标系", en="an engineering CRS")),
    (lambda crs: crs.is_geocentric, Text(zh="地心坐标系", en="a geocentric CRS")),
    (lambda crs: crs.type_name == "Temporal CRS", Text(zh="时间坐标系", en="a temporal CRS")),
    (lambda crs: len(crs.axis_info) == 3, Text(zh="三维坐标系", en="a CRS of three dimensions")),
)
