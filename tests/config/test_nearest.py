"""The name that was likely meant, and the CRSs that are known without asking."""

from __future__ import annotations

import pyproj
import pytest

from config.nearest import known_keys, nearest
from config.reference import USUAL, is_known


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
