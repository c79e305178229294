"""The CRS of a source: what its file says against what its authority declares."""

from __future__ import annotations

import pyproj
from pyproj.exceptions import CRSError

from releases.crs import same
from releases.sources.fault import SourceFault


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
