"""A file that cannot be read is one finding that names it, whatever GDAL makes of it; never a traceback."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely

from releases.findings import refused
from releases.gate import inspect
from releases.sources import read

MANY = [shapely.box(106, 29, 106.1, 29.1)] * 500


@pytest.fixture(autouse=True)
def nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> Any:
    """GDAL likes to print; whatever it has to say must be in a finding."""
    yield
    assert capfd.readouterr() == ("", "")


def many(office: Any, name: str) -> Path:
    rows = [{"CODE": f"L{number}", "NAME": "湖"} for number in range(len(MANY))]
    return Path(office.write(name, rows, MANY))


def cut(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def test_a_missing_file_is_named_with_the_nearest_one(office: Any) -> None:
    office.write("lakes.gpkg")
    finding = office.refusal(path="lake.gpkg")
    assert finding.rule == "source-missing"
    assert "lakes.gpkg" in finding.message.en and "lakes.gpkg" in finding.message.zh


def test_a_file_in_a_missing_folder_is_missing(office: Any) -> None:
    assert office.refusal(path="nowhere/lakes.gpkg").rule == "source-missing"


def test_a_folder_in_the_place_of_a_file_is_unreadable(office: Any, tmp_path: Path) -> None:
    (tmp_path / "lakes.gpkg").mkdir()
    assert office.refusal(path="lakes.gpkg").rule == "source-unreadable"


def test_a_file_without_permission_is_unreadable(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    office.write("lakes.gpkg")
    service = office.service({"path": "lakes.gpkg"})
    monkeypatch.setattr(Path, "open", denied)  # since root, who runs tests in containers, may read everything
    (finding,) = read(service)[1]
    assert finding.rule == "source-unreadable"
    assert os.strerror(errno.EACCES) in finding.message.en


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.fgb", "lakes.geojson", "lakes.shp"])
@pytest.mark.parametrize("content", [b"", b"nothing of the kind " * 50], ids=["empty", "foreign"])
def test_a_file_of_another_content_is_unreadable(
    office: Any, tmp_path: Path, name: str, content: bytes
) -> None:
    many(office, name)
    (tmp_path / name).write_bytes(content)
    assert office.refusal(path=name).rule == "source-unreadable"


def test_a_file_of_another_format_than_its_name_says_is_refused(office: Any, tmp_path: Path) -> None:
    office.write("lakes.fgb").rename(tmp_path / "lakes.shp")
    shutil.copy(tmp_path / "lakes.shp", tmp_path / "lakes.gpkg")
    office.write("other.shp")
    assert office.refusal(path="lakes.shp").rule == "source-incomplete"
    assert office.refusal(path="lakes.gpkg").rule == "source-unreadable"
    assert office.refusal(path="other.shp", format="flatgeobuf").rule == "source-format"


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.fgb", "lakes.geojson"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_a_truncated_file_is_refused_and_not_read_in_part(office: Any, name: str, share: float) -> None:
    cut(many(office, name), share)
    assert office.refusal(path=name).rule in {"source-unreadable", "source-truncated"}


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.99])
def test_a_truncated_part_of_a_shapefile_is_refused(office: Any, part: str, share: float) -> None:
    cut(many(office, "lakes.shp").with_suffix(part), share)
    finding = office.refusal(path="lakes.shp")
    assert finding.rule in {"source-unreadable", "source-truncated"}
    assert f"lakes{part}" in finding.message.en


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_is_incomplete(office: Any, part: str) -> None:
    office.write("lakes.shp").with_suffix(part).unlink()
    finding = office.refusal(path="lakes.shp")
    assert finding.rule == "source-incomplete"
    assert part in finding.message.en


def test_a_shapefile_whose_parts_disagree_is_refused(office: Any, tmp_path: Path) -> None:
    many(office, "many.shp")
    office.write("lakes.shp")
    shutil.copy(tmp_path / "many.dbf", tmp_path / "lakes.dbf")
    assert office.refusal(path="lakes.shp").rule == "source-truncated"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_archive_is_refused(office: Any, tmp_path: Path, share: float) -> None:
    many(office, "lakes.gpkg")
    with zipfile.ZipFile(tmp_path / "lakes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "lakes.gpkg", "lakes.gpkg")
    cut(tmp_path / "lakes.zip", share)
    assert office.refusal(path="lakes.zip").rule == "source-archive"


def test_an_archive_with_a_damaged_member_is_refused(office: Any, tmp_path: Path) -> None:
    many(office, "lakes.gpkg")
    with zipfile.ZipFile(tmp_path / "lakes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "lakes.gpkg", "lakes.gpkg")
    data = bytearray((tmp_path / "lakes.zip").read_bytes())
    data[500] ^= 0xFF
    (tmp_path / "lakes.zip").write_bytes(data)
    assert office.refusal(path="lakes.zip").rule == "source-archive"


def test_an_archive_of_nothing_is_refused(office: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lakes.zip", "w") as archive:
        archive.writestr("readme.txt", "later")
    assert office.refusal(path="lakes.zip").rule == "source-archive"


def test_a_damaged_page_of_a_geopackage_is_found(office: Any) -> None:
    path = many(office, "lakes.gpkg")
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'lakes'").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 200] = bytes(200)
    path.write_bytes(data)
    assert office.refusal(path="lakes.gpkg").rule == "source-unreadable"


def test_a_header_that_claims_any_number_of_features_takes_no_memory(office: Any) -> None:
    path = many(office, "lakes.fgb")
    data = path.read_bytes()
    claimed = struct.pack("<Q", len(MANY))
    assert data[:1000].count(claimed) == 1
    path.write_bytes(data.replace(claimed, struct.pack("<Q", 2**40), 1))
    assert office.refusal(path="lakes.fgb").rule == "source-unreadable"


def test_a_missing_table_is_named_with_the_nearest_one(office: Any) -> None:
    office.write("water.gpkg", table="lakes")
    finding = office.refusal(path="water.gpkg", table="LAKE")
    assert finding.rule == "table-missing"
    assert "did you mean lakes?" in finding.message.en


def test_a_geopackage_of_several_tables_needs_the_name_of_one(office: Any) -> None:
    office.write("water.gpkg", table="lakes")
    office.write("water.gpkg", table="ponds", append=True)
    finding = office.refusal(path="water.gpkg")
    assert finding.rule == "table-missing"
    assert "lakes, ponds" in finding.message.en


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.shp", "lakes.fgb"])
def test_an_empty_layer_is_refused(office: Any, name: str) -> None:
    office.write(name, [], [])
    rules = {finding.rule for finding in office.read({"path": name})[1]}
    assert "empty-layer" in rules


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "FeatureCollection"}',
        '{"type": "Topology", "features": [1]}',
        "[]",
        "7",
        '{"features": [{}]}',
    ],
)
def test_json_that_is_no_feature_collection_is_unreadable(office: Any, tmp_path: Path, content: str) -> None:
    (tmp_path / "lakes.geojson").write_text(content)
    assert office.refusal(path="lakes.geojson").rule == "source-unreadable"


def test_nan_is_no_json(office: Any, tmp_path: Path) -> None:
    path = office.write_geojson("lakes.geojson", ({"type": "Point", "coordinates": [float("nan"), 1]}, {}))
    assert "NaN" in path.read_text()
    assert office.refusal(path="lakes.geojson").rule == "source-unreadable"


def test_one_bad_source_does_not_hide_the_others(office: Any) -> None:
    office.write("lakes.gpkg")
    candidate, findings = office.read({"path": "lakes.gpkg"}, {"path": "none.gpkg", "authority": "south"})
    assert len(candidate.tables[0]) == 3
    assert [(finding.rule, finding.authority) for finding in findings] == [("source-missing", "south")]


def test_a_finding_names_no_folder_of_this_machine(office: Any, tmp_path: Path) -> None:
    (tmp_path / "lakes.gpkg").write_bytes(b"no")
    finding = office.refusal(path="lakes.gpkg")
    assert str(tmp_path) not in finding.message.en + finding.message.zh


@pytest.mark.parametrize("name", ["lakes.gpkg", "lakes.fgb", "lakes.geojson", "lakes.shp"])
@pytest.mark.parametrize("seed", range(40))
def test_whatever_byte_is_wrong_there_is_a_table_or_a_finding(
    office: Any, tmp_path: Path, name: str, seed: int
) -> None:
    rng = random.Random(seed)
    office.write(name)
    part = rng.choice(sorted(path for path in tmp_path.iterdir()))
    data = bytearray(part.read_bytes())
    for _ in range(rng.choice([1, 2, 8])):
        data[rng.randrange(min(len(data), rng.choice([200, len(data)])))] = rng.choice(
            [0, 255, rng.randrange(256)]
        )
    part.write_bytes(data)
    service = office.service({"path": name})
    candidate, findings = read(service)
    assert candidate.tables or refused(findings)
    inspect(candidate, service)
