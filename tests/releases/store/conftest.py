"""A small layer of every field type, tables of it, and a store on them, without sources or a gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Layer, Service
from releases import description, features, featuretext, levels
from releases.filestore import FileStore
from releases.manifest import FORMAT, Manifest, PublishedService, PublishedStyle
from releases.table import Candidate, Table


def text(name: str) -> dict[str, str]:
    return {"zh": f"{name}（中文）", "en": name}


LAYER = Layer.model_validate(
    {
        "id": "parcels",
        "title": text("Parcels"),
        "description": text("Parcels of every kind"),
        "group": "base",
        "geometry": "Geometry",
        "geometry_required": False,
        "fields": [
            {"name": "CODE", "type": "string", "title": text("code"), "role": "id", "mandatory": True},
            {"name": "NAME", "type": "string", "title": text("name"), "role": "title"},
            {"name": "KIND", "type": "string", "title": text("kind"), "codelist": "kinds"},
            {"name": "FLOORS", "type": "integer", "title": text("floors")},
            {"name": "AREA", "type": "number", "title": text("area"), "unit": "m2"},
            {"name": "LISTED", "type": "boolean", "title": text("listed")},
            {"name": "SINCE", "type": "date", "title": text("since")},
            {"name": "UNTIL", "type": "date", "title": text("until")},
            {"name": "TAGS", "type": "array", "title": text("tags")},
        ],
        "validity": ["SINCE", "UNTIL"],
        "sources": [{"authority": "north", "path": "parcels.geojson"}],
        "zoom": {"min": 0, "max": 12},
        "licence": {"title": text("Open"), "id": "CC-BY-4.0"},
        "attribution": text("The surveyors"),
        "nature": "synthetic",
    }
)

SERVICE = Service.model_validate(
    {
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
        "layers": [LAYER],
        "codelists": {},
    }
)

Row = tuple[Any, ...]


def table(rows: Sequence[Row], layer: Layer = LAYER) -> Table:
    """A table of rows (geometry, then a value for each field), sorted by id as a reader leaves it."""
    place = [field.name for field in layer.fields].index(layer.id_field.name) + 1
    rows = sorted(rows, key=lambda row: row[place])
    columns = {field.name: objects([row[i] for row in rows]) for i, field in enumerate(layer.fields, start=1)}
    return Table(
        layer=layer,
        ids=columns[layer.id_field.name],
        geometry=objects([row[0] for row in rows]),
        values=columns,
        authority=objects(["north"] * len(rows)),
        row=np.arange(1, len(rows) + 1),
    )


def objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def write_release(folder: Path, *tables: Table) -> Manifest:
    """The data files of a release, and the manifest that describes them."""
    candidate = Candidate(tables, (), {})
    (folder / "features").mkdir(parents=True)
    described = []
    for one in tables:
        layer = description.layer(candidate, one).model_copy(update={"layer": one.layer})
        featuretext.write(one, folder / layer.file, folder / layer.offsets)
        features.write(one, folder / layer.package, SERVICE.crs)
        described.append(layer.model_copy(update={"levels": levels.write(one, folder, SERVICE.tiles)}))
    style = PublishedStyle(digest="0", file="style.json", sprites=(), fonts={})
    service = PublishedService.of(SERVICE)
    return Manifest(
        format=FORMAT, id="0", service=service, layers=tuple(described), sources=(), style=style, files={}
    )


@pytest.fixture(scope="session", name="layer")
def the_layer() -> Layer:
    """The layer of every field type."""
    return LAYER


@pytest.fixture(scope="session", name="table")
def table_of() -> Callable[..., Table]:
    """Make a table of rows: (geometry, then a value for each field)."""
    return table


@pytest.fixture(scope="session", name="write_release")
def writer_of_releases() -> Callable[..., Manifest]:
    """Write the data files of a release of tables into a folder."""
    return write_release


@pytest.fixture
def store_of(tmp_path: Path) -> Callable[..., FileStore]:
    """Write tables and open a store on them, in a folder whose name must be quoted in an address."""

    def store_of(*tables: Table) -> FileStore:
        folder = tmp_path / f"release {len(list(tmp_path.iterdir()))} 版次?#%"
        return FileStore(folder, write_release(folder, *tables))

    return store_of
