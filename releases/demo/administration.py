"""The administrative layers: units of three levels, and their boundaries, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyproj import Geod

from releases.demo import facts
from releases.demo.boundaries import Boundaries
from releases.demo.coverage import OUTSIDE, borders
from releases.demo.rows import Rows
from releases.ellipsoid import square_metres

# 行政区 and 行政区界线 of the national norm.
UNIT, BOUNDARY = "1000600100", "1000600200"
PROVINCIAL, PREFECTURAL, COUNTY, FIXED = "630200", "640200", "650200", "600001"
GRS80 = Geod(ellps="GRS80")  # the ellipsoid of CGCS2000

LAYERS = {"xzq_province": "province", "xzq_prefecture": "prefecture", "xzq_county": "county"}


def authority(code: str) -> str:
    """Who delivers the unit or the township of a code."""
    return "chongqing" if code.startswith("50") else "sichuan"


def administration(found: Boundaries) -> Iterator[tuple[str, str, Rows]]:
    """Layer, authority and rows of all administrative layers."""
    for serial, (layer, level) in enumerate(LAYERS.items(), 1):
        units = found.of(level)
        areas = square_metres(np.array([polygon for _, polygon in units]))
        records = [
            (authority(unit.code), polygon, _unit(unit, serial, round(float(area), 2)))
            for (unit, polygon), area in zip(units, areas)
        ]
        for who in ("sichuan", "chongqing"):
            yield layer, who, Rows.of((polygon, values) for owner, polygon, values in records if owner == who)
    # An identification code is unique in all layers, and the units have taken one serial for each level.
    first = len(LAYERS) + 1
    lines = [_boundary(found, *border) for border in borders(found.polygons).lines()]
    for who in ("sichuan", "chongqing", "joint"):
        mine = [(line, values) for owner, line, values in lines if owner == who]
        yield (
            "xzqjx",
            who,
            Rows.of((line, _numbered(values, i, who)) for i, (line, values) in enumerate(mine, first)),
        )


def _unit(unit: facts.Unit, serial: int, area: float) -> dict[str, Any]:
    """All fields that any of the three layers has; a layer takes those it knows."""
    parent = {"province": None, "prefecture": unit.province, "county": unit.prefecture}[unit.level]
    names = {prefecture.code: prefecture.name for prefecture in facts.units("prefecture")}
    lon, lat = unit.seat or (None, None)
    return {
        "BSM": f"{unit.code}{serial:012}",
        "YSDM": UNIT,
        "XZQDM": unit.code,
        "XZQMC": unit.name,
        "XZQMC_EN": unit.name_en,
        "JB": unit.level,
        "SJDM": parent,
        "SJMC": names.get(parent or ""),
        "IN_CIRCLE": unit.in_circle,
        "DSQ": unit.metro,
        "MJ": area,
        "SEAT_X": lon,
        "SEAT_Y": lat,
        "SEAT_SRC": unit.seat_source,
        "VALID_FROM": None,
        "VALID_TO": unit.valid_to,
        "REPLACED": unit.replaced_by,
    }


def _boundary(found: Boundaries, left: int, right: int, line: Any) -> tuple[str, Any, dict[str, Any]]:
    """Who delivers a border, the border, and its values."""
    one = found.counties[left]
    other = None if right == OUTSIDE else found.counties[right]
    if other is None or one.province != other.province:
        kind = PROVINCIAL
    else:
        kind = PREFECTURAL if one.prefecture != other.prefecture else COUNTY
    # The border between the two provinces is one line, so it is delivered once, by both together.
    who = "joint" if other is not None and one.province != other.province else authority(one.code)
    values = {
        "YSDM": BOUNDARY,
        "JXBH": f"{one.code}-{other.code if other else '000000'}",
        "JXLX": kind,
        "JXXZ": FIXED,
        "ZDM": one.code,
        "YDM": other.code if other else None,
        "CD": round(float(GRS80.geometry_length(line)), 2),
    }
    return who, line, values


def _numbered(values: dict[str, Any], serial: int, who: str) -> dict[str, Any]:
    prefix = {"sichuan": "510000", "chongqing": "500000", "joint": "505100"}[who]
    return {"BSM": f"{prefix}{serial:012}", **values}
