"""The gate against the release before: what is gone, what means another thing, what has jumped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod

from releases.store import ReleaseDamaged

RULES = ("layer-vanished", "lost-features", "id-reused", "area-jump", "previous-unreadable")
GEOD = Geod(ellps="GRS80")


def boxes(count: int, size: float = 0.01) -> list[Any]:
    return [on_grid(shapely.box(104 + i / 50, 30, 104 + i / 50 + size, 30 + size)) for i in range(count)]


def on_grid(shape: Any) -> Any:
    """A shape as a reader leaves it, so that its published text is itself."""
    return shapely.transform(shape, lambda xy: np.round(xy, 7))


def test_nothing_is_told_before_the_first_release_and_when_nothing_changed(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", boxes(20))
    assert plan.findings(*RULES) == []
    assert plan.findings(*RULES, previous=plan.published(tmp_path / "one")) == []


def test_small_changes_and_new_features_are_nobodys_fault(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", boxes(20))
    before = plan.published(tmp_path / "one")
    moved = [*boxes(20)[:-1], shapely.box(104.381, 30, 104.3925, 30.01), *boxes(22)[20:]]
    plan.add("zones", moved, names=["新名"] * 22)
    plan.add("towns", boxes(3))
    assert plan.findings(*RULES, previous=before) == []


def test_a_layer_that_is_configured_no_more_has_vanished(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", boxes(3))
    plan.add("towns", boxes(4))
    before = plan.published(tmp_path / "one")
    del plan.tables["towns"]
    (finding,) = plan.findings(*RULES, previous=before)
    assert (finding.rule, finding.layer) == ("layer-vanished", "towns")
    assert "4 features" in finding.message.en


@pytest.mark.parametrize(("gone", "count"), [(1, 0), (2, 1), (5, 1)])
def test_features_lost_in_bulk_are_told_from_the_limit_on(
    plan: Any, tmp_path: Path, gone: int, count: int
) -> None:
    plan.add("zones", boxes(20))
    before = plan.published(tmp_path / "one")
    plan.add("zones", boxes(20 - gone))
    found = plan.findings(*RULES, previous=before)
    assert [(one.rule, one.authority, one.measured) for one in found] == [
        ("lost-features", "west", gone / 20)
    ] * count


def test_losses_are_told_of_the_authority_that_has_them(plan: Any, tmp_path: Path) -> None:
    who = ["west"] * 40 + ["east"] * 10
    ids = [f"Z{i:04}" for i in range(50)]
    plan.add("zones", boxes(50), ids=ids, authority=who)
    before = plan.published(tmp_path / "one")
    plan.add("zones", boxes(47), ids=ids[:47], authority=who[:47])
    (finding,) = plan.findings(*RULES, previous=before)
    assert (finding.authority, finding.measured) == ("east", 0.3)
    plan.unread = {"zones"}
    assert plan.findings(*RULES, previous=before) == []


def test_as_many_features_by_other_ids_are_lost_as_well(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", boxes(20))
    before = plan.published(tmp_path / "one")
    plan.add("zones", boxes(20), ids=[f"Z{i:04}" for i in range(5, 25)])
    found = plan.findings("lost-features", previous=before)
    assert [(one.authority, one.measured) for one in found] == [(None, 0.25)]


@pytest.mark.parametrize(("share", "count"), [(1.0, 0), (0.51, 0), (0.49, 1), (1.49, 0), (1.51, 1)])
def test_an_area_that_jumps_is_told_from_the_limit_on(
    plan: Any, tmp_path: Path, share: float, count: int
) -> None:
    plan.add("zones", boxes(3))
    before = plan.published(tmp_path / "one")
    grown = shapely.box(104, 30, 104 + 0.01 * share, 30.01)
    plan.add("zones", [grown, *boxes(3)[1:]])
    found = plan.findings(*RULES, previous=before)
    assert [(one.rule, one.feature) for one in found] == [("area-jump", "Z0000")] * count
    for one in found:
        old, new = (abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in (boxes(1)[0], grown))
        assert one.measured == pytest.approx(abs(new - old) / old, rel=1e-6)


@pytest.mark.parametrize(("metres", "rules"), [(0, []), (90, []), (110, ["id-reused"])])
def test_a_polygon_a_way_off_from_all_it_was_is_another(
    plan: Any, tmp_path: Path, metres: float, rules: list[str]
) -> None:
    plan.add("zones", boxes(2))
    before = plan.published(tmp_path / "one")
    off = 0.01 + metres / 96_486
    plan.add("zones", [shapely.box(104 - off, 30, 104 - off + 0.01, 30.01), boxes(2)[1]])
    found = plan.findings(*RULES, previous=before)
    assert [one.rule for one in found] == rules
    for one in found:
        assert one.measured == pytest.approx(metres, rel=1e-3) and one.field == "ID"


def test_two_that_exchanged_their_ids_are_both_told_and_not_their_areas(plan: Any, tmp_path: Path) -> None:
    shapes = [boxes(1)[0], shapely.box(105, 30, 105.1, 30.1)]
    plan.add("zones", shapes)
    before = plan.published(tmp_path / "one")
    plan.add("zones", shapes[::-1])
    found = plan.findings(*RULES, previous=before)
    assert [(one.rule, one.feature) for one in found] == [("id-reused", "Z0000"), ("id-reused", "Z0001")]


@pytest.mark.parametrize(("name", "metres", "told"), [("旧", 5000, 0), ("新", 50, 0), ("新", 5000, 1)])
def test_a_point_elsewhere_is_another_only_under_another_name(
    plan: Any, tmp_path: Path, name: str, metres: float, told: int
) -> None:
    plan.add("posts", [shapely.Point(104, 30)], names=["旧"])
    before = plan.published(tmp_path / "one")
    plan.add("posts", [shapely.Point(104 + metres / 96_486, 30)], names=[name])
    assert len(plan.findings(*RULES, previous=before)) == told


def test_geometries_that_cannot_be_compared_are_left_to_their_own_checks(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", [*boxes(4), None])
    before = plan.published(tmp_path / "one")
    bow_tie = shapely.Polygon([(108, 30), (109, 31), (109, 30), (108, 31)])
    nowhere = shapely.MultiPoint([(104, 30), (np.nan, 30)])
    plan.add("zones", [None, shapely.MultiPolygon(), bow_tie, nowhere, boxes(1)[0]])
    assert plan.findings(*RULES, previous=before) == []


def test_a_release_before_that_is_damaged_is_a_note_and_no_end(plan: Any, tmp_path: Path) -> None:
    plan.add("zones", boxes(3))
    before = plan.published(tmp_path / "one")
    damaged = ReleaseDamaged(tmp_path, "a file is missing")
    (finding,) = plan.findings(*RULES, previous=damaged)
    assert finding.rule == "previous-unreadable" and "a file is missing" in finding.message.en
    (leaves,) = (tmp_path / "one").rglob("zones.tree")
    leaves.chmod(0o644)
    leaves.write_bytes(bytes(leaves.stat().st_size))
    plan.add("zones", boxes(2))
    (finding,) = plan.findings(*RULES, previous=before)
    assert finding.rule == "previous-unreadable"
