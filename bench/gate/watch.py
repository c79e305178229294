"""How long each check takes, told by the gate's own progress; run as a program, with what memory all of it takes.

python -m bench.gate.watch SERVICE.YML FIGURES.JSON
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import config
from config.models import Service
from releases.findings import Finding
from releases.gate import CHECKS
from releases.publication import check

READING, REST = "reading the sources", "style, tile matrix sets, report"
#: Rules of no check: what reading finds out, and what a release is shown with.
_TITLES = {one.title.en: one for one in CHECKS}


class Watch:
    """Seconds of each check, of reading and of the rest, to be given to the gate as its progress."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stage, self._since = READING, time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._turn(stage.split(": ")[0])

    def _turn(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[self._stage] += now - self._since
        if name in _TITLES:
            self._stage = name
        elif self._stage != READING:
            self._stage = REST
        self._since = now

    def stop(self) -> dict[str, float]:
        """What each took, in the order in which they ran."""
        self._turn("")
        return dict(self.seconds)


def watched(service: Service) -> tuple[tuple[Finding, ...], dict[str, float]]:
    """What the gate finds, and the seconds of each check."""
    watch = Watch()
    findings = check(service, watch)
    return findings, watch.stop()


def check_of(rule: str) -> str:
    """The check whose seconds a rule's are."""
    for one in CHECKS:
        if rule in one.rules:
            return one.title.en
    return REST if rule in ("style", "tile-matrix-set") else READING


def main(words: Sequence[str]) -> None:
    """Check what a configuration names and write the figures."""
    path, out = map(Path, words)
    started = time.monotonic()
    findings, seconds = watched(config.load(path, os.environ))
    figures = {
        "seconds": time.monotonic() - started,
        "checks": seconds,
        "findings": sum(finding.count for finding in findings),
    }
    out.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
