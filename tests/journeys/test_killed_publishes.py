"""Publishing is killed at random moments while readers read: no answer fails, none is made of two editions."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest

import config
from releases.publication import publish
from releases.release import Catalogue, verify

KILLS = 30
EDITION = re.compile(r"@([0-9]+)")


class Reader(threading.Thread):
    """Reads features, walks pages and tiles without end, and notes what is wrong with an answer."""

    def __init__(self, address: str, tile: str) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self.tile = tile
        self.stopped = threading.Event()
        self.faults: list[str] = []
        self.seen: dict[str, int] = {}
        self.answers = 0

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                self._page("/collections/parishes/items?limit=1000")
                self._page("/collections/lakes/items")
                self._walk("/collections/parishes/items?limit=1")
                self._tile()
            except Exception as error:  # whatever it is, it is a failed answer
                self.faults.append(f"{type(error).__name__}: {error}")
                return
        self.connection.close()

    def _get(self, target: str) -> tuple[str, bytes]:
        self.connection.request("GET", target)
        answer = self.connection.getresponse()
        body = answer.read()
        self.answers += 1
        if answer.status != 200:
            raise AssertionError(f"{target} answered {answer.status}: {body[:200]!r}")
        return answer.headers["Blueprint-Release"], body

    def _same(self, target: str, release: str, text: str) -> None:
        editions = set(EDITION.findall(text))
        if len(editions) != 1:
            self.faults.append(f"{target}: editions {sorted(editions)} in one answer")
            return
        edition = int(editions.pop())
        if self.seen.setdefault(release, edition) != edition:
            self.faults.append(f"{target}: release {release} is edition {edition} and {self.seen[release]}")

    def _page(self, target: str) -> dict[str, Any]:
        release, body = self._get(target)
        self._same(target, release, body.decode())
        page: dict[str, Any] = json.loads(body)
        return page

    def _walk(self, target: str) -> None:
        text, ids = "", []
        while target:
            _, body = self._get(target)
            page = json.loads(body)
            text += body.decode()
            ids += [feature["id"] for feature in page["features"]]
            following = [link["href"] for link in page["links"] if link["rel"] == "next"]
            target = "{0.path}?{0.query}".format(urlsplit(following[0])) if following else ""
        if (
            len(set(EDITION.findall(text))) != 1
            or len(ids) != len(set(ids))
            or len(ids) != page["numberMatched"]
        ):
            self.faults.append(f"a walk met {set(EDITION.findall(text))} and {len(ids)} features")

    def _tile(self) -> None:
        release, body = self._get(self.tile)
        layers = mapbox_vector_tile.decode(body)
        if set(layers) != {"parishes", "lakes"}:
            self.faults.append(f"a tile of {set(layers)}")
        self._same(self.tile, release, json.dumps(layers))


def run_publish(variables: dict[str, str], root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", "publish"],
        cwd=root,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.mark.timeout(600)
def test_killed_publishes_lose_nothing_and_no_reader_notices(
    region: Any, root: Path, serve: Callable[..., Any]
) -> None:
    chance = random.Random(20352035)
    region.edit(0)
    assert run_publish(region.variables, root).wait(120) == 0
    server = serve(region.folder, **region.variables)
    readers = [Reader(server.address, "/tiles/WebMercatorQuad/6/32/32") for _ in range(3)]
    for reader in readers:
        reader.start()

    region.edit(1)
    started = time.monotonic()
    assert run_publish(region.variables, root).wait(120) == 0
    whole = time.monotonic() - started
    survived = 0
    for edition in range(2, KILLS + 2):
        region.edit(edition)
        publisher = run_publish(region.variables, root)
        try:
            publisher.wait(chance.uniform(0.2, 1.1) * whole)
            survived += 1
        except subprocess.TimeoutExpired:
            os.killpg(publisher.pid, signal.SIGKILL)
            publisher.wait()
    region.edit(1000)
    assert run_publish(region.variables, root).wait(120) == 0
    time.sleep(1)
    for reader in readers:
        reader.stopped.set()
        reader.join(60)

    assert not [fault for reader in readers for fault in reader.faults]
    assert sum(reader.answers for reader in readers) > 1000
    assert all(1000 in reader.seen.values() for reader in readers), "a reader never saw the last edition"
    assert survived < KILLS, "no publish was killed"
    service = config.load(region.folder / "service.yml", region.variables)
    catalogue = Catalogue(service.published)
    for entry in catalogue.list():
        assert verify(catalogue.get(entry.id)) == ()
    folders = {path.name for path in (service.published / "releases").iterdir()}
    assert folders == {entry.id for entry in catalogue.list()}, "something was left behind"
    assert publish(service).status == "unchanged"
