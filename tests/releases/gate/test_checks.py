"""The list of checks as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from releases.gate import CHECKS, Rules, inspect
from releases.gate.checks import Survey
from releases.gate.scene import Scene
from releases.table import Candidate


def test_every_rule_belongs_to_one_check() -> None:
    rules = [rule for check in CHECKS for rule in check.rules]
    assert len(rules) == len(set(rules))
    assert all(check.title.zh != check.title.en for check in CHECKS)


def test_a_check_names_only_its_own_rules(bench: Any) -> None:
    shapes = [None, shapely.Point(1, 2), shapely.box(30, 104, 31, 105), shapely.box(104, 30, 105, 31)]
    shapes += [shapely.Polygon([(104, 30), (105, 31), (105, 30), (104, 31)])]
    rows = [
        {"CODE": None},
        {"CODE": "A"},
        {"CODE": "A"},
        {"NAME": None, "KIND": "x"},
        {"PLACE": "x", "NAME": "abcdefg"},
    ]
    table = bench.table(shapes, rows, authority=["west", "west", "west", "west", "east"])
    scene = Scene(Candidate((table,), (), {}), bench.service, Rules.of(bench.service.gate))
    for check in CHECKS:
        found = check.run(scene) if isinstance(check, Survey) else check.run(table, bench.service)
        assert {finding.rule for finding in found} <= set(check.rules)


def test_findings_do_not_depend_on_the_order_of_rows(bench: Any, square: Any) -> None:
    rng = np.random.default_rng(1)
    rows = [{"CODE": f"P{i:04}", "KIND": "x" if i % 7 == 0 else "farm"} for i in range(300)]
    table = bench.table([square] * 300, rows)
    expected = inspect(Candidate((table,), (), {}), bench.service)
    for _ in range(3):
        order = rng.permutation(300)
        shuffled = table.take(order)
        sorted_again = shuffled.take(np.argsort(shuffled.ids.astype(str)))
        assert inspect(Candidate((sorted_again,), (), {}), bench.service) == expected


def test_an_empty_table_has_no_fault(bench: Any) -> None:
    assert bench.findings([], []) == ()


def test_progress_is_told_from_nothing_to_all(bench: Any, square: Any) -> None:
    told: list[tuple[int, int]] = []
    candidate = Candidate((bench.table([square]),), (), {})
    inspect(candidate, bench.service, lambda stage, done, total: told.append((done, total)))
    assert told == [(done, len(CHECKS)) for done in range(len(CHECKS) + 1)]
