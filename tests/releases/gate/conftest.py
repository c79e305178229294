"""Tables of parcels as the reader would hand them to the gate, sound until a test spoils them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Layer, Service
from releases import attributes, description, featuretext, staging
from releases.filestore import FileStore
from releases.findings import Finding
from releases.gate import CHECKS, Rules, inspect
from releases.gate.checks import Survey
from releases.gate.scene import Scene
from releases.history import Entry
from releases.manifest import FORMAT, Manifest, PublishedReport, PublishedService, PublishedStyle
from releases.progress import silent
from releases.proof import canonical, tree
from releases.release import Release
from releases.table import Candidate, SourceRecord, Table


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
        self.gate: dict[str, Any] = {}
        self.codes: dict[str, tuple[str, ...]] = {}

    def limit(self, rule: str, limit: float) -> None:
        """Set the limit of a rule."""
        self.gate["rules"] = {rule: {"limit": limit, "reason": text("a test")}}

    def field(self, name: str, kind: str, **keys: Any) -> None:
        """Give the parcels another field."""
        field = {"name": name, "type": kind, "title": text(name), **keys}
        self.layer["fields"] = [*self.layer["fields"], field]

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
                "authorities": [
                    {"id": name, "title": text(name), "codes": self.codes.get(name, ())}
                    for name in ("west", "east")
                ],
                "gate": self.gate,
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


class Plan:
    """A service of several layers of polygons, with what is to hold between them, and the gate on it."""

    def __init__(self) -> None:
        self.gate: dict[str, Any] = {}
        self.borders: list[dict[str, Any]] = []
        self.tables: dict[str, Table] = {}
        #: Layers of which the north's part could not be read.
        self.unread: set[str] = set()

    def add(
        self,
        name: str,
        shapes: Sequence[Any],
        units: Sequence[str | None] | None = None,
        ids: Sequence[str] | None = None,
        authority: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        """Give it a layer: a shape a feature, the code of the unit it lies in, its id, who delivered it, its name."""
        count = len(shapes)
        values = {
            "ID": _column(list(ids or [f"{name[0].upper()}{i:04}" for i in range(count)])),
            "NAME": _column(list(names or ["名"] * count)),
            "UNIT": _column(list(units or [None] * count)),
        }
        who, row = _column(list(authority or ["west"] * count)), np.arange(1, count + 1, dtype=np.int64)
        geometry = _column([_multi(shape) for shape in shapes])
        table = Table(Layer.model_validate(self._layer(name)), values["ID"], geometry, values, who, row)
        self.tables[name] = table.take(np.argsort(values["ID"].astype(str), kind="stable"))

    @staticmethod
    def _layer(name: str) -> dict[str, Any]:
        fields = [
            {"name": "ID", "type": "string", "title": text("id"), "role": "id"},
            {"name": "NAME", "type": "string", "title": text("name"), "role": "title"},
            {"name": "UNIT", "type": "string", "title": text("unit")},
        ]
        return LAYER | {"id": name, "title": text(name), "fields": fields}

    @property
    def service(self) -> Service:
        """The bench's service with these layers."""
        layers = [
            self._layer(name)
            | {"sources": [{"authority": who, "path": f"{who}.gpkg"} for who in self._deliver(name)]}
            for name in self.tables
        ]
        known = [{"id": name, "title": text(name)} for name in ("west", "east", "north")]
        described = (
            Bench().service.model_dump()
            | {"authorities": known}
            | {
                "layers": layers,
                "borders": self.borders,
                "gate": self.gate,
            }
        )
        return Service.model_validate(described)

    @property
    def candidate(self) -> Candidate:
        """What was read of it."""
        records = tuple(
            SourceRecord(
                name, who, PurePosixPath(f"{who}.gpkg"), None, "gpkg", "", count, "EPSG:4490", "UTF-8"
            )
            for name, table in self.tables.items()
            for who, count in sorted(Counter(table.authority.tolist()).items())
        )
        return Candidate(tuple(self.tables.values()), records, {})

    def _deliver(self, name: str) -> list[str]:
        there = sorted(set(self.tables[name].authority.tolist()))
        return [*there, "north"] if name in self.unread or not there else there

    def published(self, folder: Path) -> Release:
        """Its layers as a release, with the files that a comparison reads."""
        (folder / "features").mkdir(parents=True)
        candidate, layers = self.candidate, []
        for one in candidate.tables:
            leaves = canonical.leaves(one)
            said = description.layer(candidate, one, leaves)
            tree.write(leaves, folder / said.tree)
            featuretext.write(one, folder / said.file, folder / said.offsets)
            attributes.write(one, folder / str(said.attributes))
            layers.append(said)
        manifest = Manifest(
            format=FORMAT,
            id=folder.name,
            root="0",
            parent=None,
            report=PublishedReport(file="report.json", digest="0", refuse=0, warn=0, note=0),
            service=PublishedService.of(self.service),
            layers=tuple(layers),
            sources=(),
            style=PublishedStyle(digest="0", file="style.json", sprites=(), fonts={}),
            files=staging.seal(folder, silent),
        )
        entry = Entry(id=folder.name, published="2025-01-01T00:00:00Z", manifest="0")
        return Release(folder.name, folder, manifest, FileStore(folder, manifest), entry)

    def scene(self, previous: Release | None = None) -> Scene:
        """What a check of the whole sees."""
        service = self.service
        return Scene(self.candidate, service, Rules.of(service.gate), previous)

    def findings(self, *rules: str, previous: Release | None = None) -> list[Finding]:
        """What the gate finds of some rules, by the checks of the whole that are theirs."""
        scene = self.scene(previous)
        runs = [check.run for check in CHECKS if isinstance(check, Survey) and set(check.rules) & set(rules)]
        return [one for run in runs for one in run(scene) if one.rule in rules]


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
def plan() -> Plan:
    """The gate on what layers have to do with each other."""
    return Plan()


@pytest.fixture
def square() -> shapely.Polygon:
    """A parcel without fault."""
    return shapely.box(104, 30, 104.1, 30.1)
