"""Fields of a source that have other names, several origins, or no place in the layer."""

from __future__ import annotations

from typing import Any

import pytest


def refusals(office: Any, **source: Any) -> list[tuple[str, str | None]]:
    return [(f.rule, f.field) for f in office.read(source)[1] if f.severity == "refuse"]


def test_an_unknown_field_is_refused_with_the_nearest_name(office: Any) -> None:
    office.write("lakes.gpkg", rename={"DEPTH": "DEPHT"})
    finding = office.refusal(path="lakes.gpkg")
    assert (finding.rule, finding.field) == ("unknown-field", "DEPHT")
    assert "did you mean DEPTH?" in finding.message.en


def test_a_name_in_other_letters_is_another_name(office: Any) -> None:
    office.write("lakes.gpkg", rename={"DEPTH": "depth"})
    assert "did you mean DEPTH?" in office.refusal(path="lakes.gpkg").message.en


def test_a_missing_mandatory_field_is_refused_with_the_nearest_name(office: Any) -> None:
    office.write("lakes.gpkg", rename={"NAME": "NAM"})
    _, findings = office.read({"path": "lakes.gpkg"})
    missing = next(finding for finding in findings if finding.rule == "missing-field")
    assert missing.field == "NAME"
    assert "did you mean NAM?" in missing.message.en


def test_a_missing_optional_field_is_all_null_and_noted(office: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        del row["DEPTH"]
    office.write("lakes.gpkg", rows)
    (finding,) = office.read({"path": "lakes.gpkg"})[1]
    assert (finding.rule, finding.severity, finding.field) == ("field-absent", "note", "DEPTH")
    assert office.table({"path": "lakes.gpkg"}).values["DEPTH"].tolist() == [None] * 3


def test_an_alias_leads_to_our_name_and_ours_still_works(office: Any) -> None:
    office.write("lakes.gpkg", rename={"NAME": "MC"})
    aliases = {"MC": "NAME", "SD": "DEPTH"}
    assert office.table({"path": "lakes.gpkg", "aliases": aliases}).values["NAME"].tolist()[1] == "Salt Lake"


def test_two_fields_for_one_of_ours_are_refused(office: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        row["MC"] = row["NAME"]
    office.write("lakes.gpkg", rows)
    assert refusals(office, path="lakes.gpkg", aliases={"MC": "NAME"}) == [("ambiguous-field", "NAME")]


@pytest.mark.parametrize(("field", "value"), [("SALT", True), ("NAMES", ["a", "b"]), ("DEPTH", 4)])
def test_a_constant_fills_a_field_that_is_not_delivered(
    office: Any, rows: list[dict[str, Any]], field: str, value: Any
) -> None:
    for row in rows:
        del row[field]
    office.write("lakes.gpkg", rows)
    assert (
        office.table({"path": "lakes.gpkg", "constants": {field: value}}).values[field].tolist()
        == [value] * 3
    )


def test_a_constant_beside_a_delivered_field_is_refused(office: Any) -> None:
    office.write("lakes.gpkg")
    assert refusals(office, path="lakes.gpkg", constants={"DEPTH": 1}) == [("ambiguous-field", "DEPTH")]


def test_a_constant_of_another_type_is_a_fault_of_every_row(office: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        del row["DEPTH"]
    office.write("lakes.gpkg", rows)
    assert refusals(office, path="lakes.gpkg", constants={"DEPTH": "deep"}) == [("value-type", "DEPTH")] * 3


def test_the_id_of_a_geojson_feature_is_no_property(office: Any, tmp_path: Any) -> None:
    path = office.write_geojson("lakes.geojson", (None, {"CODE": "L1", "NAME": "湖"}))
    path.write_text(path.read_text().replace('"type": "Feature",', '"type": "Feature", "id": "x",'))
    assert office.table({"path": "lakes.geojson"}).ids.tolist() == ["L1"]
    office.write_geojson("lakes.geojson", (None, {"CODE": "L1", "NAME": "湖", "id": "x"}))
    assert refusals(office, path="lakes.geojson") == [("unknown-field", "id")]


def test_a_text_that_looks_like_a_date_stays_the_text_it_is(office: Any) -> None:
    office.write_geojson("lakes.geojson", (None, {"CODE": "2024/05/01", "NAME": "20240501"}))
    table = office.table({"path": "lakes.geojson"})
    assert table.ids.tolist() == ["2024/05/01"]
    assert table.values["NAME"].tolist() == ["20240501"]
