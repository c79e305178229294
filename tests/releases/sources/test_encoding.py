"""Text in another encoding than declared is a finding and never other text."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest


def write(
    office: Any, rows: list[dict[str, Any]], names: list[str], encoding: str, *, label: bool = False
) -> Path:
    """Three lakes of these names in a shapefile, by default without the .cpg that tells the encoding."""
    for row, name in zip(rows, names):
        row["NAME"] = name
    path = Path(office.write("lakes.shp", rows, encoding=encoding))
    if not label:
        path.with_suffix(".cpg").unlink()
    return path


def test_gbk_declared_as_gbk_is_read_character_for_character(office: Any, rows: list[dict[str, Any]]) -> None:
    names = ["镜湖—·～…", "長壽湖", "A"]
    write(office, rows, names, "GBK")
    table = office.table({"path": "lakes.shp", "encoding": "GBK"})
    assert sorted(table.values["NAME"].tolist()) == sorted(names)


def test_gbk_declared_as_utf_8_is_a_finding(office: Any, rows: list[dict[str, Any]]) -> None:
    write(office, rows, ["镜湖", "长寿湖", "A"], "GBK")
    finding = office.refusal(path="lakes.shp", encoding="UTF-8")
    assert finding.rule == "encoding"
    assert "NAME" in finding.message.en and "row" in finding.message.en


@pytest.mark.parametrize("names", [["镜湖", "双湖", "A"], ["长寿湖", "镜湖", "A"]], ids=["even", "odd"])
def test_utf_8_declared_as_gbk_is_a_finding_even_where_it_could_be_decoded(
    office: Any, rows: list[dict[str, Any]], names: list[str]
) -> None:
    write(office, rows, names, "UTF-8")
    assert office.refusal(path="lakes.shp", encoding="GBK").rule == "encoding"


@pytest.mark.parametrize(("written", "declared"), [("GBK", "UTF-8"), ("UTF-8", "GBK")])
def test_a_label_that_contradicts_the_declaration_is_a_finding(
    office: Any, rows: list[dict[str, Any]], written: str, declared: str
) -> None:
    write(office, rows, ["A", "B", "C"], written, label=True)
    finding = office.refusal(path="lakes.shp", encoding=declared)
    assert finding.rule == "encoding"
    assert written in finding.message.en


@pytest.mark.parametrize("label", ["936", "CP936", "gb18030", "GB2312", "no such thing"])
def test_a_label_that_means_the_same_or_nothing_is_no_fault(
    office: Any, rows: list[dict[str, Any]], label: str
) -> None:
    write(office, rows, ["镜湖", "B", "C"], "GBK").with_suffix(".cpg").write_text(label)
    assert len(office.table({"path": "lakes.shp", "encoding": "GBK"})) == 3


def test_a_name_of_a_field_in_another_encoding_is_a_finding(office: Any, rows: list[dict[str, Any]]) -> None:
    path = office.write("lakes.shp", rows, encoding="GBK", rename={"NAME": "名称"})
    path.with_suffix(".cpg").unlink()
    finding = office.refusal(path="lakes.shp", encoding="UTF-8", aliases={"名称": "NAME"})
    assert finding.rule == "encoding"


def test_geojson_in_gbk_is_a_finding(office: Any, tmp_path: Path) -> None:
    path = office.write_geojson("lakes.geojson", (None, {"CODE": "L1", "NAME": "镜湖"}))
    path.write_bytes(path.read_text().encode("gbk"))
    assert office.refusal(path="lakes.geojson").rule == "encoding"


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.geojson", "lakes.fgb"])
def test_declaring_gbk_for_a_format_of_utf_8_is_a_finding(office: Any, name: str) -> None:
    office.write(name)
    assert office.refusal(path=name, encoding="GBK").rule == "encoding"


def test_text_of_a_geopackage_that_is_not_utf_8_is_a_finding(office: Any) -> None:
    path = office.write("lakes.gpkg", shapes=[None] * 3)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE lakes SET NAME = CAST(? AS TEXT) WHERE CODE = 'L3'", ("镜湖".encode("gbk"),)
        )
    connection.close()
    assert office.refusal(path="lakes.gpkg").rule == "encoding"
