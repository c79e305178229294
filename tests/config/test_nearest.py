"""The name that was likely meant, and the CRSs that are known without asking."""

from __future__ import annotations

import pyproj
import pytest

from config.nearest import known_keys, nearest
from config.reference import USUAL, is_known, unfit
from config.values import Box


@pytest.mark.parametrize(
    "name, known, expected",
    [
        ("tilez", ("title", "tiles"), "tiles"),
        ("xzqdm", ("XZQMC", "XZQDM"), "XZQDM"),
        ("generalize", ("generalise", "geometry"), "generalise"),
        ("x", ("title", "tiles"), None),
        ("", ("title",), None),
        ("title", (), None),
        ("jxlxx", ("jxxz", "jxlx"), "jxlx"),
    ],
)
def test_the_nearest_name(name: str, known: tuple[str, ...], expected: str | None) -> None:
    assert nearest(name, known) == expected


def test_of_equally_near_names_the_first_is_taken() -> None:
    assert nearest("laker", ("laked", "lakes")) == "laked"


def test_the_keys_of_any_place_are_known() -> None:
    assert known_keys(("layers", 3, "zoom")) == ("min", "max")
    assert known_keys(("codelists", 2, "codes", 0, "title")) == ("zh", "en")
    assert known_keys(("layers", 0, "licence")) == ("title", "url", "id")
    assert "authorities" in known_keys(())


def test_a_mapping_whose_keys_are_free_has_no_known_keys() -> None:
    assert known_keys(("layers", 0, "sources", 0, "aliases")) == ()
    assert known_keys(("nothing", "of", "this")) == ()


def test_the_usual_systems_are_what_pyproj_knows_as_horizontal() -> None:
    for name in sorted(USUAL):
        crs = pyproj.CRS.from_user_input(name)
        assert (crs.is_geographic or crs.is_projected) and len(crs.axis_info) == 2, name
        if name not in ("EPSG:4326", "EPSG:3857", "OGC:CRS84"):
            assert "2000" in crs.name, crs.name


@pytest.mark.parametrize("name", ["EPSG:32648", "EPSG:4214", "EPSG:2361"])
def test_another_system_that_exists_is_known(name: str) -> None:
    assert is_known(name)


@pytest.mark.parametrize("name", ["EPSG:9999", "EPSG:4479", "EPSG:4979", "EPSG:5737"])
def test_a_system_that_does_not_exist_or_is_not_horizontal_is_not(name: str) -> None:
    assert not is_known(name)


SICHUAN, GUINEA, HOLLAND = (97.2, 25.9, 110.3, 34.4), (1.0, -3.0, 4.0, 0.0), (3.5, 50.5, 7.2, 53.5)


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("EPSG:4523", SICHUAN),
        ("EPSG:4554", SICHUAN),
        ("EPSG:32648", SICHUAN),
        ("EPSG:3857", GUINEA),
        ("EPSG:32631", GUINEA),
        ("EPSG:28992", HOLLAND),
        ("ESRI:102012", SICHUAN),
    ],
)
def test_a_system_that_shows_the_whole_region_will_do(name: str, region: Box) -> None:
    assert unfit(name, region) is None


@pytest.mark.parametrize(
    ("name", "region", "told"),
    [
        ("EPSG:9999", SICHUAN, "no CRS"),
        ("NOBODY:1", SICHUAN, "no CRS"),
        ("EPSG:5773", SICHUAN, "a vertical CRS"),
        ("EPSG:7405", SICHUAN, "a compound CRS"),
        ("EPSG:4979", SICHUAN, "a CRS of three dimensions"),
        ("OGC:CRS84h", SICHUAN, "a CRS of three dimensions"),
        ("EPSG:4978", SICHUAN, "a geocentric CRS"),
        ("EPSG:5800", SICHUAN, "an engineering CRS"),
        ("OGC:AnsiDate", SICHUAN, "a temporal CRS"),
        ("EPSG:4523", GUINEA, "cannot show the whole region"),
        ("EPSG:32648", GUINEA, "cannot show the whole region"),
        # Beijing 1954 is some 100 m off, and nothing but a null step is known: silently wrong otherwise.
        ("EPSG:4214", SICHUAN, "no datum transformation"),
        ("EPSG:28992", SICHUAN, "no datum transformation"),
        ("IAU_2015:30100", SICHUAN, "no datum transformation"),
    ],
)
def test_a_system_that_cannot_show_the_region_is_told_with_the_reason(
    name: str, region: Box, told: str
) -> None:
    found = unfit(name, region)
    assert found is not None
    assert told in found[0].en and name in found[0].zh


def test_what_is_taken_for_granted_in_one_region_is_so_in_the_smallest_that_is_not() -> None:
    around = (72.9, 2.9, 136.1, 54.1)
    assert {name: unfit(name, around) for name in sorted(USUAL)} == dict.fromkeys(sorted(USUAL))
