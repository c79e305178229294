"""A small layer of every field type, tables of it, and a store on them, without sources or a gate."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.models import Layer, Service
from releases import attributes, description, features, featuretext, levels, search, staging
from releases.filestore import FileStore
from releases.manifest import FORMAT, Manifest, PublishedReport, PublishedService, PublishedStyle
from releases.progress import silent
from releases.proof import canonical, tree
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
        "codelists": {
            "kinds": {
                "id": "kinds",
                "title": text("Kinds"),
                "codes": [
                    {"value": "01", "title": {"zh": "水田", "en": "Paddy field"}},
                    {"value": "010", "title": {"zh": "旱地", "en": "Dry land"}},
                    {"value": "02", "title": {"zh": "林地（北坡）", "en": "Woodland, north slope"}},
                ],
            }
        },
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
        leaves = canonical.leaves(one)
        layer = description.layer(candidate, one, leaves).model_copy(update={"layer": one.layer})
        tree.write(leaves, folder / layer.tree)
        featuretext.write(one, folder / layer.file, folder / layer.offsets)
        features.write(one, folder / layer.package, SERVICE.crs)
        if layer.attributes:
            attributes.write(one, folder / layer.attributes)
        if layer.search:
            search.write(one, SERVICE.codelists, folder / layer.search)
        described.append(layer.model_copy(update={"levels": levels.write(one, folder, SERVICE.tiles)}))
    style = PublishedStyle(digest="0", file="style.json", sprites=(), fonts={})
    service = PublishedService.of(SERVICE)
    return Manifest(
        format=FORMAT,
        id="0",
        root="0",
        parent=None,
        report=PublishedReport(file="report.json", digest="0", refuse=0, warn=0, note=0),
        service=service,
        layers=tuple(described),
        sources=(),
        style=style,
        files=staging.seal(folder, silent),
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


#: Another region than the demo's, as YAML: a layer in two parts, one of points, nothing of the plan.
REGION = """
id: elsewhere
title: {zh: 别处, en: Elsewhere}
description: {zh: 另一个地区, en: Another region}
provider: {name: {zh: 测绘院, en: The survey}}
contact: {}
licence: {title: {zh: 开放, en: Open}}
data: data
published: published
cache: %s
layers: layers.yml
codelists: codelists.yml
region: {title: {zh: 别处, en: Elsewhere}, bbox: [-10, -10, 10, 10], centre: [0, 0], zoom: 5}
authorities:
  - {id: north, title: {zh: 北, en: North}}
  - {id: south, title: {zh: 南, en: South}}
"""
REGION_LAYERS = """
groups:
  - {id: base, title: {zh: 基础, en: Base}}
layers:
  - id: parcels
    title: {zh: 地块, en: Parcels}
    description: {zh: 地块, en: Parcels}
    group: base
    geometry: MultiPolygon
    fields:
      - {name: CODE, type: string, title: {zh: 编号, en: code}, role: id, mandatory: true}
      - {name: KIND, type: string, title: {zh: 类型, en: kind}, codelist: kinds}
      - {name: AREA, type: number, title: {zh: 面积, en: area}}
    sources:
      - {authority: north, path: north.geojson, crs: "OGC:CRS84"}
      - {authority: south, path: south.geojson, crs: "OGC:CRS84"}
    zoom: {min: 0, max: 10}
    generalise: {rule: coverage}
    licence: {title: {zh: 开放, en: Open}, id: CC-BY-4.0}
    attribution: {zh: 测绘院, en: The survey}
    nature: synthetic
  - id: posts
    title: {zh: 界桩, en: Posts}
    description: {zh: 界桩, en: Posts}
    group: base
    geometry: Point
    geometry_required: false
    fields:
      - {name: NUMBER, type: integer, title: {zh: 号, en: number}, role: id, mandatory: true}
      - {name: NAME, type: string, title: {zh: 名称, en: name}, role: title}
      - {name: SET, type: date, title: {zh: 设立, en: set up}, role: temporal}
    sources:
      - {authority: north, path: posts.geojson, crs: "OGC:CRS84"}
    zoom: {min: 0, max: 10}
    licence: {title: {zh: 开放, en: Open}, id: CC-BY-4.0}
    attribution: {zh: 测绘院, en: The survey}
    nature: real
"""
REGION_CODES = """
codelists:
  - id: kinds
    title: {zh: 类型, en: Kinds}
    codes:
      - {value: "01", title: {zh: 田, en: Field}}
      - {value: "02", title: {zh: 林, en: Wood}}
"""


@pytest.fixture
def region(tmp_path: Path, root: Path) -> Callable[..., Path]:
    """Write the region into a folder, its rows in an order of `seed`, changed by `edition`; service.yml."""

    def region(name: str = "region", seed: int = 0, edition: int = 0) -> Path:
        folder = tmp_path / name
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "service.yml").write_text(REGION % (root / "var" / "cache"))
        (folder / "layers.yml").write_text(REGION_LAYERS)
        (folder / "codelists.yml").write_text(REGION_CODES)
        shuffled = random.Random(seed)
        for part, south in (("north", 0), ("south", -5)):
            rows = [_parcel(part, i, i % 20 / 4, south + i // 20 / 4, edition) for i in range(300)]
            _geojson(folder / "data" / f"{part}.geojson", rows, shuffled)
        # One more with each edition, so that it is published as a whole.
        posts = [_post(i, edition) for i in range(50 + edition)]
        _geojson(folder / "data" / "posts.geojson", posts, shuffled)
        return folder / "service.yml"

    return region


def _geojson(path: Path, rows: list[Any], shuffled: random.Random) -> None:
    shuffled.shuffle(rows)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False))


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _parcel(part: str, i: int, x: float, y: float, edition: int) -> dict[str, Any]:
    ring = [[x, y], [x + 0.25, y], [x + 0.25, y + 0.25], [x, y + 0.25], [x, y]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return _feature(geometry, CODE=f"{part}-{i:04}", KIND=f"0{i % 2 + 1}", AREA=i / 8 + edition)


def _post(i: int, edition: int) -> dict[str, Any]:
    place = None if i == 7 else {"type": "Point", "coordinates": [i / 10, 0.1]}
    return _feature(place, NUMBER=i * 3, NAME=f"post {i} of {edition}", SET=None if i % 5 else "2020-01-01")
