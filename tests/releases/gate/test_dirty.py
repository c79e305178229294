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
from releases.demo.dirty import planted
from releases.publication import check


@pytest.fixture(scope="session")
def scores(dirty_demo: Path, published: Service) -> dict[str, Score]:
    """Each rule's score over all cases; the release before is the clean demo, as it is published for all tests."""
    total: defaultdict[str, Score] = defaultdict(Score)
    for case in json.loads((dirty_demo / planted.NAME).read_text("utf-8"))["cases"]:
        before = {"BLUEPRINT_PUBLISHED": str(published.published)} if case["before"] else {}
        service = config.load(dirty_demo / case["service"], before)
        for rule, one in score(planted.read(dirty_demo / case["id"]), check(service)).items():
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
