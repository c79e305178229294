"""A filter over a level whose areas were united: what is kept is the area of the features that match."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Generalise, Layer, Zoom
from releases import cql2
from releases.filestore import FileStore
from releases.query import Where
from tiles.columns import SCALE

SIDE = 0.002
COUNT = 40
EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)


def kind_of(x: int, y: int) -> str:
    """Patches of eight squares by eight, of three kinds."""
    return "abc"[(x // 8 + 2 * (y // 8)) % 3]


@pytest.fixture(scope="module", name="united")
def the_united(
    layer: Layer, table: Callable[..., Any], write_release: Callable[..., Any], tmp_path_factory: Any
) -> tuple[Layer, FileStore, Any]:
    """1,600 squares of three kinds, united by kind and year where they are too small; the store, the levels."""
    plain = layer.model_copy(
        update={
            "fields": tuple(field.model_copy(update={"codelist": None}) for field in layer.fields),
            "geometry": "MultiPolygon",
            "zoom": Zoom(min=4, max=14),
            "generalise": Generalise(rule="coverage", dissolve=("FLOORS", "KIND")),
        }
    )
    rows = [
        (
            shapely.box(100 + x * SIDE, 30 + y * SIDE, 100 + (x + 1) * SIDE, 30 + (y + 1) * SIDE),
            f"{x:02}-{y:02}",
            "a name",
            kind_of(x, y),
            x // 20,
            float(x),
            True,
            None,
            None,
            None,
        )
        for x in range(COUNT)
        for y in range(COUNT)
    ]
    folder = Path(tmp_path_factory.mktemp("united")) / "release"
    manifest = write_release(folder, table(rows, plain))
    return plain, FileStore(folder, manifest), manifest.layer("parcels").levels


def area(window: Any) -> float:
    """The area of a window's polygons in square degrees, holes taken off."""
    columns, total = window.columns, 0.0
    for row in window.rows:
        for path in range(columns.row_path[row], columns.row_path[row + 1]):
            ring = shapely.LinearRing(
                columns.xy[columns.path_start[path] : columns.path_start[path + 1]] * SCALE
            )
            total += shapely.Polygon(ring).area * (1 if columns.path_outer[path] else -1)
    return total


@pytest.mark.parametrize(
    "filter, matching",
    [
        ("KIND = 'a'", lambda x, y: kind_of(x, y) == "a"),
        ("KIND <> 'a' AND FLOORS = 1", lambda x, y: kind_of(x, y) != "a" and x >= 20),
        ("KIND IN ('b', 'c') OR FLOORS = 0", lambda x, y: kind_of(x, y) != "a" or x < 20),
        ("KIND IS NULL", lambda x, y: False),
        ("TRUE", lambda x, y: True),
    ],
)
def test_united_areas_are_those_of_the_features_that_match(
    united: Any, filter: str, matching: Callable[[int, int], bool]
) -> None:
    layer, store, levels = united
    dissolved = [level for level in levels if level.reduction == "dissolved"]
    assert dissolved
    where = Where(filter=cql2.check(cql2.parse(filter), layer))
    expected = sum(matching(x, y) for x in range(COUNT) for y in range(COUNT)) * SIDE**2
    for level in dissolved:
        assert level.rows < COUNT**2
        found = store.window("parcels", level.index, EVERYWHERE, where)
        assert area(found) == pytest.approx(expected, rel=0.02)


def test_the_fields_of_a_united_level_stand_in_the_order_of_its_columns(united: Any) -> None:
    _, store, levels = united
    for level in levels:
        columns = store.window("parcels", level.index, EVERYWHERE).columns
        keys = columns.key_bytes.tobytes()
        names = [keys[a + 2 : b].decode() for a, b in zip(columns.key_start[:-1], columns.key_start[1:])]
        assert tuple(names) == level.fields
        assert columns.row_feature.dtype == np.int64
