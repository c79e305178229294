"""Acts on releases are killed at every change that they make, and at any moment between: nothing is lost or mixed.

KILLS says how many; some are enough for every day, a thousand for a release of this program:

    KILLS=1000 pytest tests/releases/keeping/test_kills.py -s
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from releases import history, keeping
from releases.history import History
from releases.release import Catalogue, verify

KILLS: Final = int(os.environ.get("KILLS", "20"))
#: Kinds of acts, each as often as the others.
ACTS: Final = ("publish", "again", "draft", "promote", "rollback", "tag", "untag", "prune")


class Killer:
    """The process of `killed.py`."""

    def __init__(self, root: Path, region: Any) -> None:
        program = root / "tests" / "releases" / "keeping" / "killed.py"
        variables = {"BLUEPRINT_CACHE": str(root / "var" / "cache"), "PYTHONPATH": str(root)}
        # Threads do not survive a fork: there may be none before it.
        variables |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONWARNINGS": "error"}
        self._process = subprocess.Popen(
            [sys.executable, str(program), str(region.folder / "service.yml")],
            env={**os.environ, **region.variables, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, order: dict[str, Any]) -> dict[str, Any]:
        """Have an order carried out."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the process that is to be killed has ended by itself"
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


class World:
    """A published folder, and what may be done with it next."""

    def __init__(self, region: Any, chance: random.Random, tidy: Callable[[Path], None]) -> None:
        self.region = region
        self.tidy = tidy
        self.published = region.folder / "published"
        self.chance = chance
        self.edition = 0

    def order(self, kind: str) -> dict[str, Any] | None:
        """An order of a kind; None when there is nothing to do it with."""
        past = history.read(self.published)
        led = [entry.id for entry in past.mementos]
        others = [one for one in led if past.current and one != past.current.id]
        match kind:
            case "publish" | "draft":
                self.edition += 1
                self.region.edit(self.edition)
                return {"act": kind}
            case "again":
                # What was published before: there still, or removed and to be built again.
                self.region.edit(self.chance.randint(0, self.edition))
                return {"act": "publish"}
            case "promote" if past.drafts:
                return {"act": "promote", "release": self.chance.choice(sorted(past.drafts))}
            case "rollback" if others:
                return {"act": "rollback", "release": self.chance.choice(others)}
            case "tag" if free := sorted({"v1", "v2", "v3"} - {*past.tags}):
                return {"act": "tag", "tag": self.chance.choice(free), "release": self.chance.choice(led)}
            case "untag" if past.tags:
                return {"act": "untag", "tag": self.chance.choice(sorted(past.tags))}
            case "prune":
                return {
                    "act": "prune",
                    "keep": self.chance.randint(1, 3),
                    "drafts": self.chance.choice((0, 9, 9)),
                }
        return None

    def whole(self, before: History) -> History:
        """The history, which goes on from the one before; whatever it says is there is whole."""
        past = history.read(self.published)
        assert past.broken() is None
        assert past.releases[: len(before.releases)] == before.releases, "an act was lost"
        catalogue = Catalogue(self.published)
        for release_id in past.kept:
            catalogue.get(release_id)
        return past


@pytest.fixture
def world(lakes: Callable[[Path], Any], tmp_path: Path, tidy: Callable[[Path], None]) -> World:
    """A region of its own; the same acts on every run."""
    region = lakes(tmp_path / "lakes")
    region.edit(0)
    return World(region, random.Random(20260601), tidy)


@pytest.fixture
def killer(root: Path, world: World) -> Iterator[Killer]:
    """The process to be killed."""
    killer = Killer(root, world.region)
    yield killer
    killer.close()


@pytest.mark.timeout(60 + 5 * KILLS)
def test_acts_that_are_killed_lose_nothing_mix_nothing_and_leave_nothing(
    world: World, killer: Killer
) -> None:
    killed = dict.fromkeys(ACTS, 0)
    done = dict.fromkeys(ACTS, 0)
    #: Changes and seconds that an act of a kind takes when nobody kills it.
    events, seconds = dict.fromkeys(ACTS, 1), dict.fromkeys(ACTS, 0.1)
    started = time.monotonic()
    assert killer({"act": "publish"})["returncode"] == 0
    for kind in ACTS:  # as they are when nobody kills them
        order = world.order(kind)
        if order is not None:
            began = time.monotonic()
            answer = killer(order)
            assert answer["returncode"] == 0, (kind, order)
            events[kind], seconds[kind] = answer["events"], time.monotonic() - began
    while sum(killed.values()) < KILLS:
        kind = world.chance.choice(ACTS)
        order = world.order(kind)
        if order is None:
            continue
        before = history.read(world.published)
        if world.chance.random() < 0.7:
            how = {"at": world.chance.randint(1, events[kind])}
        else:
            how = {"after": world.chance.uniform(0, seconds[kind])}
        answer = killer(order | how)
        assert answer["returncode"] in (0, -9), (kind, order)
        killed[kind] += answer["returncode"] == -9
        done[kind] += answer["returncode"] == 0
        past = world.whole(before)
        again = killer(order)
        assert again["returncode"] == 0, (kind, order, how)
        world.whole(past)
        world.tidy(world.published)
    catalogue = Catalogue(world.published)
    for release_id in history.read(world.published).kept:
        assert verify(catalogue.get(release_id)) == ()
    took = time.monotonic() - started
    print(f"\nkilled {killed}, ended before {done}, in {took:.0f} s: 0 lost, 0 mixed, 0 left over")
    assert KILLS < 100 or all(killed.values()), killed


#: Acts that touch no file of a release but to remove it, on what `kept` has.
SHORT: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "promote": lambda kept: {"act": "promote", "release": kept.draft},
    "rollback": lambda kept: {"act": "rollback", "release": kept.first},
    "tag": lambda kept: {"act": "tag", "tag": "v1", "release": kept.second},
    "untag": lambda kept: {"act": "untag", "tag": "v0"},
    "prune": lambda kept: {"act": "prune", "keep": 1, "drafts": 0},
}


@pytest.mark.parametrize("kind", SHORT)
def test_a_short_act_is_killed_at_each_of_its_changes(
    world: World, killer: Killer, kept: Any, kind: str
) -> None:
    keeping.tag(kept.published, "v0", kept.third)
    order, before = SHORT[kind](kept), history.read(kept.published)
    at, ended = 0, False
    while not ended:
        at += 1
        if world.published.exists():
            shutil.rmtree(world.published)
        shutil.copytree(kept.published, world.published)
        ended = killer(order | {"at": at})["returncode"] == 0
        past = world.whole(before)
        assert killer(order)["returncode"] == 0
        assert len(world.whole(past).releases) > len(before.releases)
        world.tidy(world.published)
    assert at > 3, "it was killed at few changes"
