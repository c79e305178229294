"""The committed tables of the demo as values; what each holds and whose it is says data/NOTICE.md.

This is the only file that opens the folder data/.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from releases.demo.lattice import STEPS

DATA = Path(__file__).parent / "data"
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Unit:
    """One administrative unit, without its geometry.

    level : "province", "prefecture" or "county"; Chongqing is a province and, as a whole, a prefecture
    in_circle : "full", "partial" or "none", how much of it belongs to the two-city circle
    seat : lon, lat in degrees, None but for counties
    metro : name of its metropolitan circle in Chinese, None where it is in none
    valid_to, replaced_by : the day it was abolished and the code of the unit that took its place
    """

    code: str
    level: str
    name: str
    name_en: str
    in_circle: str
    seat: tuple[float, float] | None
    seat_source: str | None
    metro: str | None
    valid_to: str | None
    replaced_by: str | None

    @property
    def province(self) -> str:
        """The code of its province."""
        return self.code[:2] + "0000"

    @property
    def prefecture(self) -> str:
        """The code of its prefecture."""
        return "500000" if self.code.startswith("50") else self.code[:4] + "00"


@cache
def units(level: str) -> tuple[Unit, ...]:
    """All units of a level, by code."""
    return tuple(
        sorted((_unit(row) for row in table("units") if row["level"] == level), key=lambda unit: unit.code)
    )


def _unit(row: Mapping[str, str]) -> Unit:
    seat = (float(row["seat_lon"]), float(row["seat_lat"])) if row["seat_lon"] else None
    return Unit(
        row["code"],
        row["level"],
        row["name"],
        row["name_en"],
        row["in_circle"],
        seat,
        row["seat_source"] or None,
        row["metro"] or None,
        row["valid_to"] or None,
        row["replaced_by"] or None,
    )


@cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of a CSV file as text, an empty cell being an empty text."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def features(name: str) -> tuple[tuple[Any, dict[str, Any]], ...]:
    """Geometry on the grid and properties of each feature of a committed GeoJSON file."""
    document = json.loads((DATA / f"{name}.geojson").read_text("utf-8"))
    return tuple(
        (on_grid(shape(feature["geometry"])), feature["properties"]) for feature in document["features"]
    )


def on_grid(geometry: Any) -> Any:
    """A geometry with its coordinates rounded to the grid."""
    return shapely.transform(geometry, snapped)


def snapped(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates rounded to the grid: each the double nearest to its seven decimals."""
    return np.rint(xy * STEPS) / STEPS
