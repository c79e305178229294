"""Two layers with every type of field, as published text, as whole files, and read back by whoever reads each form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from config.models import Layer
from releases import crs, description, featuretext
from releases.formats import csv as csv_form
from releases.formats import flatgeobuf, geojson, geoparquet, jsonfg, sequence
from releases.formats.subject import Subject
from releases.manifest import PublishedLayer
from releases.proof import canonical
from releases.rendition import PLAIN, Rendition
from releases.table import Candidate, Table

#: A feature as any form has it: its attributes, and its geometry in x, y.
Row = tuple[dict[str, Any], Any]
NAMES = [
    "plain",
    '名,"geometry":null',
    "=1+1",
    "",
    None,
    "two\nlines",
    "a, b; 'c'",
    "-",
    "+86",
    "@x",
    "\t",
    "0101",
]


def text(name: str) -> dict[str, str]:
    return {"zh": f"{name}（中文）", "en": name}


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": text(name.lower()), **more}


def layer_of(name: str, geometry: str) -> Layer:
    return Layer.model_validate(
        {
            "id": name,
            "title": text("Parcels"),
            "description": text("Parcels of every kind"),
            "group": "base",
            "geometry": geometry,
            "geometry_required": geometry != "Geometry",
            "fields": [
                field("CODE", "string", role="id"),
                field("NAME", "string", role="title", description=text("what it is called")),
                field("FLOORS", "integer"),
                field("AREA", "number", unit="m2"),
                field("LISTED", "boolean"),
                field("SINCE", "date"),
                field("UNTIL", "date"),
                field("SEEN", "date"),
                field("SOME", "date"),
                field("TAGS", "array"),
            ],
            "validity": ["SINCE", "UNTIL"],
            "sources": [{"authority": "north", "path": "parcels.geojson"}],
            "zoom": {"min": 0, "max": 12},
            "licence": {"title": text("Open"), "id": "CC-BY-4.0", "url": "https://example.org/licence"},
            "attribution": text("The surveyors"),
            "nature": "synthetic",
        }
    )


def shapes(kind: str, i: int) -> Any:
    """The geometry of feature i; of a mixed layer of every kind and sometimes none."""
    x, y = 102 + i % 12 / 2 + i / 1e5, 28 + i // 12 / 4
    square = shapely.normalize(shapely.box(x, y, x + 0.4, y + 0.2))
    hole = shapely.Polygon(
        shapely.box(x, y, x + 0.4, y + 0.2).exterior.coords[::-1],
        [shapely.box(x + 0.1, y + 0.05, x + 0.2, y + 0.1).exterior.coords],
    )
    polygon = shapely.MultiPolygon([shapely.orient_polygons(hole if i % 3 else square)])
    if kind == "MultiPolygon":
        return polygon
    point = shapely.Point(x, y)
    line = shapely.MultiLineString([[(x, y), (x + 0.1, y + 0.1), (x + 0.2, y)]])
    return [
        point,
        None,
        polygon,
        line,
        shapely.MultiPoint([(x, y), (x + 0.1, y)]),
        shapely.GeometryCollection([point, line]),
    ][i % 6]


def objects(values: Sequence[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def table_of(layer: Layer, count: int) -> Table:
    geometry = shapely.set_precision(
        objects([shapes(layer.geometry, i) for i in range(count)]), 1e-7, mode="pointwise"
    )
    columns = {
        "CODE": [f"{i:05}" for i in range(count)],
        "NAME": [NAMES[i % len(NAMES)] for i in range(count)],
        "FLOORS": [None if i % 5 == 4 else i - 2**40 for i in range(count)],
        "AREA": [None if i % 7 == 6 else i / 7 for i in range(count)],
        "LISTED": [(True, False, None)[i % 3] for i in range(count)],
        "SINCE": [None if i % 4 == 1 else f"2{i % 10:03}-02-28" for i in range(count)],
        "UNTIL": [None if i % 4 > 1 else "3000-12-31" for i in range(count)],
        "SEEN": [
            f"2025-01-31T23:59:{i % 60:02}Z" if i % 2 else "2025-01-31T00:00:00.250000Z" for i in range(count)
        ],
        "SOME": ["2025-01-31" if i % 2 else "2025-01-31T12:00:00Z" for i in range(count)],
        "TAGS": [
            None if i % 6 == 5 else [f"标签{i % 3}", 'with "quotes"', ""][: i % 4] for i in range(count)
        ],
    }
    values = {name: objects(column) for name, column in columns.items()}
    return Table(layer, values["CODE"], geometry, values, objects(["north"] * count), np.arange(1, count + 1))


@dataclass(frozen=True)
class Whole:
    """A layer: its table, its published texts, and its files."""

    table: Table
    layer: PublishedLayer
    texts: list[bytes]
    flatgeobuf: Path
    geoparquet: Path
    scratch: Path

    def subject(self, rendition: Rendition = PLAIN, **more: Any) -> Subject:
        """What an answer of it is about."""
        known = {"whole": self.geoparquet, "scratch": self.scratch, "schema": "http://localhost/schema"}
        return Subject(self.layer, "r0", "en", rendition, **{**known, **more})

    def chunks(self, keys: Sequence[int] | None = None, size: int = 7) -> Iterator[list[bytes]]:
        """The texts of some features, or of all, in short lists."""
        chosen = self.texts if keys is None else [self.texts[key] for key in keys]
        return (chosen[start : start + size] for start in range(0, len(chosen), size))


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Whole]:
    """Make a layer of a kind of geometry and so many features, and its files."""

    def make(geometry: str, count: int) -> Whole:
        folder = tmp_path_factory.mktemp("formats")
        table = table_of(layer_of("parcels", geometry), count)
        layer = description.layer(Candidate((table,), (), {}), table, canonical.leaves(table))
        texts = [line[:-1] for chunk in featuretext.lines(table) for line in chunk]
        (folder / "scratch").mkdir()
        whole = Whole(table, layer, texts, folder / "a.fgb", folder / "a.parquet", folder / "scratch")
        flatgeobuf.save(table, layer, whole.flatgeobuf, "zh")
        geoparquet.save(table, layer, whole.geoparquet, "zh")
        return whole

    return make


@pytest.fixture(scope="session")
def mixed(make: Callable[..., Whole]) -> Whole:
    """Geometries of every kind, and none."""
    return make("Geometry", 120)


@pytest.fixture(scope="session")
def polygons(make: Callable[..., Whole]) -> Whole:
    """Polygons, each there."""
    return make("MultiPolygon", 120)


@pytest.fixture(scope="session", params=["Geometry", "MultiPolygon"])
def whole(request: pytest.FixtureRequest, mixed: Whole, polygons: Whole) -> Whole:
    """Each layer."""
    return mixed if request.param == "Geometry" else polygons


WRITERS = {
    "geojson": geojson.write,
    "jsonfg": jsonfg.write,
    "geojsonseq": sequence.write,
    "csv": csv_form.write,
    "flatgeobuf": flatgeobuf.write,
    "geoparquet": geoparquet.write,
}


@pytest.fixture(scope="session")
def written() -> Callable[..., bytes]:
    """The bytes of a selection in a form."""

    def written(form: str, chunks: Iterator[list[bytes]], subject: Subject) -> bytes:
        return b"".join(WRITERS[form](chunks, subject))

    return written


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Row]]:
    """The features in bytes of a form, read by a library that has nothing to do with what wrote them."""
    folder = tmp_path_factory.mktemp("read")

    def read(form: str, body: bytes, rendition: Rendition = PLAIN) -> list[Row]:
        if form in ("geojson", "jsonfg", "geojsonseq"):
            return _json_rows(form, body, rendition)
        if form == "csv":
            return _csv_rows(body)
        path = folder / f"{len(list(folder.iterdir()))}.{form}"
        path.write_bytes(body)
        return _arrow_rows(*(_of_flatgeobuf(path) if form == "flatgeobuf" else _of_parquet(path)))

    return read


def _json_rows(form: str, body: bytes, rendition: Rendition) -> list[Row]:
    if form == "geojsonseq":
        assert not body or (body.startswith(b"\x1e") and body.endswith(b"\n"))
        features = [json.loads(one) for one in body.split(b"\x1e")[1:]]
    else:
        features = json.loads(body)["features"]
    rows = []
    for feature in features:
        elsewhere = form == "jsonfg" and rendition.crs != "OGC:CRS84"
        shape = feature["place" if elsewhere else "geometry"]
        geometry = None if shape is None else shapely.geometry.shape(shape)
        rows.append(({"CODE": feature["id"], **feature["properties"]}, geometry))
    turned = crs.in_authority_order(objects([shape for _, shape in rows]), rendition.crs)
    return [(properties, shape) for (properties, _), shape in zip(rows, turned, strict=True)]


def _csv_rows(body: bytes) -> list[Row]:
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), quoting=csv.QUOTE_NOTNULL)
    names = next(rows)
    found: list[Row] = []
    for row in rows:
        values: dict[str, Any] = dict(zip(names, row, strict=True))
        shape = values.pop("WKT", None)
        for name, parse in {"FLOORS": int, "AREA": float, "TAGS": json.loads, "LISTED": json.loads}.items():
            if values.get(name) is not None:
                values[name] = parse(values[name])
        found.append((values, None if shape is None else shapely.from_wkt(shape)))
    return found


def _of_flatgeobuf(path: Path) -> tuple[list[dict[str, Any]], Any]:
    # Not GDAL's own reader into Arrow: of a feature without geometry it makes a length below zero.
    pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})
    meta, found = pyogrio.read_arrow(path)
    rows = found.to_pylist()
    shapes = shapely.from_wkb(
        objects([row.pop(meta["geometry_name"] or "wkb_geometry", None) for row in rows])
    )
    for row in rows:
        if row.get("TAGS") is not None:
            row["TAGS"] = json.loads(row["TAGS"])
    return rows, shapes


def _of_parquet(path: Path) -> tuple[list[dict[str, Any]], Any]:
    if b"geo" not in pq.read_metadata(path).metadata:
        rows = pq.read_table(path).to_pylist()
        return rows, objects([None] * len(rows))
    frame = geopandas.read_parquet(path)
    rows = pq.read_table(path).drop_columns(["geometry", "bbox"]).to_pylist()
    assert list(frame["CODE"]) == [row["CODE"] for row in rows]
    return rows, frame.geometry.to_numpy()


def _arrow_rows(rows: list[dict[str, Any]], shapes: Any) -> list[Row]:
    return [
        ({name: _told(value) for name, value in row.items()}, shape)
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _told(value: Any) -> Any:
    """A moment or a day as published text writes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
