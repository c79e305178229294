"""How findings are held against what was planted, where a mistake would praise or blame the gate for nothing."""

from __future__ import annotations

import shapely

from bench.gate import report, watch
from bench.gate.score import score
from config.models import Text
from config.rules import RULES
from releases.demo.dirty.planted import Party, Planted
from releases.findings import Finding

TEXT = Text(zh="错", en="wrong")
HERE = (104.0, 30.0)


def planted(rule: str, *parties: Party, number: int = 1, **more: object) -> Planted:
    return Planted(number, rule, parties, TEXT, **more)  # type: ignore[arg-type]


def finding(rule: str, **more: object) -> Finding:
    return Finding(rule, TEXT, **more)  # type: ignore[arg-type]


def test_a_feature_is_found_by_its_id_and_without_one_by_its_row() -> None:
    faults = [
        planted("pattern", Party("west", "zones", "A", 7)),
        planted("missing-id", Party("west", "zones", None, 8), number=2),
    ]
    told = [
        finding("pattern", authority="west", layer="zones", feature="A", row=1),
        finding("missing-id", authority="west", layer="zones", row=8),
    ]
    found = score(faults, told)
    assert [(one.found, one.matched, one.false) for one in found.values()] == [(1, 1, []), (1, 1, [])]


def test_the_same_feature_of_another_authority_layer_or_rule_is_not_it() -> None:
    fault = planted("pattern", Party("west", "zones", "A", 7))
    strange = [
        finding("pattern", authority="east", layer="zones", feature="A", row=7),
        finding("pattern", authority="west", layer="towns", feature="A", row=7),
        finding("pattern", authority="west", layer="zones", feature="B", row=9),
        finding("max-length", authority="west", layer="zones", feature="A", row=7),
    ]
    found = score([fault], strange)
    assert (found["pattern"].recall, found["pattern"].precision) == (0.0, 0.0)
    assert (found["pattern"].missed, found["pattern"].false) == ([fault], strange[:3])
    assert found["max-length"].false == strange[3:]


def test_of_two_features_with_one_fault_either_may_be_named() -> None:
    fault = planted("overlap", Party("west", "zones", "A", 1), Party("west", "zones", "B", 2))
    for name in ("A", "B"):
        assert score([fault], [finding("overlap", authority="west", layer="zones", feature=name)])[
            "overlap"
        ].found


def test_a_gap_is_found_by_its_place_within_a_distance() -> None:
    hole = shapely.Point(HERE).buffer(0.001)
    fault = planted("gap", Party("west", "zones", "A", 1), shape=hole)
    near, far = (HERE[0] + 0.0013, HERE[1]), (HERE[0] + 0.003, HERE[1])
    assert score([fault], [finding("gap", layer="zones", place=near)])["gap"].precision == 1.0
    assert score([fault], [finding("gap", layer="zones", place=far)])["gap"].false
    assert score([fault], [finding("gap", layer="towns", place=near)])["gap"].false


def test_a_fault_of_a_whole_source_is_found_by_its_field_if_it_has_one() -> None:
    faults = [
        planted("unknown-field", Party("west", "zones"), field="A"),
        planted("crs-missing", Party("west", "zones"), number=2),
    ]
    told = [
        finding("unknown-field", authority="west", layer="zones", field="B"),
        finding("crs-missing", authority="west", layer="zones"),
    ]
    found = score(faults, told)
    assert (found["unknown-field"].found, len(found["unknown-field"].false)) == (0, 1)
    assert (found["crs-missing"].found, found["crs-missing"].false) == (1, [])


def test_findings_that_stand_for_many_count_as_many() -> None:
    faults = [planted("style", Party(None, "zones"))]
    found = score(faults, [finding("style", layer="zones", count=3)])["style"]
    assert (found.found, found.matched, found.precision) == (1, 3, 1.0)


def test_every_rule_has_a_check_whose_seconds_are_its_own() -> None:
    checks = {rule: watch.check_of(rule) for rule in RULES}
    assert checks["overlap"] not in (watch.READING, watch.REST)
    assert checks["crs-other"] == watch.READING and checks["style"] == watch.REST


def test_the_watch_gives_each_stage_the_time_until_the_next() -> None:
    clock = watch.Watch()
    overlap = watch.check_of("overlap")
    for stage in ("ghfq (sichuan)", "", f"{overlap}: ghfq", overlap, ""):
        clock(stage, 0, 1)
    assert list(clock.stop()) == [watch.READING, overlap, watch.REST]


def test_the_section_says_what_is_reached_and_what_is_missed() -> None:
    about = {"commit": "abc", "at": "2026-01-01T00:00Z", "load": 0.1, "seconds": 1.0}
    row = {
        "rule": "gap",
        "planted": 2,
        "consequences": 0,
        "found": 2,
        "false": 1,
        "seconds": 0.5,
        "check": "gaps",
    }
    size = {
        "zones": 1_000_000,
        "checks": {"gaps": 3.0},
        "whole": 200.0,
        "memory": 3e9,
        "findings": 0,
        "about": about,
    }
    dirty = {"zones": 2000, "seed": 1, "cases": [{}], "rows": [row], "about": about}
    text = report.text({"dirty": dirty, "size-1000000": size})
    assert "| 1.0 | 1.0000 reached |" in text and "| 1.0 | 0.6667 **missed** |" in text
    assert "200 s **missed**" in text and "3.0 GB reached" in text
    assert "| `gap` | 2 | 0 | 2 | 1 | 0.50 | gaps |" in text
