"""The layers that come from the committed tables alone: places, townships, airports, stations, rivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely

from releases.demo import facts
from releases.demo.administration import authority
from releases.demo.rows import Rows

FAULTS = {
    "old-site": "坐标为旧址（蓝田），2018 年启用的云龙机场在其东北约 20 公里",
    "no-coordinates": "来源注明坐标未知，几何为空",
    "military": "军用机场，非民用",
}
KINDS = {"街道": "street", "镇": "town", "乡": "township"}


def points() -> Iterator[tuple[str, str, Rows]]:
    """Layer, authority and rows of all these layers."""
    yield "places", "joint", Rows.of(_place(row) for row in facts.table("places"))
    townships = facts.table("townships")
    located = {row["gid"]: _point(row) for row in facts.table("places")}
    for who in ("sichuan", "chongqing"):
        yield (
            "townships",
            who,
            Rows.of(_township(row, located) for row in townships if authority(row["code"]) == who),
        )
    yield "airports", "joint", Rows.of(_airport(row) for row in facts.table("airports"))
    yield "rail_stations", "joint", Rows.of(_station(row) for row in facts.table("stations"))
    yield "rivers", "joint", Rows.of(_river(*feature) for feature in facts.features("rivers"))


def _point(row: facts.Row) -> Any:
    """The row's point; None where it has none."""
    return facts.on_grid(shapely.Point(float(row["lon"]), float(row["lat"]))) if row["lon"] else None


def _place(row: facts.Row) -> tuple[Any, dict[str, Any]]:
    return _point(row), {
        "GID": int(row["gid"]),
        "MC": row["name_zh"] or None,
        "MC_EN": row["name_en"],
        "LB": row["feature_code"] or None,
        "RK": int(row["population"]) if row["population"] else None,
        "XZQDM": row["county"],
    }


def _township(row: facts.Row, located: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return located.get(row["gid"]), {
        "XZQDM": row["code"],
        "XZQMC": row["name"],
        "LX": next((kind for ending, kind in KINDS.items() if row["name"].endswith(ending)), "other"),
        "SJDM": row["county"],
        "DWLY": f"geonames:{row['gid']}" if row["gid"] else None,
    }


def _airport(row: facts.Row) -> tuple[Any, dict[str, Any]]:
    return _point(row), {
        "IATA": row["iata"],
        "ICAO": row["icao"] or None,
        "MC": row["name_zh"],
        "MC_EN": row["name_en"],
        "GC": int(row["elevation"]) if row["elevation"] else None,
        "XZQDM": row["county"],
        "ZLSM": FAULTS[row["fault"]] if row["fault"] else None,
    }


def _station(row: facts.Row) -> tuple[Any, dict[str, Any]]:
    return None, {
        "DBM": row["telecode"],
        "MC": row["name"],
        "PY": row["pinyin"],
        "SJDM": row["city"],
        "XZQDM": row["county"] or None,
    }


def _river(line: Any, properties: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return shapely.multilinestrings(shapely.get_parts(line)), {
        "BH": properties["id"],
        "MC": properties["name_zh"],
        "MC_EN": properties["name_en"],
        "DJ": properties["rank"],
    }
