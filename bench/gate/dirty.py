"""What the gate finds of a dirty demo: by rule, over all its cases."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import config
from bench.dataset import WORK
from bench.gate import watch
from bench.gate.score import Score, score
from bench.services import ROOT
from config.rules import RULES
from releases.demo import dirty
from releases.demo.dirty import planted
from releases.publication import publish

CONFIGURATION = ROOT / "config" / "service.yml"
SEED, ZONES, FAULTS = 20352035, 20_000, 2_000


def measure(folder: Path | None) -> dict[str, Any]:
    """Check each case of a dirty demo, of a new one where none is named; `rows` has an entry for each rule."""
    folder = folder or _built(WORK / "dirty")
    index = json.loads((folder / planted.NAME).read_text("utf-8"))
    scores: defaultdict[str, Score] = defaultdict(Score)
    seconds: defaultdict[str, float] = defaultdict(float)
    cases = []
    for case in index["cases"]:
        if case["before"]:
            outcome = publish(config.load(folder / case["before"]))
            if outcome.release_id is None:
                raise RuntimeError(f"{case['before']} was {outcome.status}: {outcome.findings[0]}")
        findings, taken = watch.watched(config.load(folder / case["service"]))
        for name, one in taken.items():
            seconds[name] += one
        for rule, found in score(planted.read(folder / case["id"]), findings).items():
            scores[rule] += found
        cases.append({"id": case["id"], "planted": case["planted"], "seconds": sum(taken.values())})
        print(f"{case['id']}: {len(findings)} findings", flush=True)
    return {
        "zones": index["zones"],
        "seed": index["seed"],
        "cases": cases,
        "checks": dict(seconds),
        "rows": [_row(rule, scores[rule], seconds) for rule in RULES],
    }


def _row(rule: str, one: Score, seconds: dict[str, float]) -> dict[str, Any]:
    name = watch.check_of(rule)
    return {
        "rule": rule,
        "planted": one.planted,
        "consequences": one.consequences,
        "found": one.found,
        "false": sum(finding.count for finding in one.false),
        "check": name,
        "seconds": seconds.get(name, 0.0),
        "missed": [fault.as_json() for fault in one.missed],
        "strange": [finding.as_json() for finding in one.false],
    }


def _built(folder: Path) -> Path:
    # Anew each time: it is the planter of today that the gate of today is measured by.
    dirty.build(CONFIGURATION, config.load(CONFIGURATION), folder, SEED, ZONES, FAULTS)
    return folder
