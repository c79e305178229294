"""A small region of lakes that two authorities survey, and the files they hand over."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from config.models import Service
from releases.findings import Finding
from releases.gate import Rules
from releases.sources import read
from releases.table import Candidate, Table


def text(words: str) -> dict[str, str]:
    return {"zh": f"{words}（中文）", "en": words}


FIELDS = [
    {"name": "CODE", "type": "string", "title": text("code"), "role": "id", "mandatory": True},
    {"name": "NAME", "type": "string", "title": text("name"), "role": "title", "mandatory": True},
    {"name": "DEPTH", "type": "number", "title": text("depth"), "unit": "m"},
    {"name": "ISLANDS", "type": "integer", "title": text("islands")},
    {"name": "SALT", "type": "boolean", "title": text("salt")},
    {"name": "SURVEYED", "type": "date", "title": text("surveyed")},
    {"name": "NAMES", "type": "array", "title": text("names")},
]
#: Three lakes on the grid of 1e-7 degrees; the second has no position yet.
ROWS: list[dict[str, Any]] = [
    {
        "CODE": "L3",
        "NAME": "镜湖",
        "DEPTH": 12.5,
        "ISLANDS": 2,
        "SALT": 0,
        "SURVEYED": "2024-05-01",
        "NAMES": '["镜", "湖"]',
    },
    {
        "CODE": "L1",
        "NAME": "长寿湖",
        "DEPTH": None,
        "ISLANDS": None,
        "SALT": None,
        "SURVEYED": None,
        "NAMES": None,
    },
    {
        "CODE": "L2",
        "NAME": "Salt Lake",
        "DEPTH": 3.0,
        "ISLANDS": 0,
        "SALT": 1,
        "SURVEYED": "2020-12-31",
        "NAMES": "[]",
    },
]
SHAPES = [
    shapely.box(106.1, 29.1, 106.2345678, 29.2),
    None,
    shapely.Polygon(
        [(107, 30), (107, 30.5), (107.5, 30.5), (107.5, 30)],
        [[(107.1, 30.1), (107.2, 30.1), (107.2, 30.2), (107.1, 30.2)]],
    ),
]
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}


class Office:
    """A data folder, and a configuration with one layer of lakes that points into it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.bbox = (105, 28, 109, 32)
        self.layer: dict[str, Any] = {
            "geometry": "MultiPolygon",
            "geometry_required": False,
            "fields": FIELDS,
        }

    def write(
        self,
        name: str,
        rows: Sequence[Mapping[str, Any]] = ROWS,
        shapes: Sequence[Any] = SHAPES,
        *,
        crs: str | None = "EPSG:4490",
        encoding: str | None = None,
        table: str | None = None,
        append: bool = False,
        rename: Mapping[str, str] = {},
    ) -> Path:
        """Write features as a delivery would hold them; shapes are given in `crs`, x before y."""
        path = self.data / name
        columns = [
            np.array([row[key] for row in rows], dtype=object) for key in (rows[0] if rows else ROWS[0])
        ]
        kinds = {shape.geom_type + " Z" * shape.has_z for shape in shapes if shape is not None}
        wkb = [None if s is None else shapely.to_wkb(s, include_srid=False, flavor="iso") for s in shapes]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyogrio warns of files without a CRS, which some tests want
            pyogrio.raw.write(
                path,
                np.array([*wkb, None], dtype=object)[:-1],
                [_typed(column) for column in columns],
                [rename.get(key, key) for key in (rows[0] if rows else ROWS[0])],
                geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
                crs=crs,
                driver=DRIVERS[path.suffix],
                layer=table,
                append=append,
                **({"encoding": encoding} if encoding else {}),
                # FlatGeobuf cannot index nulls; in a GeoPackage the index's triggers need GDAL's functions.
                **({"SPATIAL_INDEX": "NO"} if path.suffix in (".fgb", ".gpkg") else {}),
            )
        return path

    def write_geojson(self, name: str, *features: tuple[Any, Mapping[str, Any]]) -> Path:
        """Write features as text, so that it can be wrong in ways GDAL would not write."""
        collection = [{"type": "Feature", "geometry": g, "properties": dict(p)} for g, p in features]
        path = self.data / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": collection}, ensure_ascii=False))
        return path

    def service(self, *sources: Mapping[str, Any]) -> Service:
        """The configuration with these sources, which are the north's unless they say otherwise."""
        layer = {
            "id": "lakes",
            "title": text("Lakes"),
            "description": text("Lakes of the region"),
            "group": "water",
            "sources": [{"authority": "north", **source} for source in sources],
            "zoom": {"min": 0, "max": 12},
            "licence": {"title": text("Open")},
            "attribution": text("The surveyors"),
            "nature": "derived",
            **self.layer,
        }
        return Service.model_validate(
            {
                "id": "lakeland",
                "title": text("Lakeland"),
                "description": text("A region of lakes"),
                "provider": {"name": text("The office")},
                "contact": {},
                "licence": {"title": text("Open")},
                "data": self.data,
                "published": self.data / "published",
                "cache": self.data / "cache",
                "region": {
                    "title": text("Lakeland"),
                    "bbox": self.bbox,
                    "centre": (107, 30),
                    "zoom": 6,
                },
                "authorities": [{"id": name, "title": text(name)} for name in ("north", "south")],
                "groups": [{"id": "water", "title": text("Water")}],
                "layers": [layer],
                "codelists": {},
            }
        )

    def read(self, *sources: Mapping[str, Any]) -> tuple[Candidate, tuple[Finding, ...]]:
        """What reading these sources gives; findings as severe as their rules."""
        service = self.service(*sources)
        candidate, findings = read(service)
        return candidate, Rules.of(service.gate).judged(findings)

    def table(self, *sources: Mapping[str, Any]) -> Table:
        """The table of lakes from sources without fault."""
        candidate, findings = self.read(*sources)
        assert not [finding for finding in findings if finding.severity != "note"], findings
        (table,) = candidate.tables
        return table

    def refusal(self, **source: Any) -> Finding:
        """The one fault for which a source is refused."""
        findings = [finding for finding in self.read(source)[1] if finding.severity == "refuse"]
        assert len(findings) == 1, findings
        assert (findings[0].authority, findings[0].layer) == ("north", "lakes")
        return findings[0]


def _typed(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Numbers as numbers, nulls among them as NaN, all else as text."""
    kinds = {type(cell) for cell in column.tolist()} - {type(None)}
    if kinds and kinds <= {int, float}:
        whole = kinds == {int} and not any(cell is None for cell in column.tolist())
        return column.astype(np.int64 if whole else np.float64)
    return column


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with an empty data folder."""
    return Office(tmp_path)


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """The attributes of the three lakes, for a test to change."""
    return [dict(row) for row in ROWS]
