"""Every CRS times every parameter (`crs`, `bbox-crs`, `filter-crs`) against pyproj and shapely alone, for geometries of every
kind: what a client of a CRS sees, draws and asks for is the same thing.
"""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from releases import cql2, crs, frames
from releases.filestore import FileStore
from releases.formats import geojson
from releases.query import Query, Where
from releases.rendition import Rendition

#: By the EPSG registry: the CRSs of the demo, then some that an operator may add; whether northing comes first, decimals.
SYSTEMS = {
    "OGC:CRS84": (False, 7),
    "EPSG:4326": (True, 7),
    "EPSG:4490": (True, 7),
    "EPSG:3857": (False, 3),
    "EPSG:4523": (True, 3),
    "EPSG:4524": (True, 3),
    "EPSG:4545": (True, 3),
    "EPSG:32648": (False, 3),
    "EPSG:3395": (False, 3),
    "ESRI:102012": (False, 3),
}
AREA = (104.0, 28.0, 108.0, 32.0)
place = st.tuples(st.integers(1040, 1080), st.integers(280, 320)).map(lambda xy: (xy[0] / 10, xy[1] / 10))
point = place.map(shapely.Point)
line = st.lists(place, min_size=2, max_size=4, unique=True).map(shapely.LineString)
triangle = (
    st.lists(place, min_size=3, max_size=3, unique=True)
    .map(shapely.Polygon)
    .filter(lambda shape: shape.is_valid and shape.area > 1e-3)
)
with_hole = triangle.map(
    lambda shape: shape.difference(shapely.affinity.scale(shape, 0.4, 0.4, origin="centroid"))
)
geometry = st.one_of(
    point,
    st.lists(point, min_size=1, max_size=3).map(shapely.MultiPoint),
    line,
    st.lists(line, min_size=1, max_size=2).map(shapely.MultiLineString),
    triangle,
    with_hole,
    triangle.map(lambda shape: shapely.MultiPolygon([shape])),
    st.tuples(point, line).map(shapely.GeometryCollection),
)


@lru_cache
def transformer(code: str) -> pyproj.Transformer:
    chinese = pyproj.CRS(code).datum.name == "China 2000"
    return pyproj.Transformer.from_crs("EPSG:4490" if chinese else "OGC:CRS84", code, always_xy=True)


def there(shape: Any, code: str) -> Any:
    """A geometry of the release as a client of the CRS sees it, in x, y."""
    return shapely.transform(
        shape, lambda xy: np.column_stack(transformer(code).transform(*xy.T)).round(SYSTEMS[code][1])
    )


def back(shape: Any, code: str) -> Any:
    """A geometry of the CRS, x, y, in degrees."""
    transform = partial(transformer(code).transform, direction="INVERSE")
    return shapely.transform(shape, lambda xy: np.column_stack(transform(*xy.T)))


def turned(shape: Any, code: str) -> Any:
    """From x, y into the axis order of the authority, or back."""
    return shapely.transform(shape, lambda xy: xy[:, ::-1]) if SYSTEMS[code][0] else shape


class Place(NamedTuple):
    store: FileStore
    layer: Any
    shapes: list[Any]


@pytest.fixture(scope="module")
def released(table: Any, write_release: Any) -> Any:
    """A release of geometries of every kind and one of none."""
    shapes: list[Any] = [None]

    @settings(max_examples=120, database=None)
    @given(geometry)
    def gather(shape: Any) -> None:
        shapes.append(shapely.set_precision(shape, 1e-7))

    gather()
    assert {shape.geom_type for shape in shapes if shape} == {
        *("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
        "GeometryCollection",
    }
    rows = [(shape, f"{i:04}", None, None, i, None, None, None, None, None) for i, shape in enumerate(shapes)]
    with TemporaryDirectory() as folder:
        manifest = write_release(Path(folder) / "one", table(rows))
        yield Place(FileStore(Path(folder) / "one", manifest), manifest.layers[0], shapes)


def found(released: Place, where: Where) -> set[int]:
    return {int(key) - 1 for key in released.store.page(released.layer.id, Query(1000, where=where)).keys}


@pytest.mark.parametrize("code", SYSTEMS)
def test_what_is_shown_in_a_crs_is_where_pyproj_puts_it(released: Place, code: str) -> None:
    page = released.store.page(released.layer.id, Query(1000))
    texts = [text for some in page.texts for text in geojson.features(some, Rendition(code))]
    for text, shape in zip(texts, released.shapes, strict=True):
        shown = json.loads(text)["geometry"]
        if shape is None:
            assert shown is None
            continue
        expected = turned(there(shape, code), code)
        assert shapely.from_geojson(json.dumps(shown)).equals_exact(expected, 10.0 ** -SYSTEMS[code][1] / 100)
        assert shown["type"] == shape.geom_type


@settings(max_examples=150)
@given(code=st.sampled_from(sorted(SYSTEMS)), corners=st.tuples(place, place))
def test_a_box_finds_what_is_seen_to_touch_it(released: Place, code: str, corners: Any) -> None:
    box = shapely.transform(
        shapely.MultiPoint(corners), lambda xy: np.column_stack(transformer(code).transform(*xy.T))
    ).bounds
    where = (
        Where(boxes=(box,))
        if code in crs.DEGREES
        else Where(frames=(frames.frame(box, code, released.layer),))
    )
    # A box without width, height or both is a line or a place.
    seen = shapely.MultiPoint([box[:2], box[2:]]).envelope
    expected = {
        i for i, shape in enumerate(released.shapes) if shape is None or there(shape, code).intersects(seen)
    }
    assert found(released, where) == expected


@settings(max_examples=200)
@given(
    code=st.sampled_from(sorted(SYSTEMS)),
    drawn=geometry,
    predicate=st.sampled_from(["S_INTERSECTS", "S_DISJOINT"]),
    as_json=st.booleans(),
)
def test_a_filter_finds_what_its_geometry_touches_vertex_by_vertex(
    released: Place, code: str, drawn: Any, predicate: str, as_json: bool
) -> None:
    # What a client draws on a map of the CRS, in whole steps that come back to no vertex of the data by chance.
    shape = there(shapely.transform(drawn, lambda xy: xy + np.array([0.0123, 0.0217])), code)
    said = turned(shape, code)
    if as_json:
        operands = [{"property": "geometry"}, json.loads(shapely.to_geojson(said))]
        expression = cql2.parse(json.dumps({"op": predicate.lower(), "args": operands}), "cql2-json")
    else:
        expression = cql2.parse(
            f"{predicate}(geometry, {shapely.to_wkt(said, rounding_precision=7)})", "cql2-text"
        )
    filter = cql2.check(expression, released.layer.layer, code)
    degrees = shape if code in crs.DEGREES else back(shape, code)
    touching = {i for i, one in enumerate(released.shapes) if one and one.intersects(degrees)}
    everything = {i for i, one in enumerate(released.shapes) if one}
    expected = touching if predicate == "S_INTERSECTS" else everything - touching
    assert found(released, Where(filter=filter)) == expected
