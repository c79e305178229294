"""Seeding puts tiles on disk that a server then sends without touching data; what is there is not made again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from releases.release import Catalogue
from server.application import create_application
from server.cli import main
from server.tile_shelves import Shelves
from tiles import mvt

TILE = "/tiles/WebMercatorQuad/7/52/101"


@pytest.fixture
def own(published: Any, tmp_path: Path) -> Any:
    """The published service with a cache of its own."""
    return published.model_copy(update={"cache": tmp_path / "cache"})


@pytest.fixture
def environment(own: Any, monkeypatch: pytest.MonkeyPatch, root: Path) -> dict[str, str]:
    variables = {
        "BLUEPRINT_CONFIG": str(root / "config" / "service.yml"),
        "BLUEPRINT_PUBLISHED": str(own.published),
        "BLUEPRINT_CACHE": str(own.cache),
        "BLUEPRINT_DATA": str(own.data),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **variables}


@pytest.fixture
def seed(environment: dict[str, str]) -> Callable[..., Result]:
    def seed(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--lang", "en", "seed", *arguments])

    return seed


def test_what_was_seeded_is_sent_without_encoding(
    own: Any, seed: Callable[..., Result], asker: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = json.loads(seed("--zooms", "4-7", "--processes", "2", "--json").stdout)
    assert first["made"] == first["tiles"] > 20 and first["there"] == 0
    again = json.loads(seed("--zooms", "4-7", "--processes", "1", "--json").stdout)
    assert again["made"] == 0 and again["there"] == first["tiles"]
    more = json.loads(seed("--zooms", "4-8", "--processes", "1", "--json").stdout)
    assert more["there"] == first["tiles"] and more["made"] == more["tiles"] - more["there"] > 0

    def never(*_: Any) -> bytes:
        raise AssertionError("encoded")

    expected = {coding: ask(TILE, accept_encoding=coding) for coding in ("identity", "gzip", "zstd")}
    targets = [f"/tiles/WebMercatorQuad/8/{row}/{col}" for row in range(101, 110) for col in range(197, 207)]
    empty = [target for target in targets if ask(target).status == 204]
    assert empty
    monkeypatch.setattr(mvt, "encode_layer", never)
    warm = asker(create_application(own))
    for coding, answer in expected.items():
        found = warm(TILE, accept_encoding=coding)
        assert found.status == 200 and found.body == answer.body
        assert dict(found.headers) == dict(answer.headers)
    # An empty tile is known as well.
    assert {204} == {warm(target).status for target in empty}


def test_collections_and_sets_are_seeded_when_they_are_named(seed: Callable[..., Result]) -> None:
    run = seed("--collection", "places", "--collection", "xzq_county", "--zooms", "6", "--set", "CGCS2000Quad",
               "--set", "WebMercatorQuad", "--coding", "gzip", "--processes", "1", "--json")  # fmt: skip
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["made"] > 4


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["--zooms", "9-3"], 2),
        (["--coding", "br"], 2),
        (["--collection", "nothing"], 1),
        (["--set", "Nothing"], 1),
        (["--release", "0123456789abcdef"], 1),
    ],
)
def test_a_wrong_command_line_says_so(seed: Callable[..., Result], arguments: list[str], code: int) -> None:
    run = seed(*arguments)
    assert run.exit_code == code and "Traceback" not in run.output


def test_a_cache_that_is_full_is_told_and_what_is_there_stays(
    own: Any, environment: dict[str, str], tmp_path: Path, root: Path
) -> None:
    text = (root / "config" / "service.yml").read_text().replace("tile_disk_mb: 2048", "tile_disk_mb: 1")
    for name in ("layers.yml", "codelists.yml"):
        (tmp_path / name).symlink_to(root / "config" / name)
    (tmp_path / "service.yml").write_text(text)
    run = CliRunner().invoke(
        main,
        ["--lang", "en", "-c", str(tmp_path / "service.yml"), "seed", "--zooms", "4-10", "--processes", "1"],
    )
    assert run.exit_code == 3 and "raise limits.tile_disk_mb" in run.output
    size = sum(path.stat().st_size for path in own.cache.rglob("*.sqlite"))
    assert 2**18 < size < 2 * 2**20


def test_an_interrupted_run_ends_at_once_and_the_next_goes_on_where_it_was(
    own: Any, environment: dict[str, str], seed: Callable[..., Result], root: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "server.cli",
        "--lang",
        "en",
        "seed",
        "--zooms",
        "4-13",
        "--processes",
        "2",
    ]
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A shell that starts the tests in the background has interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as run:
        end = time.monotonic() + 60
        while not _made(own) and time.monotonic() < end and run.poll() is None:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)
        _, errors = run.communicate(timeout=60)
    assert run.returncode == 130, errors
    assert b"interrupted" in errors and b"Traceback" not in errors
    left = _made(own)
    assert left
    again = seed("--zooms", "4-8", "--processes", "1", "--json")
    assert again.exit_code == 0, again.output
    done = json.loads(again.stdout)
    assert done["there"] == min(left, done["tiles"]) and done["made"] + done["there"] == done["tiles"]


def _made(service: Any) -> int:
    catalogue = Catalogue(service.published)
    release = catalogue.current()
    path = Shelves(service.cache, 0, catalogue).of(release).path
    if not path.exists():
        return 0
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM tile").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
