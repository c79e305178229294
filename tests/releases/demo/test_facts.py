"""The committed tables agree with each other and with the plan's figures, and the notice names them all."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import shapely

from releases.demo import facts
from releases.demo.facts import DATA

COUNTIES = {unit.code for unit in facts.units("county")}


def test_there_are_two_provinces_22_prefectures_and_221_counties_of_which_142_belong_to_the_circle() -> None:
    assert [len(facts.units(level)) for level in ("province", "prefecture", "county")] == [2, 22, 221]
    assert Counter(unit.in_circle for unit in facts.units("county")) == {
        "full": 140,
        "partial": 2,
        "none": 79,
    }
    assert Counter(unit.province for unit in facts.units("county")) == {"500000": 38, "510000": 183}


def test_every_county_has_its_parents_and_a_seat() -> None:
    prefectures = {unit.code for unit in facts.units("prefecture")}
    for unit in facts.units("county"):
        assert unit.prefecture in prefectures and unit.seat is not None


@pytest.mark.parametrize(
    "table, key", [("places", "gid"), ("townships", "code"), ("airports", "iata"), ("stations", "telecode")]
)
def test_the_keys_of_a_table_are_unique_and_its_counties_exist(table: str, key: str) -> None:
    rows = facts.table(table)
    assert len({row[key] for row in rows}) == len(rows)
    assert {row["county"] for row in rows} - {""} <= COUNTIES


@pytest.mark.parametrize("table", ["projects", "platforms", "structure"])
def test_the_members_that_were_written_down_by_hand_exist(table: str) -> None:
    airports = {row["iata"] for row in facts.table("airports")}
    for row in facts.table(table):
        assert set(row["members"].split()) <= (airports if row.get("shape") == "airport" else COUNTIES), row


def test_townships_refer_to_places_that_lie_in_their_county() -> None:
    places = {row["gid"]: row["county"] for row in facts.table("places")}
    located = [row for row in facts.table("townships") if row["gid"]]
    assert len(located) > 1000
    assert all(places[row["gid"]] == row["county"] for row in located)


def test_the_stand_in_is_a_coverage_of_all_counties() -> None:
    found = facts.features("stand_in")
    assert {properties["code"] for _, properties in found} == COUNTIES
    polygons = np.array([polygon for polygon, _ in found], dtype=object)
    assert shapely.is_valid(polygons).all() and shapely.coverage_is_valid(polygons)


def test_all_names_can_be_written_in_gbk() -> None:
    for unit in facts.units("county"):
        if unit.code.startswith("50"):
            unit.name.encode("gbk")


def test_the_notice_names_every_committed_file_and_they_are_small() -> None:
    notice = (DATA / "NOTICE.md").read_text("utf-8")
    files = [path for path in DATA.iterdir() if path.name != "NOTICE.md"]
    assert not [path.name for path in files if f"`{path.name}`" not in notice]
    assert sum(path.stat().st_size for path in files) < 1_500_000
