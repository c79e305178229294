"""A copy follows a server that publishes one release after another: each of its states is one of them, the last the last.

HARVEST_RELEASES says how many are published (8 in the suite). What the copy holds is read by SQLite and judged by
docs/verifier.py, which has nothing of ours.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import shapely

from releases import history
from releases.harvest.harvest import harvest
from releases.harvest.service import Service
from releases.harvest.target import target
from releases.proof import keys
from releases.publication import publish

RELEASES = int(os.environ.get("HARVEST_RELEASES", "8"))
LAYERS = ("parishes", "lakes")


def written(copy: Path, layer: str, to: Path) -> str:
    """A layer of the GeoPackage as GeoJSON; the number of the edition that all its names carry."""
    features, editions = [], set()
    with closing(sqlite3.connect(copy)) as connection:
        cursor = connection.execute(f"SELECT * FROM {layer}")
        names = [column[0] for column in cursor.description]
        for row in cursor:
            properties = dict(zip(names, row))
            properties.pop("fid")
            blob = properties.pop("geom")
            if properties.get("fish") is not None:
                properties["fish"] = json.loads(properties["fish"])
            if properties.get("salt") is not None:
                properties["salt"] = bool(properties["salt"])
            shape = None if blob is None else json.loads(shapely.to_geojson(shapely.from_wkb(blob[40:])))
            known = properties.get("code", properties.get("number"))
            features.append({"type": "Feature", "id": known, "properties": properties, "geometry": shape})
            editions.add(re.findall(r"@([0-9]+)$", properties["name"])[0])
    to.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    [edition] = editions
    return str(edition)


@pytest.mark.timeout(300 + 30 * RELEASES)
def test_every_state_of_a_copy_is_one_release_and_the_last_is_the_last(
    region: Any, root: Path, tmp_path: Path, serve: Callable[..., Any]
) -> None:
    key = tmp_path / "keys" / "signing.pem"
    keys.make(key, history.now())
    variables = {**region.variables, "BLUEPRINT_KEY": str(key)}
    service = region.service.model_copy(update={"signing_key": key})
    ids: dict[str, str] = {}

    def next_release(edition: int) -> None:
        region.edit(edition)
        outcome = publish(service)
        assert outcome.status == "published", [str(finding) for finding in outcome.findings]
        ids[str(outcome.release_id)] = str(edition)

    def all_releases() -> None:
        for edition in range(1, RELEASES):
            next_release(edition)

    next_release(0)
    server = serve(region.folder, **variables)
    publisher = threading.Thread(target=all_releases, daemon=True)
    publisher.start()
    copy, seen = tmp_path / "copy.gpkg", []
    asked = Service(server.address)
    while True:
        alive = publisher.is_alive()
        outcome = harvest(asked, target(str(copy)))
        if outcome.status == "harvested":
            seen.append(outcome.release)
            for layer in LAYERS:
                file = tmp_path / f"{layer}.geojson"
                edition = written(copy, layer, file)
                here = f"{server.address}/releases/{outcome.release}"
                said = (f"{here}/manifest?f=json", f"{here}/manifest.sig")
                ring = f"{server.address}/.well-known/blueprint-keys"
                words = [str(root / "docs" / "verifier.py"), *said, ring, layer, str(file)]
                run = subprocess.run(
                    [sys.executable, *words], capture_output=True, text=True, timeout=60, check=False
                )
                assert run.returncode == 0, (run.stdout, run.stderr)
                assert edition == ids.get(outcome.release, edition)
        elif not alive:
            break
        time.sleep(0.05)
    publisher.join()
    assert len(ids) == RELEASES and ids[seen[-1]] == str(RELEASES - 1)
    assert len(seen) > 1 and len(set(seen)) == len(seen)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
