"""A dataset as GDAL reads it: columns and WKB by pyogrio, before anything is made of them.

pyogrio's arrays are read without pandas. GDAL's errors become a SourceFault with GDAL's own words quoted; its
warnings are kept, because what GDAL mends in silence was wrong in the file.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
from numpy.typing import NDArray

from releases.sources import geojson, geopackage, shapefile
from releases.sources.dataset import Dataset
from releases.sources.fault import SourceFault, suggestion
from releases.table import nulls

DRIVERS = {"gpkg": "GPKG", "shapefile": "ESRI Shapefile", "geojson": "GeoJSON", "flatgeobuf": "FlatGeobuf"}
#: Formats whose texts are always UTF-8, whatever is declared.
UNICODE = ("gpkg", "geojson", "flatgeobuf")

_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.CRSError,
)


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """What a table holds.

    Parameters
    ----------
    table : its name as the file spells it
    columns : source field name -> (n,) array of any dtype; dates are text; NaN and None are nulls
    keys : those columns that the format needs for itself, such as a primary key
    wkb : (n,) bytes or None
    lost : (n,) True where the file has a geometry that GDAL could not read
    curved : (n,) True where the file has arcs that GDAL straightened
    measured : (n,) True where the file has measures (M) that GDAL dropped
    crs : code or WKT as GDAL found it, None when the file names none
    warnings : GDAL's, without repetitions
    """

    table: str
    columns: dict[str, NDArray[Any]]
    keys: tuple[str, ...]
    wkb: NDArray[np.object_]
    lost: NDArray[np.bool_]
    curved: NDArray[np.bool_]
    measured: NDArray[np.bool_]
    crs: str | None
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.wkb)


class Rows(NamedTuple):
    """Some rows (m,) of a table of `total`: their places from 0, ascending, and GDAL's numbers for them."""

    places: NDArray[np.int64]
    fids: NDArray[np.int64]
    total: int


def options_of(dataset: Dataset, table: str, encoding: str) -> dict[str, Any]:
    """How GDAL is asked for a table."""
    options = {"layer": table, "encoding": encoding}
    if dataset.format == "geojson":
        # GDAL takes any text that looks like a date for one and spells it its own way.
        options["DATE_AS_STRING"] = "YES"
    return options


def read(dataset: Dataset, encoding: str, rows: Rows | None = None) -> Raw:
    """Read a dataset, or some rows of it; that it is whole is checked all the same.

    SourceFault when it is not whole, not in its format, or not in its encoding.
    """
    if dataset.format in UNICODE and shapefile.codec(encoding) != "utf-8":
        raise SourceFault(
            "encoding",
            f"声明的编码是 {encoding}，而 {dataset.format} 的文字只能是 UTF-8",
            f"the declared encoding is {encoding}, but the texts of {dataset.format} are always UTF-8",
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            raw = _read(dataset, encoding, rows)
        except UnicodeDecodeError as error:
            wrong = error.object[error.start : error.end].hex(" ").upper()
            raise SourceFault(
                "encoding",
                f"{dataset.path.name} 中的字节 {wrong} 不是 {encoding}",
                f"the bytes {wrong} in {dataset.path.name} are not {encoding}",
            ) from None
        except UnboundLocalError as error:
            # How pyogrio trips over a CRS whose name is not UTF-8 (`get_crs`).
            raise SourceFault(
                "crs-unreadable",
                f"{dataset.path.name} 的坐标系不是 UTF-8 文字",
                f"the CRS of {dataset.path.name} is no text in UTF-8",
            ) from error
        except pyogrio.errors.GeometryError as error:
            raise SourceFault(
                "geometry-curve",
                f"{dataset.path.name} 应为点、折线或多边形，不应含圆弧或曲面：{error}",
                f"{dataset.path.name} should hold points, lines or polygons, no arcs or surfaces: {error}",
            ) from error
        except _ERRORS as error:
            raise _unreadable(dataset, str(error)) from error
    told = (str(warning.message) for warning in caught if issubclass(warning.category, RuntimeWarning))
    return replace(raw, warnings=tuple(dict.fromkeys(told)))


def _unreadable(dataset: Dataset, reason: str) -> SourceFault:
    # GDAL repeats the path, which on another machine is another one.
    words = reason.replace(f"{dataset.path.parent}/", "").split("; It might help")[0]
    name = dataset.path.name
    return SourceFault("source-unreadable", f"{name} 无法读取：{words}", f"{name} cannot be read: {words}")


def _read(dataset: Dataset, encoding: str, rows: Rows | None) -> Raw:
    members = geojson.check(dataset.path, encoding) if dataset.format == "geojson" else None
    if dataset.format == "shapefile":
        shapefile.check(dataset.path, encoding)
    table = _table(dataset)
    blobs = geopackage.check(dataset.path, table) if dataset.format == "gpkg" else None
    options = options_of(dataset, table, encoding)
    info = pyogrio.read_info(dataset.path, **options, force_feature_count=True)
    if info["features"] > dataset.path.stat().st_size:
        # A FlatGeobuf's header may claim any number, for which memory would be taken before the first feature.
        raise _unreadable(dataset, f"{info['features']} features")
    meta, fids, wkb, data = pyogrio.raw.read(
        dataset.path,
        **options,
        datetime_as_string=True,
        return_fids=True,
        fids=None if rows is None else rows.fids,
    )
    told = members or blobs
    seen = told.has_geometry if told else ()
    count = len(fids) if rows is None else rows.total
    _as_told(dataset, info["driver"], {info["features"], len(seen)} - {-1, 0}, count)
    # What was looked at row by row is of all rows.
    chosen = slice(None) if rows is None else rows.places
    columns = dict(zip(meta["fields"].tolist(), data))
    if members and not members.id_is_property:
        columns.pop("id", None)  # GDAL shows the features' own `id` member as if it were a property
    keys = tuple(key for key in (info["fid_column"],) if key and key not in columns)
    none = np.zeros(len(fids), dtype=bool)
    wkb = np.full(len(fids), None, dtype=object) if wkb is None else wkb
    return Raw(
        table=table,
        columns=columns | dict.fromkeys(keys, fids),
        keys=keys,
        wkb=wkb,
        lost=nulls(wkb) & np.array(seen)[chosen] if seen else none,
        curved=np.array(blobs.is_curved)[chosen] if seen and blobs else none,
        measured=np.array(blobs.is_measured)[chosen] if seen and blobs else ~nulls(wkb) & _has_measures(meta),
        crs=meta["crs"],
    )


def _has_measures(meta: dict[str, Any]) -> bool:
    """Whether GDAL's name of the table's geometry type is one with M, e.g. "Measured 3D Polygon"."""
    return str(meta["geometry_type"]).startswith(("Measured", "PointM"))


def _as_told(dataset: Dataset, driver: str, told: set[int], count: int) -> None:
    """Raise SourceFault unless the file is in the format it should be in, and as long as it says."""
    name = dataset.path.name
    if driver != DRIVERS[dataset.format]:
        zh = f"{name} 应为 {dataset.format}，实为 {driver}"
        raise SourceFault("source-format", zh, f"{name} should be {dataset.format}, it is {driver}")
    if told - {count}:
        raise SourceFault(
            "source-truncated",
            f"{name} 不完整：应有 {max(told)} 个要素，读到 {count} 个",
            f"{name} is not whole: it tells of {max(told)} features, {count} can be read",
        )


def _table(dataset: Dataset) -> str:
    """The name of the one table to read, as the file spells it."""
    names = [str(name) for name, _ in pyogrio.list_layers(dataset.path)]
    if not names:
        raise _unreadable(dataset, "no layers")
    if dataset.table is None and len(names) == 1:
        return names[0]
    if dataset.table in names:
        return str(dataset.table)
    if dataset.table is None:
        raise SourceFault(
            "table-missing",
            f"{dataset.path.name} 有 {len(names)} 个图层，配置应以 table 指明一个：{'、'.join(names[:12])}",
            f"{dataset.path.name} has {len(names)} layers, `table` must name one: {', '.join(names[:12])}",
        )
    zh, en = suggestion(dataset.table, names)
    raise SourceFault(
        "table-missing",
        f"{dataset.path.name} 中没有图层 {dataset.table}{zh}",
        f"{dataset.path.name} has no layer {dataset.table}{en}",
    )
