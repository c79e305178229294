"""The gate on the dirty demo: every rule finds what was planted, all of it and nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

import config
from bench.gate.score import Score, score
from config.models import Service
from config.rules import RULES
from releases.demo import dirty
from releases.demo.dirty import planted
from releases.publication import check

SEED, FAULTS = 20352035, 160


@pytest.fixture(scope="session")
def scores(published: Service, tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Score]:
    """Each rule's score over all cases; the release before is the clean demo, as it is published for all tests."""
    out = tmp_path_factory.mktemp("dirty") / "demo"
    dirty.build(root / "config" / "service.yml", published, out, SEED, zones=2000, faults=FAULTS)
    total: defaultdict[str, Score] = defaultdict(Score)
    for case in json.loads((out / planted.NAME).read_text("utf-8"))["cases"]:
        before = {"BLUEPRINT_PUBLISHED": str(published.published)} if case["before"] else {}
        service = config.load(out / case["service"], before)
        for rule, one in score(planted.read(out / case["id"]), check(service)).items():
            total[rule] += one
    return dict(total)


@pytest.mark.parametrize("rule", RULES)
def test_what_was_planted_is_found_and_nothing_else(scores: dict[str, Score], rule: str) -> None:
    one = scores[rule]
    assert one.planted > one.consequences, "nothing was planted"
    assert (one.missed, [str(finding) for finding in one.false]) == ([], [])
    assert (one.recall, one.precision) == (1.0, 1.0)


def test_no_rule_is_found_that_the_table_does_not_have(scores: dict[str, Score]) -> None:
    assert scores.keys() == RULES.keys()
