"""A service on a real socket, in a thread, with a switch for faults; and a target of each kind."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.serving import make_server

from releases.harvest.service import Service
from releases.harvest.target import Target, target


def beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    found = sys.modules.get(f"harvest_{name}")
    if found is None:
        spec = importlib.util.spec_from_file_location(f"harvest_{name}", Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        found = sys.modules[f"harvest_{name}"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    return found


Answer = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class Live:
    """A server. `meddle` is given each request's path, and may answer in its stead or change its bytes."""

    address: str
    application: Answer
    asked: list[str] = field(default_factory=list)
    meddle: Callable[[str, dict[str, Any], Callable[..., Any], Answer], Any] | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        self.asked.append(f"{path}?{environ['QUERY_STRING']}")
        if self.meddle is not None:
            return self.meddle(path, environ, start, self.application)
        return self.application(environ, start)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Any:
    """All editions, published once."""
    return beside("world").World(tmp_path_factory.mktemp("world"), root / "var" / "cache")


@pytest.fixture(scope="session")
def expected(world: Any) -> Callable[[int], Any]:
    """What an edition holds, as copies are read: layer -> id -> (properties, well-known binary)."""
    copies = beside("copies")
    return lambda edition: copies.published(world.contents(edition))


@pytest.fixture(scope="session")
def _live(world: Any) -> Iterator[Live]:
    from server.application import create_application

    live = Live("", create_application(world.service))
    server = make_server("127.0.0.1", 0, live, threaded=True)
    live.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield live
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def live(_live: Live) -> Iterator[Live]:
    """The server of the world, which does what it should unless a test meddles."""
    _live.asked.clear()
    yield _live
    _live.meddle = None


@pytest.fixture
def service(live: Live) -> Service:
    """The server as a harvest sees it, that tries again without waiting."""
    return Service(live.address, pauses=(0.0, 0.0))


@pytest.fixture(scope="session")
def postgis(need: Callable[[bool, str], None]) -> Iterator[str]:
    """The address of a database with PostGIS, of a cluster that is there for this session alone."""
    from bench.cluster import cluster
    from bench.services import PeerMissing

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        try:
            running = cluster(Path(folder) / "pg")
            server = running.__enter__()
        except PeerMissing as fault:
            need(False, f"PostgreSQL ({fault})")
            raise
        try:
            with server.connected() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")
                need(cursor.fetchone() == (1,), "PostGIS")
                cursor.execute("CREATE DATABASE agency")
            with server.connected("agency") as connection, connection.cursor() as cursor:
                cursor.execute("CREATE EXTENSION postgis")
            yield server.address("agency")
        finally:
            running.__exit__(None, None, None)


@dataclass
class Place:
    """A target, and how what it holds is read without it."""

    kind: str
    address: str
    schema: str | None
    read: Callable[[], Any]
    #: What is there beside the target when no harvest runs.
    left: Callable[[], list[str]]

    def target(self) -> Target:
        return target(self.address, self.schema)


@pytest.fixture(params=["package", "folder", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A target of each kind, where nothing is yet."""
    copies = beside("copies")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if request.param == "package":
        path = tmp_path / "copy" / "plan.gpkg"
        path.parent.mkdir()
        return Place(
            "package",
            str(path),
            None,
            lambda: copies.package(path),
            lambda: sorted(one.name for one in path.parent.iterdir() if one != path),
        )
    if request.param == "folder":
        path = tmp_path / "copy"

        def left() -> list[str]:
            sets = list((path / "releases").iterdir())
            return [
                *(one.name for one in path.iterdir() if one.name not in ("current", "releases")),
                *(one.name for one in sets if one.resolve() != (path / "current").resolve()),
            ]

        return Place("folder", str(path), None, lambda: copies.folder(path), left)
    address = request.getfixturevalue("postgis")
    schema = f"s{os.urandom(6).hex()}"
    work = tmp_path / "cache" / "blueprint" / "harvest"
    return Place(
        "database",
        address,
        schema,
        lambda: copies.database(address, schema),
        lambda: sorted(one.name for one in work.iterdir()) if work.exists() else [],
    )
