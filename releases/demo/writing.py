"""Rows into the files that the configuration names, each as its authority would write it.

Names of fields, format, encoding and CRS come from the layer's `Source`: its aliases are read backwards. Rows
may come in any number of portions; they are kept until there are enough to be worth a write, so memory stays
bounded. The same rows give the same bytes: formats that put in the day or the time get a fixed one.

What a column or a layer should not hold is written as files really hold it: words among numbers make a column of text,
and a geometry may be given as WKB that nothing but a file can carry.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import GeometryType
from shapely.geometry import mapping

from config.models import Field, Layer, Service, Source
from releases.demo.facts import on_grid
from releases.demo.rows import Objects, Rows

BATCH = 50_000
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON"}
#: CRSs in which longitude and latitude are the numbers of the release's CRS.
DEGREES = {None, "EPSG:4490", "EPSG:4326", "OGC:CRS84"}
#: Types whose columns hold no words.
_NO_TEXT = ("integer", "number", "boolean", "date")
#: The day on which every delivery pretends to have been written.
WRITTEN = "2026-01-01T00:00:00.000Z"


class Deliveries:
    """The files of all authorities under one folder; to be closed, or used with `with`."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.files: set[Path] = set()
        self._crs = service.crs
        self._layers = {layer.id: layer for layer in service.layers}
        self._folder = folder
        self._waiting: dict[tuple[str, str], list[Rows]] = defaultdict(list)
        self._begun: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def add(self, layer: str, authority: str, rows: Rows) -> None:
        """Take rows of one layer and authority; KeyError when the configuration has no such source."""
        waiting = self._waiting[layer, authority]
        waiting.append(rows)
        if sum(map(len, waiting)) >= BATCH:
            self._flush(layer, authority)

    def close(self) -> None:
        """Write what is still waiting."""
        for layer, authority in list(self._waiting):
            self._flush(layer, authority)
        for path in self.files:
            if path.suffix == ".shp":
                _undate(path.with_suffix(".dbf"))

    def _flush(self, layer_id: str, authority: str) -> None:
        rows = Rows.joined(self._waiting.pop((layer_id, authority)))
        layer = self._layers[layer_id]
        source = next((source for source in layer.sources if source.authority == authority), None)
        if source is None:
            raise KeyError(f"layer {layer_id} has no source of {authority}")
        path = self._folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        append = (layer_id, authority) in self._begun
        if path.suffix == ".geojson":
            if append:
                raise ValueError(
                    f"{source.path}: GeoJSON is written in one go, and {BATCH} rows are too many for that"
                )
            _write_geojson(path, layer, source, rows)
        else:
            _write(path, layer, source, rows, self._crs, append)
        self._begun.add((layer_id, authority))
        self.counts[layer_id] += len(rows)
        self.files.add(path)


def _names(layer: Layer, source: Source) -> Iterator[tuple[Field, str]]:
    """Each field that the source holds, with the name it has there."""
    theirs = {ours: name for name, ours in source.aliases.items()}
    for field in layer.fields:
        if field.name not in source.constants:
            yield field, theirs.get(field.name, field.name)


def _write(path: Path, layer: Layer, source: Source, rows: Rows, crs: str, append: bool) -> None:
    columns = [(name, *_typed(field, rows.values[field.name])) for field, name in _names(layer, source)]
    with _fixed_time():
        pyogrio.raw.write(
            path,
            _wkb(rows.geometry, crs, source.crs),
            [values for _, values, _ in columns],
            [name for name, _, _ in columns],
            field_mask=[mask for _, _, mask in columns],
            layer=source.table or path.stem,
            driver=DRIVERS[path.suffix],
            geometry_type=_kind(layer, rows.geometry),
            crs=source.crs or crs,
            encoding=source.encoding,
            append=append,
        )


def _kind(layer: Layer, geometry: Objects) -> str:
    """The geometry type of a table: the layer's, unless something else is among the rows."""
    given = np.array([isinstance(g, bytes) for g in geometry], dtype=bool)
    if given.any() or layer.geometry == "Geometry":
        return "Unknown"
    kinds = shapely.get_type_id(geometry)
    others = (kinds != -1) & ((kinds != GeometryType[layer.geometry.upper()]) | shapely.has_z(geometry))
    return "Unknown" if others.any() else layer.geometry


def _wkb(geometry: Objects, crs: str, wanted: str | None) -> Objects:
    """The geometries (n,) as WKB in the CRS of the source; what is WKB already is taken as it is."""
    given = np.array([isinstance(g, bytes) for g in geometry], dtype=bool)
    encoded = geometry.copy()
    encoded[~given] = shapely.to_wkb(_projected(geometry[~given], crs, wanted))
    return encoded


def _projected(geometry: Objects, crs: str, wanted: str | None) -> Objects:
    if wanted in DEGREES:
        return geometry
    # A Gauss-Krueger zone loses nothing: back in degrees and on the grid every vertex is where it was.
    transformer = pyproj.Transformer.from_crs(crs, wanted, always_xy=True)

    def projected(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(geometry, projected), dtype=object)


def _typed(field: Field, column: Objects) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """A column as the array its type is written from, and a mask of nulls where that cannot say null."""
    null = np.array([value is None for value in column], dtype=bool)
    if field.type in _NO_TEXT and any(
        isinstance(value, str) and not _is_date(field, value) for value in column
    ):
        return np.array([None if value is None else str(value) for value in column], dtype=object), None
    match field.type:
        case "integer":
            return np.where(null, 0, column).astype(np.int64), null
        case "boolean":
            return np.where(null, False, column).astype(bool), null
        case "number":
            return np.where(null, np.nan, column).astype(np.float64), None
        case "date":
            return np.where(null, "NaT", column).astype("datetime64[D]"), None
        case "array":
            text = [None if value is None else json.dumps(value, ensure_ascii=False) for value in column]
            return np.array(text, dtype=object), None
        case _:
            return column, None


def _is_date(field: Field, text: str) -> bool:
    """Whether a column of dates can hold a text."""
    try:
        return field.type == "date" and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _write_geojson(path: Path, layer: Layer, source: Source, rows: Rows) -> None:
    """Write RFC 7946, one feature a line; GDAL's writer would make texts of lists."""
    names = list(_names(layer, source))
    lines = []
    for k, geometry in enumerate(rows.geometry):
        shape = None if geometry is None else mapping(shapely.orient_polygons(on_grid(geometry)))
        properties = {name: rows.values[field.name][k] for field, name in names}
        feature = {"type": "Feature", "properties": properties, "geometry": shape}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","features":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _undate(dbf: Path) -> None:
    """Put the fixed day into a dBASE header: byte 1 is the year since 1900, 2 the month, 3 the day."""
    year, month, day = (int(part) for part in WRITTEN[:10].split("-"))
    with dbf.open("r+b") as file:
        file.seek(1)
        file.write(bytes([year - 1900, month, day]))
