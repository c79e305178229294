"""The abstract tests of OGC 17-083r4 (TMS 2.0), annex A: a class of tests for each conformance class, a test for each.

Variable matrix widths are neither offered nor declared: an operator's own set that has them is refused.
"""

from __future__ import annotations

import json as text
import math
from collections.abc import Callable
from typing import Any

import morecantile
import pyproj
import pytest

from releases.release import Release

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
REGISTER = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"
LISTS = ("/tiles", "/collections/xzq_county/tiles", "/collections/rivers/tiles", "/collections/places/tiles")
Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
Valid = Callable[[Any, str], None]


@pytest.fixture(scope="module")
def sets(json: Json) -> dict[str, dict[str, Any]]:
    """The definitions of all sets that are listed."""
    listed = json("/tileMatrixSets")["tileMatrixSets"]
    return {one["id"]: json(one["links"][0]["href"]) for one in listed}


@pytest.fixture(scope="module")
def tilesets(json: Json) -> list[dict[str, Any]]:
    """The metadata of tilesets of the dataset and of layers of each dimension, in every set."""
    return [
        json(link["href"])
        for path in LISTS
        for one in json(path)["tilesets"]
        for link in one["links"]
        if link["rel"] == "self"
    ]


class TestTileMatrixSet:
    def test_model(self, sets: dict[str, dict[str, Any]], get: Get) -> None:
        for name, document in sets.items():
            assert document["id"] == name
            matrices = document["tileMatrices"]
            for member in ("id", "scaleDenominator"):
                assert len({matrix[member] for matrix in matrices}) == len(matrices)
            crs = pyproj.CRS.from_user_input(document["crs"])
            metres = 2 * math.pi * 6378137 / 360 if crs.is_geographic else 1
            for matrix in matrices:
                scale = matrix["cellSize"] * metres / 0.00028
                assert matrix["scaleDenominator"] == pytest.approx(scale, rel=1e-6)
            # The order of axes repeats what the CRS says, and the point of origin is in it.
            assert len(document["orderedAxes"]) == len(crs.axis_info) == 2
            north_first = crs.axis_info[0].direction == "north"
            assert document["orderedAxes"][0].upper().startswith(("LAT", "N")) == north_first
        get("/tileMatrixSets/NoSuchSet", 404)

    def test_an_independent_reader_finds_the_same_tiles(
        self, sets: dict[str, dict[str, Any]], release: Release
    ) -> None:
        lon, lat = release.manifest.service.region.centre
        for name, document in sets.items():
            read, own = morecantile.TileMatrixSet.model_validate(document), release.manifest.sets.get(name)
            # Coarse tiles of a projected set reach far beyond the region, where nobody's box is of use.
            curved = pyproj.CRS.from_user_input(document["crs"]).to_epsg() in (4523, 4524)
            for place in (9, 11) if curved else (2, 6, 11):
                tile = read.tile(lon, lat, int(own.matrix_id(place)))
                theirs, ours = read.bounds(tile), own.lonlat_box(place, tile.y, tile.x)
                room = (theirs.right - theirs.left) / 10 if curved else 1e-6
                assert ours == pytest.approx(tuple(theirs), abs=room)


class TestJsonTileMatrixSet:
    def test_ietf_and_media_type(self, sets: dict[str, dict[str, Any]], get: Get) -> None:
        for name, document in sets.items():
            for accept in ("application/json", "*/*"):
                answer = get(f"/tileMatrixSets/{name}", Accept=accept)
                assert answer.content_type == "application/json"
                assert text.loads(answer.data.decode("utf-8")) == document

    def test_schema_and_model(self, sets: dict[str, dict[str, Any]], valid: Valid) -> None:
        for document in sets.values():
            valid(document, "tileMatrixSet")


class TestTileMatrixSetLimits:
    def test_model(self, tilesets: list[dict[str, Any]], sets: dict[str, dict[str, Any]]) -> None:
        for tileset in tilesets:
            matrices = {one["id"]: one for one in sets[tileset["tileMatrixSetId"]]["tileMatrices"]}
            limits = tileset["tileMatrixSetLimits"]
            assert 0 < len({one["tileMatrix"] for one in limits}) == len(limits) <= len(matrices)
            for one in limits:
                matrix = matrices[one["tileMatrix"]]
                assert 0 <= one["minTileRow"] <= one["maxTileRow"] < matrix["matrixHeight"]
                assert 0 <= one["minTileCol"] <= one["maxTileCol"] < matrix["matrixWidth"]


class TestJsonTileMatrixSetLimits:
    def test_schema_and_model(self, tilesets: list[dict[str, Any]], valid: Valid) -> None:
        for tileset in tilesets:
            for one in tileset["tileMatrixSetLimits"]:
                valid(one, "tileMatrixLimits")


class TestTilesetMetadata:
    def test_identifier(self, tilesets: list[dict[str, Any]], linked: Linked, json: Json) -> None:
        for tileset in tilesets:
            [link] = linked(tileset, f"{OGC}tiling-scheme")
            definition = json(link["href"])
            assert definition["id"] == tileset["tileMatrixSetId"] and definition["crs"] == tileset["crs"]
            if "uri" in definition:
                assert tileset["tileMatrixSetURI"] == definition["uri"] == REGISTER + definition["id"]

    def test_model(
        self, tilesets: list[dict[str, Any]], sets: dict[str, dict[str, Any]], release: Release
    ) -> None:
        dimensions = {"Point": 0, "MultiPoint": 0, "MultiLineString": 1, "MultiPolygon": 2}
        for tileset in tilesets:
            assert tileset["dataType"] == "vector" and tileset["version"] == release.id
            matrices = sets[tileset["tileMatrixSetId"]]["tileMatrices"]
            order = [one["id"] for one in matrices]
            of = {one["id"]: one for one in matrices}
            for layer in tileset["layers"]:
                published = release.manifest.layer(layer["id"])
                assert layer.get("geometryDimension") == dimensions.get(published.layer.geometry)
                # Members of the same end of the scale are of the same matrix (table 14, footnotes).
                coarse, fine = of[layer["minTileMatrix"]], of[layer["maxTileMatrix"]]
                assert order.index(coarse["id"]) <= order.index(fine["id"])
                assert layer["maxScaleDenominator"] == coarse["scaleDenominator"]
                assert layer["maxCellSize"] == coarse["cellSize"]
                assert layer["minScaleDenominator"] == fine["scaleDenominator"]
                assert layer["minCellSize"] == fine["cellSize"]

    def test_boxes_are_in_the_crs_that_they_name_and_its_order(
        self, tilesets: list[dict[str, Any]], release: Release
    ) -> None:
        for tileset in tilesets:
            whole = tileset["boundingBox"]
            assert whole["crs"] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
            for layer in tileset["layers"]:
                extent = release.manifest.layer(layer["id"]).extent
                if extent is None:
                    assert "boundingBox" not in layer
                    continue
                # A layer's box is in the CRS of its tileset: read by the authority's order it goes round the extent.
                assert layer["boundingBox"]["crs"] == tileset["crs"]
                back = pyproj.Transformer.from_crs(tileset["crs"], "EPSG:4490", always_xy=False)
                swapped = [extent[1], extent[0], extent[3], extent[2]]
                corners = [*layer["boundingBox"]["lowerLeft"], *layer["boundingBox"]["upperRight"]]
                around = back.transform_bounds(*corners, densify_pts=31)
                assert around[0] <= swapped[0] + 1e-6 and around[1] <= swapped[1] + 1e-6
                assert around[2] >= swapped[2] - 1e-6 and around[3] >= swapped[3] - 1e-6
                assert around == pytest.approx(swapped, abs=1.5)

    def test_the_epoch_is_that_of_the_crs(self, tilesets: list[dict[str, Any]]) -> None:
        for tileset in tilesets:
            crs = pyproj.CRS.from_user_input(tileset["crs"])
            assert tileset.get("epoch") == (2000.0 if crs.geodetic_crs.to_epsg() == 4490 else None)


class TestJsonTilesetMetadata:
    def test_ietf_and_media_type(self, get: Get) -> None:
        answer = get("/tiles/WebMercatorQuad", Accept="application/json")
        assert answer.content_type == "application/json" and text.loads(answer.data.decode("utf-8"))

    def test_schema_and_model(self, tilesets: list[dict[str, Any]], valid: Valid) -> None:
        for tileset in tilesets:
            valid(tileset, "tileSet")
