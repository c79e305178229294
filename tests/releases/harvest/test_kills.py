"""A harvest killed anywhere leaves one release, whole; the next run ends at the newest and leaves nothing lying about.

HARVEST_KILLS says how many kills there are in all (12 in the suite); they are spread over targets and places.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

KILLS = int(os.environ.get("HARVEST_KILLS", "12"))
KINDS = 3


class Ended(NamedTuple):
    """How a harvest ended, and the places that it passed."""

    code: int
    passed: list[str]


@pytest.fixture(scope="module")
def harvester(root: Path) -> Iterator[subprocess.Popen[str]]:
    """The process that harvests are forked from."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).parent / "harvester.py")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


@pytest.fixture
def run(harvester: subprocess.Popen[str], live: Any, place: Any, tmp_path: Path) -> Callable[..., Ended]:
    """Harvest to the place, and be killed at a number if one is given."""

    def run(number: int = 0) -> Ended:
        output = tmp_path / "passed"
        words = [live.address, place.address, place.schema, number, str(output), str(tmp_path / "cache")]
        assert harvester.stdin is not None and harvester.stdout is not None
        harvester.stdin.write(json.dumps(words) + "\n")
        harvester.stdin.flush()
        code = int(harvester.stdout.readline())
        return Ended(code, output.read_text().splitlines())

    return run


@pytest.mark.timeout(300 + 10 * KILLS)
def test_killed_anywhere_it_leaves_one_release_and_goes_on(
    world: Any, place: Any, run: Callable[..., Ended], expected: Callable[[int], Any]
) -> None:
    chance = random.Random(f"2035 {place.kind}")
    world.show(0)
    assert run().code == 0
    editions = {edition: expected(edition) for edition in (0, 1, 3)}
    # By changes; by changes and two layers whole; by changes, one layer whole, one gone.
    ways = [((0, 1), 0, 1), ((0, 1, 3), 1, 3), ((1, 3, 0), 3, 0)]
    places = {end: 12 for _, _, end in ways}
    killed = 0
    for number in range(KILLS // KINDS):
        entries, start, end = ways[number % len(ways)]
        world.keep(entries)
        dead = run(chance.randint(1, places[end]))
        if dead.code == -signal.SIGKILL:
            killed += 1
            found = place.read()
            assert found in (editions[start], editions[end]), dead.passed
            if dead.passed[-1] not in ("committed", "behind replace"):
                assert found == editions[start], dead.passed
        whole = run()
        assert (dead.code, whole.code) in ((-signal.SIGKILL, 0), (0, 0)), (dead, whole)
        places[end] = max(len(dead.passed), len(whole.passed) - 1)
        assert place.read() == editions[end], dead.passed
        assert place.left() == []
    assert killed > KILLS // KINDS // 2


def test_a_first_harvest_that_is_killed_goes_on_with_the_pages_that_it_has(
    world: Any, live: Any, place: Any, run: Callable[..., Ended], expected: Callable[[int], Any]
) -> None:
    world.show(1)
    seen = run(6)
    assert seen.code == -signal.SIGKILL and "behind press" in seen.passed
    live.asked.clear()
    assert run().code == 0
    assert not [one for one in live.asked if "parcels/items" in one], "a page was fetched twice"
    assert place.read() == expected(1) and place.left() == []
