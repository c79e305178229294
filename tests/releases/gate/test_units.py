"""The gate on codes of administrative units: of their authority, after the one above, below one that exists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases.findings import Finding
from releases.gate import inspect
from releases.gate.units import significant
from releases.table import Candidate, Table


@pytest.fixture
def counties(bench: Any) -> Any:
    """Parcels whose PLACE is a code of units and whose ABOVE is that of the unit above."""
    bench.layer |= {"units": {"code": "PLACE", "parent": "ABOVE"}}
    bench.layer["fields"] = [
        {key: value for key, value in field.items() if key != "pattern"} for field in bench.layer["fields"]
    ]
    bench.field("ABOVE", "string")
    return bench


def found(bench: Any, *rows: dict[str, Any], **options: Any) -> list[Finding]:
    shapes = [shapely.box(104 + i / 10, 30, 104.05 + i / 10, 30.05) for i in range(len(rows))]
    return [one for one in bench.findings(shapes, rows, **options) if one.rule.startswith("code-")]


def test_a_code_begins_as_those_of_its_authority(counties: Any) -> None:
    counties.codes = {"west": ("51", "5002"), "east": ("50",)}
    rows = [{"PLACE": place} for place in ("510101", "500233", "500101", "500101", "510101")]
    authority = ["west", "west", "west", "east", "east"]
    findings = found(counties, *rows, authority=authority)
    assert [(one.rule, one.feature, one.field) for one in findings] == [
        ("code-authority", "P000002", "PLACE"),
        ("code-authority", "P000004", "PLACE"),
    ]
    assert "'500101'" in findings[0].message.en and "51 or 5002" in findings[0].message.en
    assert "51、5002" in findings[0].message.zh


def test_an_authority_without_codes_may_have_any(counties: Any) -> None:
    assert found(counties, {"PLACE": "990101"}, {"PLACE": None}) == []


@pytest.mark.parametrize(
    ("code", "above", "is_sound"),
    [
        ("510100", "510000", True),
        ("510104", "510100", True),
        ("510104", "510200", False),
        ("510104", "510000", True),  # a county directly below its province
        ("500100", "510000", False),
        ("500000", "500000", True),  # a municipality is its own prefecture
        ("510104001", "510104", True),
        ("510105001", "510104", False),
        ("510104001", "510100", True),
        ("511000", "511000", True),
        ("511002", "511000", True),
        ("511102", "511000", False),
        (None, "510000", True),
        ("510100", None, True),
    ],
)
def test_a_code_follows_from_the_one_above(
    counties: Any, code: str | None, above: str | None, is_sound: bool
) -> None:
    findings = found(counties, {"PLACE": code, "ABOVE": above})
    assert [one.rule for one in findings] == ([] if is_sound else ["code-parent"])


def test_what_was_expected_of_a_code_is_told(counties: Any) -> None:
    (finding,) = found(counties, {"PLACE": "500104", "ABOVE": "510100"})
    assert finding.message.en.endswith("expected to begin with 5101")
    assert finding.message.zh.endswith("应以 5101 开头")


digits = st.text("0123456789", min_size=2, max_size=2)


@given(st.lists(digits, min_size=1, max_size=3), digits)
def test_what_counts_of_a_code_is_all_but_the_zeros_that_mean_a_whole(levels: list[str], more: str) -> None:
    code = "".join(levels)
    whole = code.ljust(6, "0")
    assert whole.startswith(significant(whole)) and not significant(whole).endswith("00")
    assert whole == significant(whole).ljust(6, "0")
    assert (code + more).ljust(8, "0").startswith(significant(whole))


def below(bench: Any, *parents: str | None) -> tuple[Finding, ...]:
    """What is found of parcels with these parents, which are places of another layer: 510100 and 510200."""
    bench.layer |= {"units": {"code": "PLACE", "parent": "ABOVE", "layer": "places"}}
    rows = [{"PLACE": f"{(parent or '510100')[:4]}01", "ABOVE": parent} for parent in parents]
    shapes = [shapely.box(104 + i / 10, 30, 104.05 + i / 10, 30.05) for i in range(len(rows))]
    lower = bench.table(shapes, rows)
    upper: Table = bench.table(shapes[:2], [{"PLACE": "510100"}, {"PLACE": "510200"}])
    layer = upper.layer.model_copy(update={"id": "places"})
    candidate = Candidate((replace(upper, layer=layer), lower), (), {})
    return inspect(candidate, bench.service)


def test_a_unit_above_must_be_there(counties: Any) -> None:
    (finding,) = below(counties, "510100", "510300", None)
    assert (finding.rule, finding.feature, finding.field) == ("code-orphan", "P000001", "ABOVE")
    assert finding.other_layer == "places" and "'510300'" in finding.message.en
    assert below(counties, "510100", "510200") == ()


def test_units_are_not_orphans_of_a_layer_that_could_not_be_read(counties: Any) -> None:
    counties.layer |= {"units": {"code": "PLACE", "parent": "ABOVE", "layer": "places"}}
    assert found(counties, {"PLACE": "510101", "ABOVE": "510100"}) == []


def test_a_million_sound_codes_are_asked_as_few(counties: Any) -> None:
    counties.codes = {"west": ("51",)}
    table = counties.table([shapely.box(104, 30, 104.1, 30.1)], [{"PLACE": "510101", "ABOVE": "510100"}])
    many = table.take(np.zeros(50_000, dtype=np.int64))
    from releases.gate.units import units

    assert list(units(many, counties.service)) == []
