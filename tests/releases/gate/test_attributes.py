"""The gate on attributes: ids, mandatory values, codes, the form of texts."""

from __future__ import annotations

from typing import Any

import pytest
import shapely


def squares(count: int) -> list[Any]:
    """Parcels without fault, none like another."""
    return [shapely.box(104 + i / 1000, 30, 104.0005 + i / 1000, 30.001) for i in range(count)]


def two(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"CODE": "A", **first}, {"CODE": "B", **second}]


def test_sound_parcels_pass(bench: Any) -> None:
    assert bench.findings(squares(2)) == ()


def test_an_id_used_twice_names_both_authorities(bench: Any) -> None:
    findings = bench.findings(squares(2), [{"CODE": "A"}] * 2, authority=["east", "west"])
    finding = next(finding for finding in findings if finding.rule == "duplicate-id")
    assert (finding.feature, finding.authority, finding.row) == ("A", "west", 2)
    assert "row 1 of east" in finding.message.en and "east 第 1 行" in finding.message.zh


def test_each_use_of_an_id_after_the_first_is_a_finding(bench: Any) -> None:
    assert bench.rules(squares(3), [{"CODE": "A"}] * 3) == [("duplicate-id", "A")] * 2


def test_a_feature_without_an_id_is_a_finding_that_names_its_row(bench: Any) -> None:
    (finding,) = bench.findings(squares(2), two({}, {"CODE": None}))
    assert (finding.rule, finding.feature, finding.row, finding.field) == ("missing-id", None, 2, "CODE")


def test_two_ids_with_one_number_in_tiles_are_a_finding(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from releases.gate import identity

    def one_number(ids: Any) -> Any:
        return np.ones(len(ids), dtype=np.uint64)  # real digests would have to be searched for years

    monkeypatch.setattr(identity, "tile_ids", one_number)
    assert bench.rules(squares(2), two({}, {})) == [("tile-id", "B")]


def test_a_mandatory_field_must_have_a_value(bench: Any) -> None:
    (finding,) = bench.findings(squares(2), two({}, {"NAME": None}))
    assert (finding.rule, finding.feature, finding.field) == ("mandatory", "B", "NAME")
    assert "name（中文）" in finding.message.zh


def test_an_optional_field_may_be_null(bench: Any, square: Any) -> None:
    assert bench.rules([square], [{"KIND": None, "KINDS": None, "PLACE": None}]) == []


@pytest.mark.parametrize(("field", "value"), [("KIND", "woood"), ("KINDS", ["farm", "woood"])])
def test_a_value_outside_the_code_list_is_named_with_the_nearest_code(
    bench: Any, field: str, value: Any
) -> None:
    (finding,) = bench.findings(squares(2), two({}, {field: value}))
    assert (finding.rule, finding.feature, finding.field) == ("code-list", "B", field)
    assert "woood" in finding.message.en and "expected e.g. wood" in finding.message.en


def test_a_code_list_of_numbers_holds_for_an_integer_field(bench: Any, square: Any) -> None:
    fields = [
        {**field, "type": "integer"} if field["name"] == "KIND" else field for field in bench.layer["fields"]
    ]
    bench.layer |= {"fields": fields}
    assert bench.rules([square], [{"KIND": 7}]) == [("code-list", "P000000")]


@pytest.mark.parametrize("place", ["51010", "5101011", "51010x", "510101\n", "", "a510101"])
def test_a_pattern_must_match_the_whole_text(bench: Any, square: Any, place: str) -> None:
    assert bench.rules([square], [{"PLACE": place}]) == [("pattern", "P000000")]


def test_a_length_is_counted_in_characters_and_not_in_bytes(bench: Any) -> None:
    assert bench.rules(squares(2), two({"NAME": "四个汉字"}, {"NAME": "五个汉字了"})) == [("max-length", "B")]


@pytest.mark.parametrize("name", ["\ufffd湖", "a\x00b", "\x7f"])
def test_the_remains_of_a_lost_encoding_are_a_finding(bench: Any, square: Any, name: str) -> None:
    assert bench.rules([square], [{"NAME": name}]) == [("damaged-text", "P000000")]


def test_a_fault_of_many_is_listed_in_part_and_counted_in_full(bench: Any) -> None:
    rows = [{"NAME": None, "KIND": "x"}] * 1999 + [{"KIND": None}]
    findings = bench.findings(squares(2000), rows)
    for rule in ("mandatory", "code-list"):
        of_rule = [finding for finding in findings if finding.rule == rule]
        assert len(of_rule) == 1001
        assert sum(finding.count for finding in of_rule) == 1999
        assert of_rule[-1].count == 999 and of_rule[-1].feature is None
        assert "999" in of_rule[-1].message.en and "999" in of_rule[-1].message.zh


def test_a_fault_of_one_authority_is_not_hidden_by_another_with_many(bench: Any) -> None:
    authority = ["east"] * 99 + ["west"]
    findings = bench.findings(squares(100), [{"PLACE": "x"}] * 100, authority=authority)
    assert {f.authority for f in findings if f.rule == "pattern"} == {"east", "west"}


def test_a_fault_of_one_field_is_not_hidden_by_another_with_many(bench: Any) -> None:
    findings = bench.findings(squares(100), [{"KIND": "x"}] * 99 + [{"KINDS": ["y"]}])
    assert {finding.field for finding in findings} == {"KIND", "KINDS"}
