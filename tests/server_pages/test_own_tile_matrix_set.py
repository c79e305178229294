"""A set of an operator's own, in UTM, whose matrices count in tens: described and served like every other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from werkzeug.test import Client

import config
from releases.publication import publish
from server.application import create_application

LAKES = Path(__file__).parent.parent / "regions" / "lakes"
#: UTM zone 31 S, where the imaginary lakes are: three matrices, easting before northing.
MATRICES = {"10": 2048.0, "20": 512.0, "30": 128.0}


def definition() -> dict[str, Any]:
    return {
        "id": "LakesGrid",
        "title": "Grid of the imaginary lakes",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/32731",
        "orderedAxes": ["E", "N"],
        "tileMatrices": [
            {
                "id": name,
                "scaleDenominator": cell / 0.00028,
                "cellSize": cell,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [0.0, 10_048_576.0],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": int(2 * 2048 / cell),
                "matrixHeight": int(2 * 2048 / cell),
            }
            for name, cell in MATRICES.items()
        ],
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = tmp_path_factory.mktemp("lakes") / "lakes"
    shutil.copytree(LAKES, folder)
    (folder / "grid.json").write_text(json.dumps(definition()))
    settings = (folder / "service.yml").read_text()
    (folder / "service.yml").write_text(settings + "\nown_tile_matrix_sets: [grid.json]\n")
    service = config.load(folder / "service.yml", {"BLUEPRINT_PUBLISHED": str(folder / "published")})
    outcome = publish(service)
    assert outcome.status == "published", [str(finding) for finding in outcome.findings]
    return Client(create_application(service))


def test_it_is_listed_defined_and_described(client: Client) -> None:
    listed = client.get("/tileMatrixSets").json["tileMatrixSets"]
    assert [one["id"] for one in listed] == ["WebMercatorQuad", "LakesGrid"]
    assert client.get("/tileMatrixSets/LakesGrid").json == definition()
    tileset = client.get("/tiles/LakesGrid").json
    assert tileset["tileMatrixSetURI"] == "http://localhost/tileMatrixSets/LakesGrid"
    assert {one["tileMatrix"] for one in tileset["tileMatrixSetLimits"]} <= set(MATRICES)
    assert tileset["centerPoint"]["tileMatrix"] in MATRICES
    for layer in tileset["layers"]:
        assert {layer["minTileMatrix"], layer["maxTileMatrix"]} <= set(MATRICES)
        assert all({one["minTileMatrix"], one["maxTileMatrix"]} <= set(MATRICES) for one in layer["fidelity"])
        west, south = layer["boundingBox"]["lowerLeft"]
        # Easting before northing, in metres.
        assert 200_000 < west < 900_000 and 9_600_000 < south < 10_000_000
    assert client.get("/tiles/LakesGrid?f=tilejson").status_code == 400
    for lang in ("zh", "en"):
        for path in ("/tileMatrixSets/LakesGrid", "/tiles/LakesGrid", "/tiles"):
            assert client.get(f"{path}?f=html&lang={lang}").status_code == 200


def test_its_tiles_are_found_by_the_ids_of_its_matrices(client: Client) -> None:
    tileset = client.get("/tiles/LakesGrid").json
    [template] = [link["href"] for link in tileset["links"] if link["rel"] == "item"]
    found = set()
    for limits in tileset["tileMatrixSetLimits"]:
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
            for col in range(limits["minTileCol"], limits["maxTileCol"] + 1):
                address = template.format(tileMatrix=limits["tileMatrix"], tileRow=row, tileCol=col)
                answer = client.get(address.removeprefix("http://localhost"))
                assert answer.status_code in (200, 204)
                if answer.status_code == 200:
                    found |= set(mapbox_vector_tile.decode(answer.data))
    assert found == {layer["id"] for layer in tileset["layers"]}
    assert client.get("/tiles/LakesGrid/0/0/0").status_code == 404
