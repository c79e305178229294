"""The abstract tests of OGC 20-057 (Tiles Part 1), annex A: a class of tests for each conformance class, a test for each.

A test of name `test_tc_op` in `TestCore` is /conf/core/tc-op. What cannot be asked for here (XML, images) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import morecantile
import pyproj
import pytest
from morecantile import Tile
from shapely.geometry import box, shape
from werkzeug.test import Client

OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
REGISTER = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"
MVT = "application/vnd.mapbox-vector-tile"
SPEC = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
LISTS = ("/tiles", "/collections/xzq_county/tiles")
Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
Valid = Callable[[Any, str], None]


def tilesets(json: Json, path: str) -> list[dict[str, Any]]:
    """The metadata of each tileset of a list."""
    return [
        json(next(link["href"] for link in one["links"] if link["rel"] == "self"))
        for one in json(path)["tilesets"]
    ]


def address(tileset: dict[str, Any], matrix: str, row: int | str, col: int | str) -> str:
    """The address of a tile by the tileset's own template."""
    template = next(link["href"] for link in tileset["links"] if link["rel"] == "item")
    return str(template.format(tileMatrix=matrix, tileRow=row, tileCol=col))


def scheme(json: Json, tileset: dict[str, Any]) -> morecantile.TileMatrixSet:
    """The tile matrix set of a tileset as an independent library reads it."""
    link = next(link for link in tileset["links"] if link["rel"] == f"{OGC}tiling-scheme")
    return morecantile.TileMatrixSet.model_validate(json(link["href"]))


def decoded(data: bytes) -> dict[str, Any]:
    """A tile's layers, rows counted downwards as the specification of MVT does."""
    found: dict[str, Any] = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    return found


def coarse(tileset: dict[str, Any], most: int = 12) -> Iterator[tuple[str, int, int]]:
    """The first tiles within the limits, from the coarsest matrix."""
    found = 0
    for limits in tileset["tileMatrixSetLimits"]:
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
            for col in range(limits["minTileCol"], limits["maxTileCol"] + 1):
                yield limits["tileMatrix"], row, col
                found += 1
                if found >= most:
                    return


def parameters(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The parameters of an operation of the API definition, by name."""
    found = {}
    for one in document["paths"][path]["get"]["parameters"]:
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        found[one["name"]] = one
    return found


def paths_of(document: dict[str, Any], resource: str) -> list[str]:
    """The paths whose operation is a getTile, getTileSet or getTileSetsList, by the id's suffix."""
    return [
        path
        for path, item in document["paths"].items()
        if item["get"]["operationId"].endswith(f".{resource}")
    ]


class TestCore:
    def test_conformance_success(self, json: Json) -> None:
        declared = json("/conformance")["conformsTo"]
        assert all(isinstance(uri, str) for uri in declared)
        assert f"{SPEC}core" in declared

    def test_tc_op(self, json: Json, get: Get, client: Client) -> None:
        for path in LISTS:
            for tileset in tilesets(json, path):
                template = next(link for link in tileset["links"] if link["rel"] == "item")["href"]
                assert re.findall(r"{(\w+)}", template) == ["tileMatrix", "tileRow", "tileCol"]
                statuses = {client.get(address(tileset, *tile)).status_code for tile in coarse(tileset)}
                assert 200 in statuses and statuses <= {200, 204}, (tileset["title"], statuses)

    @pytest.mark.parametrize(
        ("name", "kind"), [("tileMatrix", "string"), ("tileRow", "integer"), ("tileCol", "integer")]
    )
    def test_tc_tilematrix_tilerow_tilecol_definition(self, json: Json, name: str, kind: str) -> None:
        document = json("/api")
        operations = paths_of(document, "getTile")
        assert operations
        for path in operations:
            parameter = parameters(document, path)[name]
            assert parameter["in"] == "path" and parameter["required"] is True
            assert parameter["schema"]["type"] == kind

    def test_tc_success(self, json: Json, client: Client) -> None:
        items = {
            one["properties"]["BSM"]: one
            for one in json("/collections/xzq_county/items?limit=1000")["features"]
        }
        for tileset in tilesets(json, "/collections/xzq_county/tiles"):
            reader = scheme(json, tileset)
            for matrix, row, col in list(coarse(tileset, 30))[-6:]:
                answer = client.get(address(tileset, matrix, row, col), headers={"Accept": MVT})
                if answer.status_code == 204:
                    continue
                assert answer.status_code == 200 and answer.content_type == MVT
                west, south, east, north = reader.bounds(Tile(col, row, int(matrix)))
                # The tile and its buffer, and room for a tile that is not a rectangle in degrees.
                across, up = (east - west) / 20, (north - south) / 20
                near = box(west - across, south - up, east + across, north + up)
                layers = decoded(answer.data)
                assert list(layers) == ["xzq_county"]
                for feature in layers["xzq_county"]["features"]:
                    assert shape(items[feature["properties"]["BSM"]]["geometry"]).intersects(near)

    def test_tc_error(self, json: Json, get: Get, client: Client) -> None:
        for path in LISTS:
            for tileset in tilesets(json, path):
                for limits in tileset["tileMatrixSetLimits"][:6]:
                    matrix = limits["tileMatrix"]
                    (top, bottom), (left, right) = (
                        (limits[f"minTile{axis}"], limits[f"maxTile{axis}"]) for axis in ("Row", "Col")
                    )
                    for row, col in ((top - 1, left), (bottom + 1, left), (top, left - 1), (top, right + 1)):
                        get(address(tileset, matrix, row, col), 404)
                    # A corner of the limits may be empty, but it is there.
                    assert client.get(address(tileset, matrix, top, left)).status_code in (200, 204)
                for wrong in ("-1", "99", "x", "1e1", "99999999999999999999", "%20"):
                    get(address(tileset, wrong, 0, 0), 404)
                    get(address(tileset, tileset["tileMatrixSetLimits"][0]["tileMatrix"], wrong, 0), 404)
                    get(address(tileset, tileset["tileMatrixSetLimits"][0]["tileMatrix"], 0, wrong), 404)


class TestTileset:
    def test_description(self, json: Json, get: Get, linked: Linked, valid: Valid) -> None:
        for path in LISTS:
            for one in json(path)["tilesets"]:
                answer = get(linked(one, "self")[0]["href"], Accept="application/json")
                assert answer.content_type == "application/json"
                tileset = answer.json
                valid(tileset, "tileSet")
                definition = get(linked(tileset, f"{OGC}tiling-scheme")[0]["href"])
                assert definition.content_type == "application/json"
                valid(definition.json, "tileMatrixSet")
                name = definition.json["id"]
                registered = name in morecantile.tms.list() and str(morecantile.tms.get(name).uri).startswith(
                    REGISTER
                )
                if registered:
                    assert tileset["tileMatrixSetURI"] == definition.json["uri"] == REGISTER + name
                else:
                    # In no register: the address is that of the definition itself.
                    assert json(tileset["tileMatrixSetURI"]) == definition.json
                [item] = linked(tileset, "item")
                assert {"{tileMatrix}", "{tileRow}", "{tileCol}"} == set(re.findall("{.*?}", item["href"]))
                assert item["type"] == MVT and item["templated"] is True

    def test_rec_header_linktemplates(self, get: Get) -> None:
        # RFC 9652: a list of strings, each with parameters.
        header = get("/tiles/WebMercatorQuad").headers["Link-Template"]
        found = re.fullmatch(r'"([^"]+)"; rel="item"; type="([^"]+)"', header)
        assert found and found[1].endswith("/{tileMatrix}/{tileRow}/{tileCol}") and found[2] == MVT

    def test_rec_conf_link_and_bbox(self, json: Json, linked: Linked) -> None:
        for path in LISTS:
            for tileset in tilesets(json, path):
                assert json(linked(tileset, f"{OGC}conformance")[0]["href"])["conformsTo"]
                assert tileset["boundingBox"]


class TestTilesetsList:
    def test_tileset_links(self, json: Json, get: Get, linked: Linked, valid: Valid) -> None:
        for path in LISTS:
            answer = get(path, Accept="application/json")
            assert answer.content_type == "application/json"
            valid(answer.json, "tileSetsList")
            for one in answer.json["tilesets"]:
                assert one["title"] and one["dataType"] == "vector" and one["crs"] and one["tileMatrixSetURI"]
                scheme = json(linked(one, f"{OGC}tiling-scheme")[0]["href"])
                [own] = linked(one, "self")
                assert own["href"].endswith(f"{path}/{scheme['id']}")
                whole = json(own["href"])
                assert {name: whole[name] for name in one if name != "links"} == {
                    name: one[name] for name in one if name != "links"
                }

    def test_tileset_path(self, json: Json) -> None:
        assert all(json(path)["tilesets"] for path in LISTS)


class TestDatasetTilesets:
    def test_landingpage(self, json: Json, linked: Linked) -> None:
        [link] = linked(json("/"), f"{OGC}tilesets-vector", "application/json")
        assert json(link["href"])["tilesets"]
        assert linked(json("/"), f"{OGC}tiling-schemes", "application/json")

    def test_operation(self, json: Json, linked: Linked, get: Get) -> None:
        [link] = linked(json("/"), f"{OGC}tilesets-vector", "application/json")
        assert link["href"].partition("?")[0] == "http://localhost/tiles"
        names = [one["id"] for one in json("/collections")["collections"]]
        for tileset in tilesets(json, "/tiles"):
            assert [layer["id"] for layer in tileset["layers"]] == names
        tileset = tilesets(json, "/tiles")[0]
        assert {"xzq_province", "xzq_county"} <= set(decoded(get(address(tileset, "6", 26, 50)).data))


class TestGeodataTilesets:
    def test_desc_links(self, json: Json, linked: Linked) -> None:
        for collection in json("/collections")["collections"]:
            [link] = linked(collection, f"{OGC}tilesets-vector", "application/json")
            assert json(link["href"])["tilesets"]

    def test_operation(self, json: Json, linked: Linked) -> None:
        for collection in json("/collections")["collections"]:
            [link] = linked(collection, f"{OGC}tilesets-vector", "application/json")
            assert link["href"].partition("?")[0] == f"http://localhost/collections/{collection['id']}/tiles"
            for tileset in tilesets(json, link["href"])[:2]:
                assert [layer["id"] for layer in tileset["layers"]] == [collection["id"]]
                [geodata] = linked(tileset, f"{OGC}geodata")
                assert json(geodata["href"])["id"] == collection["id"]


class TestCollectionsSelection:
    def test_query_collections(self, json: Json, get: Get, client: Client) -> None:
        document = json("/api")
        for path in (*paths_of(document, "getTile"), *paths_of(document, "getTileSet")):
            if path.startswith("/collections/"):
                assert "collections" not in parameters(document, path)
                continue
            parameter = parameters(document, path)["collections"]
            assert (parameter["in"], parameter["required"], parameter["style"]) == ("query", False, "form")
            assert parameter["explode"] is False
            assert parameter["schema"] == {"type": "array", "items": {"type": "string"}}
        for tileset in tilesets(json, "/tiles"):
            layers = [layer["id"] for layer in tileset["layers"]]
            for chosen in (layers[:1], layers[2:5], layers[5:0:-1]):
                query = f"?collections={','.join(chosen)}"
                get(f"/tiles/{tileset['tileMatrixSetId']}{query}")
                matrix, row, col = list(coarse(tileset, 30))[-1]
                assert client.get(address(tileset, matrix, row, col) + query).status_code in (200, 204)
        # A name that there is not, or a list that is none: 400, as clause 12 says of both.
        for wrong in ("no_such", "xzq_county,no_such", "", "xzq_county,"):
            get(f"/tiles/WebMercatorQuad?collections={wrong}", 400)
            get(f"/tiles/WebMercatorQuad/6/26/50?collections={wrong}", 400)

    def test_collections_response(self, json: Json, get: Get) -> None:
        for chosen in (["xzq_county"], ["rivers", "xzq_county"], ["xzq_county", "rivers", "xzq_province"]):
            query = f"?collections={','.join(chosen)}"
            tileset = json(f"/tiles/WebMercatorQuad{query}")
            assert [layer["id"] for layer in tileset["layers"]] == chosen
            # The leftmost first, and the selection's own template leads to the same tile.
            whole = decoded(get("/tiles/WebMercatorQuad/8/105/203").data)
            for where in (f"/tiles/WebMercatorQuad/8/105/203{query}", address(tileset, "8", 105, 203)):
                layers = decoded(get(where).data)
                assert list(layers) == chosen
                assert layers == {name: whole[name] for name in chosen}


class TestDatetime:
    TILE = "/collections/xzq_county/tiles/WebMercatorQuad/6/26/50"

    def names(self, get: Get, query: str) -> set[str]:
        answer = get(f"{self.TILE}?{query}")
        return {one["properties"]["BSM"] for one in decoded(answer.data)["xzq_county"]["features"]}

    def test_rc_datetime_definition(self, json: Json) -> None:
        document = json("/api")
        for path in paths_of(document, "getTile"):
            for name in ("datetime", "subset"):
                parameter = parameters(document, path)[name]
                assert parameter["in"] == "query" and parameter["required"] is False
                assert parameter["schema"]["type"] == "string"

    @pytest.mark.parametrize(
        "time",
        ["../2019-12-31", "2023-06-01T00:00:00Z/..", "2024-01-01", "2010-01-01/2015-01-01", "/2019-12-31"],
    )
    def test_rc_datetime_response(self, json: Json, get: Get, time: str) -> None:
        # A feature at a time is in the tile when it is in the items at that time; one without times always is.
        everywhere = self.names(get, "f=mvt")
        items = json(f"/collections/xzq_county/items?limit=1000&datetime={time}")["features"]
        assert self.names(get, f"datetime={time}") == everywhere & {one["properties"]["BSM"] for one in items}
        layer = get(f"/collections/rivers/tiles/WebMercatorQuad/6/26/50?datetime={time}")
        assert layer.data == get("/collections/rivers/tiles/WebMercatorQuad/6/26/50").data

    @pytest.mark.parametrize(
        ("axis", "time"),
        [
            ('datetime(*:"2019-12-31")', "../2019-12-31"),
            ('datetime("2023-06-01T00:00:00Z":*)', "2023-06-01T00:00:00Z/.."),
            ('datetime("2010-01-01":"2015-01-01")', "2010-01-01/2015-01-01"),
            ('datetime("2024-01-01")', "2024-01-01"),
        ],
    )
    def test_axis(self, get: Get, axis: str, time: str) -> None:
        assert get(f"{self.TILE}?subset={quote(axis)}").data == get(f"{self.TILE}?datetime={time}").data
        assert get(f"{self.TILE}?subset={quote('datetime(*:*)')}").data == get(self.TILE).data

    def test_times_that_are_none_are_refused(self, get: Get) -> None:
        for wrong in (
            "datetime=yesterday",
            "datetime=2024-02-30",
            "datetime=../..",
            "datetime=2025-01-01/2024-01-01",
        ):
            get(f"{self.TILE}?{wrong}", 400)
        for wrong in (
            "Lat(30:31)",
            "datetime(2024)",
            'datetime("x")',
            'datetime("2025-01-01":"2024-01-01")',
            "datetime()",
        ):
            get(f"{self.TILE}?subset={quote(wrong)}", 400)
        get(f"{self.TILE}?datetime=2024-01-01&subset={quote('datetime(*:*)')}", 400)


class TestOas30:
    def test_completeness(self, json: Json, linked: Linked) -> None:
        document = json("/api")
        for resource in ("getTileSetsList", "getTileSet", "getTile"):
            assert len(paths_of(document, resource)) == 2
        addresses = [linked(json("/"), f"{OGC}tilesets-vector")[0]["href"]]
        addresses += [
            linked(one, f"{OGC}tilesets-vector")[0]["href"] for one in json("/collections")["collections"]
        ]
        for path in LISTS:
            for tileset in tilesets(json, path):
                # Templates are pinned, so below the address of the release that the definition there has.
                templated = [re.sub(r"/releases/\w+", "", link["href"]) for link in linked(tileset, "item")]
                addresses += [linked(tileset, "self")[0]["href"], *templated]
                addresses.append(linked(tileset, f"{OGC}tiling-scheme")[0]["href"])
        known = [re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in document["paths"]]
        for one in addresses:
            path = one.removeprefix("http://localhost").partition("?")[0]
            assert any(pattern.fullmatch(path) for pattern in known), path
        for path in (*paths_of(document, "getTile"), *paths_of(document, "getTileSet")):
            assert set(re.findall(r"{(\w+)}", path)) <= set(parameters(document, path))

    def test_operation_id(self, json: Json) -> None:
        ids = [item["get"]["operationId"] for item in json("/api")["paths"].values()]
        for origin in ("dataset", "collection"):
            for resource in ("getTileSetsList", "getTileSet", "getTile"):
                assert sum(one.endswith(f".{origin}.vector.{resource}") for one in ids) == 1


class TestMvt:
    def test_content(self, json: Json, get: Get) -> None:
        tileset = tilesets(json, "/collections/xzq_county/tiles")[0]
        answer = get(address(tileset, "8", 105, 203))
        assert answer.content_type == MVT
        layers = decoded(answer.data)
        fields = set(tileset["layers"][0]["propertiesSchema"]["properties"])
        assert list(layers) == ["xzq_county"] and layers["xzq_county"]["version"] == 2
        for feature in layers["xzq_county"]["features"]:
            assert feature["geometry"]["coordinates"] and feature["geometry"]["type"] in (
                "Polygon",
                "MultiPolygon",
            )
            assert feature["type"] == "Feature" and feature["id"]
            assert set(feature["properties"]) <= fields

    def test_content_the_grid_maps_linearly_to_the_tilesets_crs(self, json: Json, get: Get) -> None:
        places = json("/collections/places/items?limit=60")["features"][::6]
        for tileset in tilesets(json, "/collections/places/tiles"):
            reader, extent = scheme(json, tileset), tileset["tiles"]["extent"]
            plane = pyproj.Transformer.from_crs("EPSG:4490", reader.crs.to_wkt(), always_xy=True)
            matrix = tileset["tileMatrixSetLimits"][-1]["tileMatrix"]
            for place in places:
                x, y = plane.transform(*place["geometry"]["coordinates"])
                tile = reader._tile(x, y, int(matrix))
                left, bottom, right, top = reader.xy_bounds(tile)
                layer = decoded(get(address(tileset, matrix, tile.y, tile.x)).data)["places"]
                assert layer["extent"] == extent
                [feature] = [
                    one for one in layer["features"] if str(one["properties"]["GID"]) == str(place["id"])
                ]
                column, row = feature["geometry"]["coordinates"]
                assert column == pytest.approx((x - left) / (right - left) * extent, abs=1)
                assert row == pytest.approx((top - y) / (top - bottom) * extent, abs=1)
