"""Publishes of each kind, as commands from their start to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Final

from bench import dataset
from bench.dataset import Dataset
from bench.harvest.edit import edit
from bench.publish.edit import move
from releases import history
from releases.amending import snapshot

#: Features that change: of values alone, and pairs of neighbours whose common edge moves.
VALUES, PAIRS = 10, 5

#: What is done to the sources before a publish, by what it is called.
KINDS: Final[Mapping[str, Callable[[Dataset, int], None]]] = {
    "nothing changed": lambda data, turn: None,
    f"{VALUES} features have another value": lambda data, turn: edit(data, VALUES),
    f"{2 * PAIRS} features have other edges": lambda data, turn: move(data, PAIRS, turn),
    "as a whole, one layer changed": lambda data, turn: _alone(data),
}


def measure(zones: int, rounds: int) -> dict[str, Any]:
    """Seconds and memory of a first publish, and the medians of some publishes of each kind after it."""
    first = dataset.publish(zones)
    data = dataset.load(zones)
    rows = {"the first": {"seconds": first.seconds, "memory": first.memory, "amended": False}}
    for kind, prepare in KINDS.items():
        costs, amended = [], set()
        for turn in range(rounds if "whole" not in kind else 1):
            prepare(data, turn)
            costs.append(dataset.blueprint(zones, "publish"))
            log = (dataset.WORK / str(zones) / "publish.log").read_text(errors="replace")
            amended.add("amended in place" in log or "就地更新" in log)
        rows[kind] = {
            "seconds": median(cost.seconds for cost in costs),
            "memory": max(cost.memory for cost in costs),
            "amended": amended == {True},
        }
    dataset.blueprint(zones, "prune", "--keep", "1")
    return {"rows": rows, "features": data.layer.count, "rounds": rounds}


def _alone(data: Dataset) -> None:
    """Change a value, and forget the sources: all is read and checked, what has not changed is linked."""
    edit(data, VALUES)
    index = data.service.published / snapshot.FOLDER / snapshot.INDEX
    entry = history.read(data.service.published).current
    if entry is None or not index.exists():
        raise RuntimeError("nothing is published")
    text = index.read_text()
    index.write_text(text.replace('"service": "', '"service": "other-'))
