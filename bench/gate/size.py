"""The gate on many polygons: seconds of each check, and the memory of the process that runs them all."""

from __future__ import annotations

import json
import sys
from typing import Any

from bench import dataset, process
from bench.services import ROOT


def measure(zones: int) -> dict[str, Any]:
    """Check the sources of a dataset in a process of its own, without a release before."""
    folder = dataset.deliveries(zones)
    out = folder / "gate.json"
    variables = {**dataset.environment(zones), "BLUEPRINT_PUBLISHED": str(folder / "nothing-published")}
    words = [sys.executable, "-m", "bench.gate.watch", str(ROOT / "config" / "service.yml"), str(out)]
    cost = process.run(words, variables, folder / "gate.log")
    return {
        **json.loads(out.read_text("utf-8")),
        "zones": zones,
        "whole": cost.seconds,
        "memory": cost.memory,
    }
