"""Tables of parcels as the reader would hand them to the gate, sound until a test spoils them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Layer, Service
from releases.findings import Finding
from releases.gate import inspect
from releases.table import Candidate, Table


def text(words: str) -> dict[str, str]:
    return {"zh": f"{words}（中文）", "en": words}


LAYER: dict[str, Any] = {
    "id": "parcels",
    "title": text("Parcels"),
    "description": text("Parcels"),
    "group": "land",
    "geometry": "MultiPolygon",
    "fields": [
        {"name": "CODE", "type": "string", "title": text("code"), "role": "id", "mandatory": True},
        {"name": "NAME", "type": "string", "title": text("name"), "mandatory": True, "max_length": 4},
        {"name": "KIND", "type": "string", "title": text("kind"), "codelist": "kinds"},
        {"name": "KINDS", "type": "array", "title": text("kinds"), "codelist": "kinds"},
        {"name": "PLACE", "type": "string", "title": text("place"), "pattern": "[0-9]{6}"},
    ],
    "sources": [{"authority": "west", "path": "west.gpkg"}, {"authority": "east", "path": "east.gpkg"}],
    "zoom": {"min": 0, "max": 12},
    "licence": {"title": text("Open")},
    "attribution": text("The surveyors"),
    "nature": "synthetic",
}
SOUND: dict[str, Any] = {"NAME": "一块地", "KIND": "farm", "KINDS": ["farm", "wood"], "PLACE": "510101"}


class Bench:
    """A service with one layer of parcels, whose gate a table is put through."""

    def __init__(self) -> None:
        self.layer = dict(LAYER)

    @property
    def service(self) -> Service:
        """The region is 100 to 110 degrees east, 25 to 35 north; west and east meet somewhere within."""
        return Service.model_validate(
            {
                "id": "land",
                "title": text("Land"),
                "description": text("Land"),
                "provider": {"name": text("The office")},
                "contact": {},
                "licence": {"title": text("Open")},
                "data": "/data",
                "published": "/published",
                "cache": "/cache",
                "region": {"title": text("Land"), "bbox": (100, 25, 110, 35), "centre": (105, 30), "zoom": 6},
                "authorities": [{"id": name, "title": text(name)} for name in ("west", "east")],
                "borders": [{"layer": "parcels", "between": ("west", "east")}],
                "groups": [{"id": "land", "title": text("Land")}],
                "layers": [self.layer],
                "codelists": {
                    "kinds": {
                        "id": "kinds",
                        "title": text("Kinds"),
                        "codes": [
                            {"value": value, "title": text(value)} for value in ("farm", "wood", "water")
                        ],
                    }
                },
            }
        )

    def table(
        self,
        geometry: Sequence[Any],
        rows: Sequence[dict[str, Any]] | None = None,
        authority: Sequence[str] | None = None,
    ) -> Table:
        """A table of these geometries; each row changes what makes a sound parcel."""
        count = len(geometry)
        cells = [{"CODE": f"P{i:06}", **SOUND, **row} for i, row in enumerate(rows or [{}] * count)]
        layer = Layer.model_validate(self.layer)
        values = {field.name: _column([cell.get(field.name) for cell in cells]) for field in layer.fields}
        return Table(
            layer,
            values["CODE"],
            _column([_multi(g) for g in geometry]),
            values,
            _column(list(authority or ["west"] * count)),
            np.arange(1, count + 1, dtype=np.int64),
        )

    def findings(self, *table: Any, **options: Any) -> tuple[Finding, ...]:
        """What the gate finds in a table; arguments as for `table`."""
        return inspect(Candidate((self.table(*table, **options),), (), {}), self.service)

    def rules(self, *table: Any, **options: Any) -> list[tuple[str, str | None]]:
        """Rule and feature of each finding."""
        return [(finding.rule, finding.feature) for finding in self.findings(*table, **options)]


def _column(values: list[Any]) -> np.ndarray[Any, Any]:
    column = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        column[row] = value
    return column


def _multi(geometry: Any) -> Any:
    return shapely.MultiPolygon([geometry]) if isinstance(geometry, shapely.Polygon) else geometry


@pytest.fixture
def bench() -> Bench:
    """The gate on one layer of parcels."""
    return Bench()


@pytest.fixture
def square() -> shapely.Polygon:
    """A parcel without fault."""
    return shapely.box(104, 30, 104.1, 30.1)
