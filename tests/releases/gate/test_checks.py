"""The list of checks as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from releases.gate import CHECKS, Rules, inspect
from releases.gate.checks import Survey
from releases.gate.scene import Scene
from releases.table import Candidate
from tiles.featureid import tile_id


def test_every_rule_belongs_to_one_check() -> None:
    rules = [rule for check in CHECKS for rule in check.rules]
    assert len(rules) == len(set(rules))
    assert all(check.title.zh != check.title.en for check in CHECKS)


#: Shape and values of parcels that are wrong in some way each; together in every way that a table by itself can be.
FAULTY: list[tuple[Any, dict[str, Any]]] = [
    (None, {"CODE": None}),
    (shapely.MultiPolygon(), {"CODE": "A"}),
    (shapely.Point(1, 2), {"CODE": "A"}),
    (shapely.box(30, 104, 31, 105), {"NAME": None, "KIND": "x"}),
    (shapely.Polygon([(104, 30), (105, 31), (105, 30), (104, 31)]), {"PLACE": "x", "NAME": "abcdefg"}),
    (shapely.from_wkt("POLYGON ((104 30, 105 30, inf 31, 104 30))"), {"NAME": "\ufffd"}),
    (
        shapely.box(105, 30, 105.1, 30.1),
        {"CODE": "B", "COUNT": 2**53, "SINCE": "2024-02-01", "UNTIL": "2024-01-01"},
    ),
    (shapely.box(105, 30, 105.1, 30.1), {"CODE": str(tile_id("B")), "ABOVE": "510200", "AREA": 1.0}),
    (shapely.box(106, 30, 106.1, 30.000001), {"PLACE": "500101"}),
    (shapely.box(107, 30, 107.00001, 30.00001), {}),
    (shapely.Polygon([(108, 30), (108.1, 30), (108.1, 30), (108.1, 30.0005)]), {}),
]


def test_a_check_finds_what_it_names_and_nothing_else(bench: Any) -> None:
    bench.codes = {"west": ("51",)}
    bench.layer |= {"validity": ["SINCE", "UNTIL"], "units": {"code": "PLACE", "parent": "ABOVE"}}
    for name, kind in {"COUNT": "integer", "SINCE": "date", "UNTIL": "date", "ABOVE": "string"}.items():
        bench.field(name, kind)
    bench.field("AREA", "number", unit="m2", measure="area")
    shapes, rows = zip(*FAULTY)
    table = bench.table(shapes, rows)
    scene = Scene(Candidate((table,), (), {}), bench.service, Rules.of(bench.service.gate))
    for check in CHECKS:
        if isinstance(check, Survey):
            assert {finding.rule for finding in check.run(scene)} <= set(check.rules)
        else:
            assert {finding.rule for finding in check.run(table, bench.service)} == set(check.rules)


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
