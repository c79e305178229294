"""The requirements of OGC 24-020 (Features Part 7, draft), which has no abstract tests yet: `test_response_b` in
`TestZoomLevel` is /req/zoom-level/response B.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pyproj
import pytest
import shapely
from shapely.geometry import shape

Json = Callable[..., Any]
Get = Callable[..., Any]
ZOOMS = ("0", "3.5", "7", "12", "24")
LAYERS = ("xzq_county", "xzqjx", "rivers", "places", "plan_structure")
#: Metres of a pixel of zoom 0 at the equator (OGC 17-083r4, WebMercatorQuad).
PIXEL = 2 * 3.141592653589793 * 6_378_137 / 256
MERCATOR = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857", always_xy=True)


def mercator(geometry: Any) -> Any:
    return shapely.transform(geometry, lambda x, y: MERCATOR.transform(x, y), interleaved=False)


def shapes(document: dict[str, Any]) -> list[Any]:
    return [one["geometry"] and shape(one["geometry"]) for one in document["features"]]


def defined(json: Json, path: str) -> list[dict[str, Any]]:
    document = json("/api")
    found = []
    for one in document["paths"][path]["get"]["parameters"]:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        found.append(one)
    return [one for one in found if one["name"] == "zoom-level"]


class TestZoomLevel:
    @pytest.mark.parametrize(
        "path", ["/collections/xzq_county/items", "/collections/{collectionId}/items/{featureId}"]
    )
    def test_parameter(self, json: Json, path: str) -> None:
        [found] = defined(json, path)
        assert (found["in"], found["required"], found["style"], found["explode"]) == (
            "query",
            False,
            "form",
            False,
        )
        assert found["schema"] == {"type": "number", "minimum": 0}

    @pytest.mark.parametrize("layer", LAYERS)
    def test_response_a(self, json: Json, layer: str) -> None:
        """On a map of the zoom no vertex that went is a pixel from what is left, and the higher the more is left."""
        exact = shapes(json(f"/collections/{layer}/items?limit=300"))
        counts = []
        for zoom in ZOOMS:
            simple = shapes(json(f"/collections/{layer}/items?limit=300&zoom-level={zoom}"))
            counts.append(sum(int(shapely.get_num_coordinates(one)) for one in simple if one))
            pixel = PIXEL / 2 ** float(zoom)
            for before, after in zip(exact, simple, strict=True):
                if before is None:
                    assert after is None
                    continue
                lines = mercator(after.boundary if "Polygon" in after.geom_type else after)
                went = shapely.points(shapely.get_coordinates(mercator(before)))
                assert shapely.distance(went, lines).max() < pixel
        assert counts == sorted(counts)
        assert counts[-1] <= sum(int(shapely.get_num_coordinates(one)) for one in exact if one)

    @pytest.mark.parametrize("layer", LAYERS)
    def test_response_b(self, json: Json, layer: str) -> None:
        exact = shapes(json(f"/collections/{layer}/items?limit=300"))
        for zoom in ZOOMS:
            simple = shapes(json(f"/collections/{layer}/items?limit=300&zoom-level={zoom}"))
            for before, after in zip(exact, simple, strict=True):
                assert (before is None) == (after is None)
                if before is not None:
                    assert after.geom_type == before.geom_type
                    assert after.is_valid and not after.is_empty

    def test_a_map_of_a_country_needs_a_small_part_of_the_vertices(self, json: Json) -> None:
        exact, simple = (
            sum(int(shapely.get_num_coordinates(one)) for one in shapes(json(path)))
            for path in (
                "/collections/xzq_county/items?limit=300",
                "/collections/xzq_county/items?limit=300&zoom-level=5",
            )
        )
        assert simple < exact / 4

    @pytest.mark.parametrize("text", ["-1", "", "x", "nan", "inf", "1,2", "0x7", "9" * 400])
    def test_what_is_no_zoom_is_told(self, get: Get, text: str) -> None:
        told = get(f"/collections/xzq_county/items?zoom-level={text}", 400).json["errors"]
        assert [fault["parameter"] for fault in told] == ["zoom-level"]


class TestZoomLevelFeatures:
    def test_request(self, get: Get, json: Json) -> None:
        for layer in LAYERS:
            [feature] = json(f"/collections/{layer}/items?limit=1&zoom-level=6.5")["features"]
            path = f"/collections/{layer}/items/{quote(str(feature['id']), safe='')}"
            one = get(f"{path}?zoom-level=6.5").json
            assert {key: value for key, value in one.items() if key != "links"} == feature

    def test_it_goes_with_a_crs(self, json: Json) -> None:
        uri = "http://www.opengis.net/def/crs/EPSG/0/3857"
        degrees = shapes(json("/collections/xzq_county/items?limit=30&zoom-level=6"))
        metres = shapes(json(f"/collections/xzq_county/items?limit=30&zoom-level=6&crs={uri}"))
        for before, after in zip(degrees, metres, strict=True):
            assert shapely.hausdorff_distance(mercator(before), after) < 0.001
