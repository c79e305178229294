"""`blueprint harvest`: what it says, the line in the log, and the code at its end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.cli.program import main


@pytest.fixture
def blueprint(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command in this process, in English."""
    monkeypatch.setenv("BLUEPRINT_LANG", "en")
    # The command line tells its processes which configuration by this variable, which has to be as before then.
    monkeypatch.setenv("BLUEPRINT_CONFIG", os.environ.get("BLUEPRINT_CONFIG", "config/service.yml"))
    return lambda *words: CliRunner().invoke(main, ["harvest", *map(str, words)])


def test_each_run_is_a_line_in_the_log_and_a_code(
    world: Any, live: Any, blueprint: Callable[..., Result], tmp_path: Path, free_port: Callable[[], int]
) -> None:
    path, log = tmp_path / "plan of ours.gpkg", tmp_path / "harvest.log"
    world.show(0)
    first = blueprint(live.address, path, "--log", log)
    assert first.exit_code == 0 and f"equal to release {world.ids[0]} now: 2260 features" in first.output
    assert f"signature: trusting {world.key.kid} from now on" in first.output
    again = blueprint(live.address, path, "--log", log)
    assert again.exit_code == 0 and "already" in again.output
    world.show(1)
    told = json.loads(blueprint(live.address, path, "--log", log, "--json").stdout)
    assert told["layers"] == {"parcels": "change", "posts": "keep"} and told["before"] == world.ids[0]
    gone = blueprint(f"http://127.0.0.1:{free_port()}", path, "--log", log, "--layers", "parcels")
    assert gone.exit_code == 3 and "does not answer" in gone.output
    lines = log.read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["OK", "OK", "OK", "FAILED-3"]
    assert all(re.match(r'[0-9T:-]+Z [A-Z0-9-]+ target=".*plan of ours\.gpkg" ', line) for line in lines)
    assert f"release={world.ids[1]} added=4 changed=" in lines[2] and 'why="' in lines[3]


@pytest.mark.parametrize(
    "words, code, said",
    [
        (["{url}", "plan.txt"], 2, "is no target"),
        (["plan.gpkg", "plan.gpkg"], 2, "is no address"),
        (["{url}", "plan.gpkg", "--layers", " , "], 2, "names no collection"),
        (["{url}", "plan.gpkg", "--schema", "x"], 2, "for PostgreSQL alone"),
        (["{url}", "plan.gpkg", "--layers", "lakes"], 1, "no collection lakes (there are: parcels, posts)"),
        (["{url}", "nowhere/plan.gpkg"], 2, "there is no folder"),
        (["{url}", "plan.gpkg", "--key", "empty"], 2, "no usable keys"),
        (["{url}", "postgresql://localhost:notaport/x"], 3, "port"),
        (["{url}/elsewhere", "plan.gpkg"], 1, "is not there"),
    ],
)
def test_what_is_wrong_is_told_with_a_code(
    world: Any,
    live: Any,
    blueprint: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
    said: str,
) -> None:
    world.show(0)
    monkeypatch.chdir(tmp_path)
    Path("empty").write_text("")
    result = blueprint(*(word.format(url=live.address) for word in words))
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_a_watch_follows_what_is_published_and_ends_when_it_is_asked_to(
    world: Any, live: Any, root: Path, tmp_path: Path, expected: Callable[[int], Any]
) -> None:
    world.show(0)
    log, path = tmp_path / "harvest.log", tmp_path / "plan.gpkg"
    words = ["harvest", live.address, str(path), "--watch", "0.2", "--log", str(log)]
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "--lang", "en", *words],
        cwd=root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Whoever runs the tests in the background may have had it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        for edition in (0, 1, 2):
            world.show(edition)
            end = time.monotonic() + 60
            while not (log.exists() and f"release={world.ids[edition]}" in log.read_text()):
                assert time.monotonic() < end and process.poll() is None
                time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert len(log.read_text().splitlines()) == 3
