"""Releases of small tables, with only the files that a comparison reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.models import Layer, Service
from releases import attributes, description, featuretext, staging
from releases.filestore import FileStore
from releases.history import Entry
from releases.manifest import FORMAT, Manifest, PublishedReport, PublishedService, PublishedStyle
from releases.progress import silent
from releases.proof import canonical, tree
from releases.release import Release
from releases.table import Candidate, Table

Row = Mapping[str, Any]


def text(name: str) -> dict[str, str]:
    return {"zh": f"{name}（中文）", "en": name}


FIELDS: dict[str, dict[str, Any]] = {
    "CODE": {"type": "string", "role": "id", "mandatory": True},
    "NAME": {"type": "string"},
    "FLOORS": {"type": "integer"},
    "AREA": {"type": "number"},
    "LISTED": {"type": "boolean"},
    "TAGS": {"type": "array"},
}


def layer_of(fields: Mapping[str, Mapping[str, Any]] = FIELDS, name: str = "parcels") -> Layer:
    """A layer of some fields."""
    return Layer.model_validate(
        {
            "id": name,
            "title": text(name),
            "description": text(name),
            "group": "base",
            "geometry": "Geometry",
            "geometry_required": False,
            "fields": [{"name": field, "title": text(field), **said} for field, said in fields.items()],
            "sources": [{"authority": "north", "path": "parcels.geojson"}],
            "zoom": {"min": 0, "max": 12},
            "licence": {"title": text("Open"), "id": "CC-BY-4.0"},
            "attribution": text("The surveyors"),
            "nature": "synthetic",
        }
    )


def table_of(rows: Sequence[Row], layer: Layer) -> Table:
    """A table of rows (field -> value, "geometry" -> shape), sorted by id as a reader leaves it."""
    known = layer.id_field.name
    rows = sorted(rows, key=lambda row: row[known])
    columns = {field.name: _objects([row.get(field.name) for row in rows]) for field in layer.fields}
    return Table(
        layer=layer,
        ids=columns[known],
        geometry=_objects([row.get("geometry") for row in rows]),
        values=columns,
        authority=_objects(["north"] * len(rows)),
        row=np.arange(1, len(rows) + 1),
    )


def _objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


SERVICE = {
    "id": "elsewhere",
    "title": text("Elsewhere"),
    "description": text("Another region"),
    "provider": {"name": text("The office")},
    "contact": {},
    "licence": {"title": text("Open")},
    "data": "/nowhere/data",
    "published": "/nowhere/published",
    "cache": "/nowhere/cache",
    "region": {"title": text("Elsewhere"), "bbox": [-10, -10, 10, 10], "centre": [0, 0], "zoom": 5},
    "authorities": [{"id": "north", "title": text("North")}],
    "groups": [{"id": "base", "title": text("Base")}],
    "codelists": {},
}

ENTRY = Entry(id="0", published="2025-01-01T00:00:00Z", manifest="0")


def release_of(folder: Path, *tables: Table) -> Release:
    """Write what a comparison reads of tables into a folder, and open it."""
    (folder / "features").mkdir(parents=True)
    layers = []
    for one in tables:
        leaves = canonical.leaves(one)
        said = description.layer(Candidate(tables, (), {}), one, leaves)
        tree.write(leaves, folder / said.tree)
        featuretext.write(one, folder / said.file, folder / said.offsets)
        assert said.attributes is not None
        attributes.write(one, folder / said.attributes)
        layers.append(said)
    service = Service.model_validate({**SERVICE, "layers": [table.layer for table in tables] or [layer_of()]})
    manifest = Manifest(
        format=FORMAT,
        id=folder.name,
        root="0",
        parent=None,
        report=PublishedReport(file="report.json", digest="0", refuse=0, warn=0, note=0),
        service=PublishedService.of(service),
        layers=tuple(layers),
        sources=(),
        style=PublishedStyle(digest="0", file="style.json", sprites=(), fonts={}),
        files=staging.seal(folder, silent),
    )
    return Release(folder.name, folder, manifest, FileStore(folder, manifest), ENTRY)


@pytest.fixture(scope="session")
def releases_in() -> Callable[[Path], Callable[..., Release]]:
    """A maker of releases of tables in a folder; two of the same tables are two folders."""

    def maker(folder: Path) -> Callable[..., Release]:
        return lambda *tables: release_of(folder / f"release-{len(list(folder.iterdir()))}", *tables)

    return maker


@pytest.fixture
def releases(tmp_path: Path, releases_in: Callable[[Path], Callable[..., Release]]) -> Callable[..., Release]:
    """Make a release of tables."""
    return releases_in(tmp_path)


@pytest.fixture(scope="session")
def layer() -> Callable[..., Layer]:
    """Make a layer of some fields."""
    return layer_of


@pytest.fixture(scope="session")
def table() -> Callable[..., Table]:
    """Make a table of rows."""
    return table_of
