"""The plan's own layers, delivered jointly: extent, structure, platforms, projects, heritage.

All but the extent are schematic: names and members are public, but what is drawn only joins the seats of
counties or unites whole counties, and nobody has verified it. Every feature says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import shapely

from releases.demo import facts
from releases.demo.boundaries import Boundaries
from releases.demo.rows import Rows
from releases.ellipsoid import square_metres

Point = tuple[float, float]


def plan(found: Boundaries) -> Iterator[tuple[str, str, Rows]]:
    """Layer, authority and rows of all these layers."""
    yield "plan_extent", "joint", Rows.of(_extent(found))
    yield "plan_structure", "joint", Rows.of(_structure(row, found) for row in facts.table("structure"))
    yield "cooperation_platforms", "joint", Rows.of(_platform(row, found) for row in facts.table("platforms"))
    yield "major_projects", "joint", Rows.of(_project(row) for row in facts.table("projects"))
    yield "world_heritage", "joint", Rows.of(_heritage(row) for row in facts.table("heritage"))


def _extent(found: Boundaries) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Two readings, since it is not public which townships of Kaizhou and Yunyang belong to the circle."""
    readings = {
        "core": (("full",), "双城经济圈（不含开州、云阳）", "The circle without Kaizhou and Yunyang"),
        "outer": (
            ("full", "partial"),
            "双城经济圈（含开州、云阳全域）",
            "The circle with all of Kaizhou and Yunyang",
        ),
    }
    for number, (parts, name, name_en) in readings.items():
        members = [unit.code for unit in found.counties if unit.in_circle in parts]
        polygon = found.union(members)
        values = {"BH": number, "MC": name, "MC_EN": name_en, "DYS": len(members), "MJ": _area(polygon)}
        yield polygon, values


def _structure(row: facts.Row, found: Boundaries) -> tuple[Any, dict[str, Any]]:
    members = row["members"].split()
    if row["kind"] == "circle":
        members = [unit.code for unit in found.counties if unit.metro == row["name"]]
        geometry = found.union(members)
    else:
        geometry = facts.on_grid(_SHAPES["point" if row["kind"] == "core" else "line"](_seats(members)))
    return geometry, {
        "BH": row["id"],
        "MC": row["name"],
        "MC_EN": row["name_en"],
        "LX": row["kind"],
        "XZQDMS": members,
        "MJ": _area(geometry) if row["kind"] == "circle" else None,
        # A circle is the union of its members, which are public; cores and axes only join seats.
        "SFSY": row["kind"] != "circle",
    }


def _platform(row: facts.Row, found: Boundaries) -> tuple[Any, dict[str, Any]]:
    members = row["members"].split()
    geometry = found.union(members)
    return geometry, {
        "BH": row["id"],
        "MC": row["name"],
        "MC_EN": row["name_en"],
        "XZQDMS": members,
        "MJ": _area(geometry),
        "SFSY": True,
    }


def _project(row: facts.Row) -> tuple[Any, dict[str, Any]]:
    members, shape = row["members"].split(), row["shape"]
    if shape == "airport":
        airport = next(airport for airport in facts.table("airports") if airport["iata"] == members[0])
        members, places = [airport["county"]], [(float(airport["lon"]), float(airport["lat"]))]
    else:
        places = _seats(members)
    geometry = _SHAPES["point" if shape == "airport" else shape](places)
    return None if geometry is None else facts.on_grid(geometry), {
        "XMBH": row["id"],
        "XMMC": row["name"],
        "XMMC_EN": row["name_en"],
        "LY": row["field"],
        "XMLX": row["kind"],
        "JSZT": row["status"],
        "JCNF": int(row["year"]) if row["year"] else None,
        "XZQDMS": members or None,
        "SFSY": True,
        "SFHS": False,
    }


def _heritage(row: facts.Row) -> tuple[Any, dict[str, Any]]:
    return facts.on_grid(shapely.Point(float(row["lon"]), float(row["lat"]))), {
        "BH": row["id"],
        "MC": row["name"],
        "MC_EN": row["name_en"],
        "LX": row["kind"],
        "LRNF": int(row["year"]),
        "SFSY": True,
    }


#: How a row of projects.csv or structure.csv is drawn through places.
_SHAPES: dict[str, Callable[[list[Point]], Any]] = {
    "line": shapely.LineString,
    "multipoint": shapely.MultiPoint,
    "point": lambda places: shapely.Point(places[0]),
    "none": lambda places: None,
}


def _seats(codes: list[str]) -> list[Point]:
    seats = {unit.code: unit.seat for unit in facts.units("county")}
    return [seat for code in codes if (seat := seats[code]) is not None]


def _area(polygon: Any) -> float:
    return round(float(square_metres(shapely.get_parts(polygon)).sum()), 2)
