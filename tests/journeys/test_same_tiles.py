"""A tile has the same bytes whoever makes it: another process, many threads at once, a restarted server, plain Python."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from config.models import Service
from releases.release import Catalogue
from server.application import create_application
from tiles import columnfile

#: Makes tiles with no server and no cache around: addresses come on standard input, a digest goes out for each.
SCRIPT = """
import hashlib, sys
from pathlib import Path
from releases.release import Catalogue
from server import tile_plan
release = Catalogue(Path(sys.argv[1])).current()
for line in sys.stdin:
    layer, tms, zoom, row, col = line.split()
    address = tile_plan.Address(None if layer == "-" else layer, tms, int(zoom), int(row), int(col))
    parts = tile_plan.within(tile_plan.plan(release.manifest, *address[:3]), address)
    body = tile_plan.encode(release, address, parts).body
    print(len(body), hashlib.sha256(body).hexdigest())
"""


@pytest.fixture(scope="module")
def addresses(published: Service) -> list[str]:
    """In every set the tile of some vertex of each layer at its first, middle and last zoom, and those of all layers."""
    release = Catalogue(published.published).current()
    found = []
    for tms in release.manifest.sets:
        for layer in release.manifest.layers:
            zooms = [z for z in range(tms.max_zoom + 1) if layer.level(tms.detail(z)) and layer.extent]
            for zoom in {zooms[0], zooms[len(zooms) // 2], zooms[-1]} if zooms else ():
                level = layer.level(tms.detail(zoom))
                assert level is not None
                lon, lat = (columnfile.read(release.path / level.file).xy[0] / 1e7).tolist()
                limits = tms.limits((lon, lat, lon, lat), tms.detail(zoom), tms.detail(zoom))
                [at] = [limit for limit in limits if limit.zoom == zoom]
                found.append(f"{layer.id} {tms.id} {zoom} {at.min_row} {at.min_col}")
                found += [f"- {tms.id} {zoom} {at.min_row} {at.min_col}"] * (layer.id == "plan_structure")
    return sorted(found)


def digest(body: bytes) -> str:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def made(published: Service, root: Path, addresses: list[str], **variables: str) -> list[str]:
    """Digests of tiles as another process makes them."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(published.published)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **variables},
        input="\n".join(addresses),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def asked(application: Callable[..., Any], published: Service, addresses: list[str]) -> list[str]:
    """Digests of tiles as a server answers when eight clients ask at once, each for all of them."""
    sets = Catalogue(published.published).current().manifest.sets

    def ask(address: str) -> str:
        layer, name, zoom, row, col = address.split()
        folder = "" if layer == "-" else f"/collections/{layer}"
        path = f"{folder}/tiles/{name}/{sets.get(name).matrix_id(int(zoom))}/{row}/{col}"
        return digest(Client(application).get(path).data)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, [address for address in addresses for _ in range(8)]))
    assert all(len(set(answers[at : at + 8])) == 1 for at in range(0, len(answers), 8))
    return answers[::8]


def test_two_processes_many_threads_and_a_restarted_server_give_the_same_tiles(
    published: Service, application: Callable[..., Any], root: Path, addresses: list[str]
) -> None:
    first = made(published, root, addresses, PYTHONHASHSEED="1", NUMBA_NUM_THREADS="1")
    assert len(first) == len(addresses) > 200 and sum(line != digest(b"") for line in first) > 200
    assert made(published, root, addresses[::-1], PYTHONHASHSEED="2", NUMBA_NUM_THREADS="2") == first[::-1]
    assert asked(application, published, addresses) == first
    # A server started again finds finished tiles on disk.
    assert asked(create_application(published), published, addresses) == first


def test_kernels_give_the_same_tiles_when_they_are_plain_python(
    published: Service, root: Path, addresses: list[str]
) -> None:
    sets = ("WebMercatorQuad", "CGCS2000Quad", "CGCS2000GK35Quad")  # one of each kind of projection
    some = [address for address in addresses if address.split()[1] in sets]
    plain = made(published, root, some, NUMBA_DISABLE_JIT="1")
    assert plain == made(published, root, some, NUMBA_DISABLE_JIT="0")
    assert sum(line != digest(b"") for line in plain) > 90
