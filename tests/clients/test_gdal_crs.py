"""GDAL's driver for OGC API Features asks for the CRS that a collection is stored in, and swaps axes by its own rules: here it
meets ours.
"""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from shapely.geometry import shape

LAYERS = ("places", "xzqjx", "xzq_county")


def published(live: str, layer: str) -> list[Any]:
    """What the service says in its default CRS, longitude first."""
    with urllib.request.urlopen(f"{live}/collections/{layer}/items?limit=2000") as answer:
        return [shape(one["geometry"]) for one in json.load(answer)["features"]]


def read(live: str, layer: str, **options: Any) -> tuple[pyproj.CRS, list[Any]]:
    meta, _, geometry, _ = pyogrio.raw.read(f"OAPIF:{live}", layer=layer, datetime_as_string=True, **options)
    return pyproj.CRS(meta["crs"]), shapely.from_wkb(geometry).tolist()


@pytest.mark.parametrize("layer", LAYERS)
def test_gdal_reads_the_stored_crs_and_puts_longitude_first(live: str, layer: str) -> None:
    crs, found = read(live, layer)
    assert crs.to_authority() == ("EPSG", "4490")
    for got, said in zip(found, published(live, layer), strict=True):
        assert got.equals_exact(said, 1e-9)


@pytest.mark.parametrize(
    "code", ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4523", "EPSG:4524"]
)
def test_gdal_reads_every_crs_that_is_offered_with_east_first(live: str, code: str) -> None:
    crs, found = read(live, "places", CRS=code)
    assert crs.equals(pyproj.CRS(code), ignore_axis_order=True)
    source = "EPSG:4490" if code.startswith("EPSG:45") else "OGC:CRS84"
    transform = pyproj.Transformer.from_crs(source, code, always_xy=True).transform
    expected = np.array([transform(one.x, one.y) for one in published(live, "places")])
    assert np.abs(shapely.get_coordinates(found) - expected).max() < (1e-7 if crs.is_geographic else 1e-3)


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:3857", "EPSG:4523"])
def test_gdal_pushes_a_box_down_in_the_crs_it_reads(live: str, code: str) -> None:
    at = shapely.get_coordinates(read(live, "places", CRS=code)[1])
    low, high = np.quantile(at, 0.3, axis=0), np.quantile(at, 0.7, axis=0)
    _, found = read(live, "places", CRS=code, bbox=(*low, *high))
    inside = ((at >= low) & (at <= high)).all(axis=1)
    assert 0 < inside.sum() < len(at)
    assert shapely.get_coordinates(found).tolist() == at[inside].tolist()
