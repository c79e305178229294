"""The servers that are measured, each a process of its own with one worker under the same HTTP server, Granian."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from config.models import Service

ROOT = Path(__file__).parent.parent
SPATIALITE = ("/usr/lib/x86_64-linux-gnu/mod_spatialite.so", "/usr/lib/aarch64-linux-gnu/mod_spatialite.so")
#: Seconds that a server may need to its first answer: ours compiles its kernels at the very first start.
READY = 300.0


class PeerMissing(RuntimeError):
    """A peer cannot run on this machine; the text says what to install."""


@contextmanager
def blueprint(folder: Path) -> Iterator[str]:
    """Serve what is published in `folder`; yields the address of the service."""
    port = free_port()
    variables = {
        "BLUEPRINT_DATA": str(folder / "data"),
        "BLUEPRINT_PUBLISHED": str(folder / "published"),
        "BLUEPRINT_WORKERS": "1",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "server.cli", "serve"]
    with running(command, variables, folder / "blueprint.log", f"http://127.0.0.1:{port}/readyz"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def pygeoapi(folder: Path, service: Service, layers: dict[str, Path]) -> Iterator[str]:
    """Serve GeoPackages (collection id -> file with a table of that name) by stock pygeoapi; yields its address."""
    library = next((path for path in SPATIALITE if Path(path).exists()), None)
    if library is None:
        raise PeerMissing(
            "pygeoapi's GeoPackage provider needs mod_spatialite: apt-get install libsqlite3-mod-spatialite"
        )
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings, openapi = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    providers = {
        name: {
            "type": "feature",
            "name": "SQLiteGPKG",
            "data": str(path),
            "id_field": service.layer(name).id_field.name,
            "table": name,
        }
        for name, path in layers.items()
    }
    settings.write_text(
        yaml.safe_dump(pygeoapi_settings(address, port, service, providers), allow_unicode=True)
    )
    variables = {
        "PYGEOAPI_CONFIG": str(settings),
        "PYGEOAPI_OPENAPI": str(openapi),
        "SPATIALITE_LIBRARY_PATH": library,
    }
    generated = subprocess.run(
        [sys.executable, "-m", "bench.peer", str(settings), str(openapi)],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if generated.returncode:
        raise PeerMissing(f"pygeoapi did not generate its OpenAPI document:\n{generated.stderr}")
    granian = [
        str(Path(sys.executable).parent / "granian"),
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    # One thread: with more, the provider answers 500 now and then, its connection being shared between threads.
    command = [*granian, "--blocking-threads", "1", "bench.peer:application"]
    with running(command, variables, folder / "pygeoapi.log", f"{address}/conformance"):
        yield address


def pygeoapi_settings(
    address: str, port: int, service: Service, providers: Mapping[str, object]
) -> dict[str, dict[str, Any]]:
    """What stock pygeoapi reads at its start, for collections (id -> its one provider)."""
    resources = {
        name: {
            "type": "collection",
            "title": service.layer(name).title.en,
            "description": service.layer(name).description.en,
            "keywords": ["blueprint"],
            "extents": {"spatial": {"bbox": list(service.region.bbox)}},
            "providers": [provider],
        }
        for name, provider in providers.items()
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
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
        "resources": resources,
    }


@contextmanager
def running(command: list[str], variables: dict[str, str], log: Path, ready: str) -> Iterator[int]:
    """Run a server until the block ends; yields its process id once the address `ready` answers."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **variables}, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _await(process, ready, log)
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def _await(process: subprocess.Popen[bytes], ready: str, log: Path, seconds: float = READY) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(ready, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{ready} never answered:\n{log.read_text()[-2000:]}")


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
