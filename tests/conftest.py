"""What the tests of several rooms share: the demo as data, as one release, as an application and as a live server.

Everything is made once a session, from a demo of 2,000 zones, in a temporary folder. Only downloads and glyphs are
kept between sessions, in the project's own cache, since they are named after their content.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import orjson
import pytest

import config
from config.models import Service

if TYPE_CHECKING:
    from werkzeug.test import Client, TestResponse

    from releases.release import Release

# A kernel's first call compiles it, so a deadline would only measure that; the same examples on every run.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).parent.parent
CONFIGURATION = ROOT / "config" / "service.yml"
ZONES = 2000
#: Software rendering, and none of the browser's own traffic.
BROWSER_FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def need() -> Callable[[bool, str], None]:
    """Skip a test whose tool is not on this machine, with a line that says so; in CI nothing may be skipped."""

    def need(present: bool, what: str) -> None:
        if present:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is needed, and in CI nothing is skipped")
        pytest.skip(f"{what} is not on this machine")

    return need


def environment(folder: Path) -> dict[str, str]:
    """The settings that lead a service, in this process or another, to `folder` instead of var/."""
    cache = folder / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("demo", "glyphs"):
        kept = ROOT / "var" / "cache" / name
        kept.mkdir(parents=True, exist_ok=True)
        if not (cache / name).exists():
            (cache / name).symlink_to(kept)
    return {
        "BLUEPRINT_CONFIG": str(CONFIGURATION),
        "BLUEPRINT_DATA": str(folder / "data"),
        "BLUEPRINT_PUBLISHED": str(folder / "published"),
        "BLUEPRINT_CACHE": str(cache),
        # None of the machine's own keys signs what tests publish.
        "BLUEPRINT_KEY": str(folder / "keys" / "signing.pem"),
    }


@dataclass(frozen=True)
class Region:
    """A copy of the imaginary lakes region in `folder`, whose every feature carries the number of its edition."""

    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """What leads a command of ours to this region."""
        return {
            "BLUEPRINT_CONFIG": str(self.folder / "service.yml"),
            "BLUEPRINT_DATA": str(self.folder / "data"),
            "BLUEPRINT_PUBLISHED": str(self.folder / "published"),
        }

    @property
    def service(self) -> Service:
        """Its configuration as it is now."""
        kept = {"BLUEPRINT_CACHE": str(ROOT / "var" / "cache")}
        return config.load(self.folder / "service.yml", self.variables | kept)

    def edit(self, edition: int) -> None:
        """Write the number of an edition into the name of every feature of every source."""
        for path in sorted((self.folder / "data").rglob("*.geojson")):
            document = loads(path.read_text("utf-8"))
            for feature in document["features"]:
                name = next(key for key in ("name", "naam") if key in feature["properties"])
                feature["properties"][name] = f"{feature['properties'][name].partition(' @')[0]} @{edition}"
            fresh = path.with_suffix(".new")
            fresh.write_text(dumps(document, ensure_ascii=False), "utf-8")
            fresh.replace(path)


@pytest.fixture(scope="session")
def lakes() -> Callable[[Path], Region]:
    """Put a copy of the lakes region into a folder that is not there yet; nothing is published in it."""

    def lakes(folder: Path) -> Region:
        shutil.copytree(ROOT / "tests" / "regions" / "lakes", folder)
        return Region(folder)

    return lakes


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The demo's sources as three authorities would hand them over; nothing published yet."""
    from releases.demo import build

    service = config.load(CONFIGURATION, environment(tmp_path_factory.mktemp("demo")))
    build(service, service.data, zones=ZONES)
    return service


@pytest.fixture(scope="session")
def published(demo: Service) -> Service:
    """The same service with the demo as its first release."""
    from releases.publication import publish

    outcome = publish(demo)
    assert outcome.status == "published", [str(finding) for finding in outcome.findings][:20]
    return demo


@pytest.fixture(scope="session")
def application(published: Service) -> Callable[..., Any]:
    """The whole server as a WSGI callable."""
    from server.application import create_application

    return create_application(published)


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Find a port that nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


class Server:
    """`blueprint serve` as a process of its own."""

    def __init__(self, folder: Path, port: int, log: Path, **extra: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = log
        self._output = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve"],
            env={**os.environ, **environment(folder), "HOST": "127.0.0.1", "PORT": str(port), **extra},
            cwd=ROOT,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def wait(self, seconds: float = 180) -> None:
        """Return when /readyz says yes again and again; fail with the log when it never does."""
        end = time.monotonic() + seconds
        # Any process may answer, and one that still compiles makes tiles too slowly to be asked.
        agreed = 0
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.address + "/readyz", timeout=2) as answer:
                    agreed += answer.status == 200
                if agreed == 16:
                    return
            except (urllib.error.URLError, OSError):
                agreed = 0
                time.sleep(0.1)
        raise AssertionError(f"the server did not get ready:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Ask it to stop and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._output.close()


@pytest.fixture
def serve(free_port: Callable[[], int]) -> Iterator[Callable[..., Server]]:
    """Start servers on the published data of a folder; all are stopped when the test ends."""
    servers: list[Server] = []

    def serve(folder: Path, **extra: str) -> Server:
        server = Server(folder, free_port(), folder / f"server-{len(servers)}.log", **extra)
        servers.append(server)
        server.wait()
        return server

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def live(
    published: Service, free_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a running server with the demo on it; its log must stay clean."""
    server = Server(published.published.parent, free_port(), tmp_path_factory.mktemp("live") / "server.log")
    try:
        server.wait()
        yield server.address
    finally:
        server.stop()
    noise = [line for line in server.log.read_text().splitlines() if "ERROR" in line or "Traceback" in line]
    assert not noise, noise


@pytest.fixture(scope="module")
def browser(need: Callable[[bool, str], None]) -> Iterator[Any]:
    """A real browser, without a window. For a module: while it runs, no other event loop may in this thread."""
    from playwright.sync_api import sync_playwright

    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )
    need(found is not None, "a browser (chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def client(application: Callable[..., Any]) -> Client:
    """A client of the demo's application."""
    from werkzeug.test import Client

    return Client(application)


@pytest.fixture(scope="session")
def release(published: Service) -> Release:
    """The demo's one release."""
    from releases.release import Catalogue

    return Catalogue(published.published).current()


@pytest.fixture(scope="session")
def get(client: Client) -> Callable[..., TestResponse]:
    """Ask for an address or a path; the answer must be a 200 unless another status is expected."""

    def get(address: str, status: int = 200, **headers: str) -> TestResponse:
        path = address.removeprefix("http://localhost") or "/"
        answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        assert answer.status_code == status, (
            address,
            answer.status_code,
            answer.get_data(as_text=True)[:500],
        )
        return answer

    return get


@pytest.fixture(scope="session")
def json(get: Callable[..., TestResponse]) -> Callable[..., Any]:
    """The JSON of an address."""
    return lambda address, **headers: get(address, **headers).json


class Editions(NamedTuple):
    """A service whose releases differ in known ways, and their ids, oldest first."""

    service: Service
    ids: tuple[str, ...]


@pytest.fixture(scope="session")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    """The region of the lakes in six releases and a rollback; nobody adds to them.

    Lake 1 is as it is written, deeper, elsewhere, gone (and lake 9 there), still so (but a parish is another), and
    there again as at first. Then the third leads again.
    """
    from config.rules import RULES
    from releases import keeping
    from releases.manifest import Waiver
    from releases.publication import Order, publish

    folder = tmp_path_factory.mktemp("editions") / "lakes"
    shutil.copytree(ROOT / "tests" / "regions" / "lakes", folder)
    service = config.load(
        folder / "service.yml",
        {"BLUEPRINT_PUBLISHED": str(folder / "published"), "BLUEPRINT_CACHE": str(ROOT / "var" / "cache")},
    )
    lakes, parishes = (folder / "data" / "norland" / f"{name}.geojson" for name in ("lakes", "parishes"))
    written = orjson.loads(lakes.read_bytes())
    first = written["features"][0]
    deeper = {**first, "properties": {**first["properties"], "depth": 13.5}}
    elsewhere = {**deeper, "geometry": {"type": "Point", "coordinates": [1.95, -0.85]}}
    ninth = {**first, "properties": {**first["properties"], "number": 9, "name": "Ninth <Water>"}}
    accepted = tuple(Waiver(rule=name, reason="another edition", by="a test") for name in RULES)
    ids = []
    for edition, lake in enumerate((first, deeper, elsewhere, ninth, ninth, first)):
        features = [lake, *written["features"][1:]]
        # A new order of rows besides, which is no change.
        lakes.write_bytes(orjson.dumps({**written, "features": features[:: 1 - 2 * (edition % 2)]}))
        if edition == 4:
            parishes.write_text(parishes.read_text("utf-8").replace('"wood"', '"field"'), "utf-8")
        order = Order(by="a test", note=f"edition {edition}", accepted=accepted)
        outcome = publish(service, order=order)
        assert outcome.status == "published", [str(finding) for finding in outcome.findings]
        ids.append(str(outcome.release_id))
    keeping.rollback(service.published, ids[2], by="a test")
    return Editions(service, tuple(ids))


@pytest.fixture(scope="session")
def linked() -> Callable[..., list[dict[str, Any]]]:
    """The links of a document that have a relation and, when given, a media type."""

    def linked(document: dict[str, Any], rel: str, media: str | None = None) -> list[dict[str, Any]]:
        return [
            link
            for link in document["links"]
            if link["rel"] == rel and (media is None or link.get("type") == media)
        ]

    return linked
