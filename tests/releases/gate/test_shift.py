"""Whole parts of a layer out of place: shifted as web maps are, or read in the wrong zone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releases import shifts

RULES = ("shift-gcj02", "shift-bd09")
UNDO: dict[str, Callable[[Any], Any]] = {"shift-gcj02": shifts.to_gcj02, "shift-bd09": shifts.to_bd09}


def cells(columns: int, rows: int, west: float = 104.0, size: float = 0.1, seed: int = 1) -> list[Any]:
    """Counties that share their edges, with crooked borders."""
    jitter = np.random.default_rng(seed).uniform(-0.3, 0.3, (columns * 4 + 1, rows * 4 + 1, 2)) * size / 4
    at = lambda i, j: np.round(  # noqa: E731
        [west + i * size / 4 + jitter[i, j, 0], 30 + j * size / 4 + jitter[i, j, 1]], 7
    )
    shapes = []
    for i in range(0, columns * 4, 4):
        for j in range(0, rows * 4, 4):
            south = [at(k, j) for k in range(i, i + 4)]
            east = [at(i + 4, k) for k in range(j, j + 4)]
            north = [at(k, j + 4) for k in range(i + 4, i, -1)]
            shapes.append(shapely.Polygon([*south, *east, *north, *(at(i, k) for k in range(j + 4, j, -1))]))
    return shapes


def moved(shapes: list[Any], shift: Callable[[Any], Any]) -> list[Any]:
    return [shapely.transform(shape, lambda xy: np.round(shift(xy), 7)) for shape in shapes]


def _ring(count: int) -> Any:
    """The places of a ring's vertices, which ends where it begins."""
    return np.arange(count) % (count - 1)


def by(metres: float, degrees: float) -> Callable[[Any], Any]:
    """Move so far in a direction."""
    step = metres * np.array([np.cos(np.radians(degrees)) / 96_486, np.sin(np.radians(degrees)) / 110_852])
    return lambda xy: xy + step


def test_a_layer_on_its_reference_is_not_shifted(plan: Any) -> None:
    plan.gate = {"reference": {"zones": "counties"}}
    plan.add("counties", cells(5, 5))
    plan.add("zones", cells(5, 5))
    assert plan.findings(*RULES) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_shifted_layer_is_told_with_the_distance_before_and_after(plan: Any, rule: str) -> None:
    plan.gate = {"reference": {"zones": "counties", "counties": "zones"}}
    plan.add("counties", cells(5, 5))
    plan.add("zones", moved(cells(5, 5), UNDO[rule]))
    # The reference, held against what is shifted, is not called shifted itself.
    (finding,) = plan.findings(*RULES)
    assert (finding.rule, finding.layer, finding.authority, finding.other_layer) == (
        rule,
        "zones",
        "west",
        "counties",
    )
    assert 100 < finding.measured < 1200
    assert f"{finding.measured:.0f} m, and 0.0 m" in finding.message.en
    assert rule.removeprefix("shift-").upper().replace("02", "-02").replace("09", "-09") in finding.message.zh


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("shifted", ["west", "east"])
def test_across_a_border_the_side_that_is_shifted_is_told_and_not_the_other(
    plan: Any, rule: str, shifted: str
) -> None:
    shapes = cells(4, 10)
    plan.borders = [{"layer": "counties", "between": ["west", "east"]}]
    sides = ["west"] * 20 + ["east"] * 20
    there = [
        moved([shape], UNDO[rule])[0] if side == shifted else shape for shape, side in zip(shapes, sides)
    ]
    plan.add("counties", shapes, authority=sides)
    assert plan.findings(*RULES) == []
    plan.add("counties", there, authority=sides)
    (finding,) = plan.findings(*RULES)
    assert (finding.rule, finding.authority) == (rule, shifted)


@pytest.mark.parametrize("rule", RULES)
def test_where_all_is_shifted_alike_only_the_release_before_can_tell(
    plan: Any, rule: str, tmp_path: Path
) -> None:
    plan.gate = {"reference": {"zones": "counties"}, "coverage": ["counties"]}
    plan.add("counties", cells(5, 5))
    plan.add("zones", cells(5, 5))
    before = plan.published(tmp_path / "one")
    assert plan.findings(*RULES, previous=before) == []
    for layer in ("counties", "zones"):
        plan.add(layer, moved(cells(5, 5), UNDO[rule]))
    assert plan.findings(*RULES) == []
    found = plan.findings(*RULES, previous=before)
    assert {(one.rule, one.layer) for one in found} == {(rule, "counties"), (rule, "zones")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.floats(0, 600), st.floats(0, 360), st.integers(2, 9), st.floats(0, 0.02))
def test_noise_and_a_shift_of_another_kind_are_no_web_maps(
    plan: Any, metres: float, degrees: float, seed: int, noise: float
) -> None:
    plan.gate = {"reference": {"zones": "counties"}}
    shapes = cells(4, 4)
    crooked = np.random.default_rng(seed)
    plan.add("counties", shapes)
    # GCJ-02 moves to the east-south-east here, so what goes another way is nothing that undoing it would mend.
    if 90 < degrees < 225:
        plan.add("zones", moved(shapes, by(metres, degrees)))
        assert plan.findings(*RULES) == []
    plan.add("zones", moved(shapes, lambda xy: xy + noise * crooked.uniform(-1, 1, xy.shape)[_ring(len(xy))]))
    assert plan.findings(*RULES) == []


@pytest.mark.parametrize(("limit", "count"), [(50.0, 1), (2000.0, 0)])
def test_how_much_must_be_gained_is_the_operators(plan: Any, limit: float, count: int) -> None:
    reason = {"zh": "粗", "en": "coarse"}
    rules = {rule: {"limit": limit, "reason": reason} for rule in RULES}
    plan.gate = {"reference": {"zones": "counties"}, "rules": rules}
    plan.add("counties", cells(5, 5))
    plan.add("zones", moved(cells(5, 5), shifts.to_gcj02))
    assert len(plan.findings(*RULES)) == count


def test_too_few_vertices_say_nothing(plan: Any) -> None:
    plan.gate = {"reference": {"zones": "counties"}}
    plan.add("counties", [shapely.box(104, 30, 105, 31)])
    plan.add("zones", moved([shapely.box(104, 30, 105, 31)], shifts.to_gcj02))
    assert plan.findings(*RULES) == []


# Zones


@pytest.mark.parametrize("degrees", [3.0, -3.0, 6.0, -6.0])
def test_features_that_lie_in_their_units_only_a_zone_away_were_read_in_the_wrong_one(
    plan: Any, degrees: float
) -> None:
    plan.gate = {"nest": [{"layer": "zones", "within": "counties", "by": "UNIT"}]}
    shapes, codes = cells(4, 4), [f"C{i:04}" for i in range(16)]
    plan.add("counties", shapes)
    plan.add("zones", shapes, codes)
    assert plan.findings("wrong-zone") == []
    away = [shapely.transform(shape, lambda xy: xy - np.array([degrees, 0])) for shape in shapes]
    plan.add("zones", away, codes)
    (finding,) = plan.findings("wrong-zone")
    assert (finding.layer, finding.authority) == ("zones", "west")
    assert f"100% would {degrees:+g} degrees" in finding.message.en
    plan.add("zones", moved(shapes, by(20_000, 45)), codes)
    assert plan.findings("wrong-zone") == []
