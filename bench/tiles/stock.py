"""Stock pygeoapi with its provider MVT-postgresql, in an environment of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import yaml

from bench.services import PeerMissing, free_port, pygeoapi_settings, running
from bench.tiles import programs
from bench.tiles.dataset import LAYER, Dataset
from bench.tiles.postgis import Database
from bench.tiles.servers import WORKERS, Server


@contextmanager
def pygeoapi(data: Dataset, database: Database, keeps: bool) -> Iterator[Server]:
    """Serve the table; pygeoapi keeps nothing, and its buffer of 256 units is fixed."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    program = programs.find("pygeoapi")
    settings, openapi = (data.folder / f"pygeoapi-tiles{name}.yml" for name in ("", "-openapi"))
    place = urlsplit(database.address)
    provider = {
        "type": "tile",
        "name": "MVT-postgresql",
        "data": {
            "host": place.hostname,
            "port": place.port,
            "dbname": place.path.lstrip("/"),
            "user": place.username,
            "password": "",
            "search_path": ["public"],
        },
        "table": LAYER,
        "id_field": "id",
        "geom_field": "geom",
        "storage_crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "options": {"zoom": {"min": 0, "max": 22}},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }
    document = pygeoapi_settings(address, port, data.service, {LAYER: provider})
    document["server"]["gzip"] = True
    settings.write_text(yaml.safe_dump(document, allow_unicode=True))
    written = subprocess.run(
        [str(program), "openapi", "generate", str(settings), "--output-file", str(openapi)],
        env={"PATH": "/usr/bin:/bin", "PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(openapi)},
        capture_output=True,
        text=True,
    )
    if written.returncode:
        raise PeerMissing(f"pygeoapi did not generate its OpenAPI document:\n{written.stderr[-2000:]}")
    variables = {"PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(openapi)}
    command = [str(program.parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    command += [
        "--workers",
        str(WORKERS),
        "--blocking-threads",
        "1",
        "--log-level",
        "error",
        "pygeoapi.flask_app:APP",
    ]
    with running(command, variables, data.folder / "pygeoapi.log", f"{address}/conformance") as process:
        yield Server(address, f"/collections/{LAYER}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt", process)
