"""The CRS of a source: what its file says against what its authority declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyproj
from pyproj.exceptions import CRSError

from config.models import Text
from releases.crs import same
from releases.sources.fault import SourceFault

#: The datums before CGCS2000, by their names in EPSG's registry, ESRI's and common use.
_OLD: Final[Mapping[Text, re.Pattern[str]]] = {
    Text(zh="1980 西安坐标系", en="Xian 1980"): re.compile(r"xi'?an[ _]?(19)?80|西安"),
    Text(zh="1954 北京坐标系", en="Beijing 1954"): re.compile(
        r"bei[ _]?jing[ _]?(19)?54|new[ _]beijing|北京"
    ),
}


def reference(found: str | None, declared: str | None) -> pyproj.CRS:
    """The CRS to read coordinates in; SourceFault when the file names none, or another than was declared.

    `found` is a code or WKT from the file, `declared` a code from the configuration. Where both agree the
    declared one is used, so that a .prj's rounded parameters never move a coordinate. A file without a CRS is
    refused even when one was declared: coordinates in the wrong zone look right until somebody measures.
    """
    crs = _parsed(found)
    if crs is None:
        hint = (f"（声明为 {declared}）", f" (declared: {declared})") if declared else ("", "")
        raise SourceFault("crs-missing", f"文件没有写明坐标系{hint[0]}", f"the file names no CRS{hint[1]}")
    _current(crs)
    if declared is None:
        return crs
    expected = pyproj.CRS.from_user_input(declared)
    if not same(crs, expected):
        raise SourceFault(
            "crs-other",
            f"声明的坐标系是 {declared}（{expected.name}），而文件的是 {label(crs)}（{crs.name}）",
            f"the declared CRS is {declared} ({expected.name}), but the file's is {label(crs)} ({crs.name})",
        )
    return expected


def _current(crs: pyproj.CRS) -> None:
    """Raise SourceFault for a datum that CGCS2000 took the place of: no public transformation leads from it."""
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None:
        return
    for told, names in _OLD.items():
        if names.search(f"{geodetic.datum.name} {geodetic.name}".lower()):
            raise SourceFault(
                "crs-datum",
                f"坐标系 {label(crs)}（{crs.name}）属于{told.zh}，应为 2000 国家大地坐标系（CGCS2000）；两者相差数十至百余米，"
                "须由测绘主管部门用当地参数转换，不可只改标注",
                f"the CRS {label(crs)} ({crs.name}) is of {told.en} instead of CGCS2000; they differ by some tens to more than a "
                "hundred metres: have the surveying authority transform the data with its local parameters, a new label "
                "alone would be wrong",
            )


def label(crs: pyproj.CRS) -> str:
    """The code of a CRS, or its name where it has none."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _parsed(found: str | None) -> pyproj.CRS | None:
    if not found:
        return None
    try:
        # GDAL takes a GeoJSON with heights for EPSG:4979; heights are a finding of their own.
        crs = pyproj.CRS.from_user_input(found).to_2d()
    except CRSError as error:
        raise SourceFault(
            "crs-unreadable",
            f"文件的坐标系无法识别：{found[:80]!r}",
            f"the file's CRS cannot be understood: {found[:80]!r}",
        ) from error
    # "Undefined geographic SRS" and the like are how a GeoPackage says that it does not know (OGC 12-128r19
    # 1.1.2.1.2).
    unknown = crs.is_engineering or crs.name.lower().startswith(("undefined", "unknown"))
    return None if unknown else crs
