"""Stock pygeoapi with the layer as its one collection, in an environment of its own, under the HTTP server that ours runs under."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import yaml

from bench import programs
from bench.contenders import Served, local
from bench.dataset import LAYER, Dataset
from bench.services import PeerMissing, free_port, running


@contextmanager
def pygeoapi(
    data: Dataset, provider: dict[str, Any], workers: int, threads: int, extras: dict[str, Any] | None = None
) -> Iterator[Served]:
    """Serve the layer by one provider; `extras` of the collection beside it."""
    port = free_port()
    program = programs.find("pygeoapi")
    settings, openapi = (data.folder / f"pygeoapi{name}.yml" for name in ("", "-openapi"))
    document = _settings(local(port), port, data, {"providers": [provider], **(extras or {})})
    settings.write_text(yaml.safe_dump(document, allow_unicode=True))
    variables = {"PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(openapi)}
    written = subprocess.run(
        [str(program), "openapi", "generate", str(settings), "--output-file", str(openapi)],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
    )
    if written.returncode:
        raise PeerMissing(f"pygeoapi did not generate its OpenAPI document:\n{written.stderr[-2000:]}")
    command = [str(program.parent / "granian"), "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", str(threads), "--log-level", "error"]
    command += ["pygeoapi.flask_app:APP"]
    with running(command, variables, data.folder / "pygeoapi.log", f"{local(port)}/conformance") as process:
        yield Served(local(port), process)


def table(database: str, **more: Any) -> dict[str, Any]:
    """The provider's entries that say which table, and where."""
    place = urlsplit(database)
    return {
        "data": {
            "host": place.hostname,
            "port": place.port,
            "dbname": place.path.lstrip("/"),
            "user": place.username,
            "password": "",
            "search_path": ["public"],
        },
        "table": LAYER,
        "geom_field": "geom",
        **more,
    }


def _settings(address: str, port: int, data: Dataset, resource: dict[str, Any]) -> dict[str, Any]:
    service, layer = data.service, data.service.layer(LAYER)
    collection = {
        "type": "collection",
        "title": layer.title.en,
        "description": layer.description.en,
        "keywords": ["blueprint"],
        "extents": {"spatial": {"bbox": list(service.region.bbox)}},
        **resource,
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": True,
            "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 10, "max_items": 10000},
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": service.title.en,
                "description": service.description.en,
                "keywords": ["blueprint"],
                "keywords_type": "theme",
                "terms_of_service": "",
                "url": address,
            },
            "license": {"name": "none", "url": address},
            "provider": {"name": "bench", "url": address},
            "contact": {"name": "bench"},
        },
        "resources": {LAYER: collection},
    }
