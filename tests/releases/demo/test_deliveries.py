"""What the demo hands over: three authorities' files, with the names, encodings and CRSs of each."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
import yaml

from config.models import Layer, Service, Source
from releases.demo import build
from releases.demo.lattice import GREAT_RING

SYNTHETIC = ("ghfq", "yjjbnt", "stbhhx", "czkfbj")


def sources(service: Service) -> list[tuple[Layer, Source]]:
    return [(layer, source) for layer in service.layers for source in layer.sources]


def read(service: Service, layer: str, authority: str) -> tuple[Any, dict[str, Any]]:
    """Geometry in degrees on the grid, and columns under our names, as an independent reader sees them."""
    source = next(s for s in service.layer(layer).sources if s.authority == authority)
    meta, _, geometry, columns = pyogrio.raw.read(
        service.data / source.path, layer=source.table, encoding=source.encoding, datetime_as_string=True
    )
    shapes = shapely.from_wkb(geometry)
    if source.crs == "EPSG:4524":
        back = pyproj.Transformer.from_crs("EPSG:4524", "EPSG:4490", always_xy=True)
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))
    shapes = shapely.transform(shapes, lambda xy: np.rint(xy * 1e7) / 1e7)
    return shapes, {source.aliases.get(name, name): column for name, column in zip(meta["fields"], columns)}


def both(service: Service, layer: str) -> tuple[Any, dict[str, Any]]:
    """The same of both provinces together."""
    one, other = read(service, layer, "sichuan"), read(service, layer, "chongqing")
    return np.concatenate([one[0], other[0]]), {k: np.concatenate([one[1][k], other[1][k]]) for k in one[1]}


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_source_has_rows_under_the_names_that_its_aliases_say(demo: Service) -> None:
    for layer, source in sources(demo):
        about = pyogrio.read_info(demo.data / source.path, layer=source.table, encoding=source.encoding)
        theirs = {ours: name for name, ours in source.aliases.items()}
        assert list(about["fields"]) == [theirs.get(field.name, field.name) for field in layer.fields], (
            layer.id
        )
        assert about["features"] > 0, layer.id


def test_chongqings_shapefiles_are_gbk_in_gauss_krueger_with_short_names(demo: Service) -> None:
    shapefiles = [source for _, source in sources(demo) if source.path.endswith(".shp")]
    assert len(shapefiles) == 8
    for source in shapefiles:
        path = demo.data / source.path
        about = pyogrio.read_info(path)
        assert path.with_suffix(".cpg").read_text() == "GBK"
        assert about["crs"] == "EPSG:4524"
        assert all(len(name) <= 10 for name in about["fields"])
        assert 36_000_000 < about["total_bounds"][0] < 37_000_000
    counties = (demo.data / "chongqing/XZQ_XJ.dbf").read_bytes()
    assert "渝中区".encode("gbk") in counties and "渝中区".encode() not in counties


def test_sichuans_geopackage_is_utf_8_in_degrees_of_cgcs2000(demo: Service) -> None:
    path = demo.data / "sichuan/sichuan.gpkg"
    assert pyogrio.read_info(path, layer="XZQ_XJ")["crs"] == "EPSG:4490"
    assert "武侯区".encode() in path.read_bytes()


@pytest.mark.parametrize("layer", ["xzq_province", "xzq_prefecture", "xzq_county", "ghfq"])
def test_both_provinces_together_are_one_valid_coverage(demo: Service, layer: str) -> None:
    polygons, _ = both(demo, layer)
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)


def test_the_provincial_border_is_one_line(demo: Service) -> None:
    (sichuan,), (chongqing,) = (
        read(demo, "xzq_province", "sichuan")[0],
        read(demo, "xzq_province", "chongqing")[0],
    )
    lines, _ = read(demo, "xzqjx", "joint")
    border = shapely.union_all(lines)
    assert border.length > 5
    for province in (sichuan, chongqing):
        assert shapely.difference(border, province.boundary).is_empty
    assert shapely.intersection(sichuan, chongqing).area == 0


def test_each_boundary_comes_once_over_all_authorities(demo: Service) -> None:
    ids = [i for who in ("sichuan", "chongqing", "joint") for i in read(demo, "xzqjx", who)[1]["JXBH"]]
    assert len(set(ids)) == len(ids) > 600
    lines = np.concatenate([read(demo, "xzqjx", who)[0] for who in ("sichuan", "chongqing", "joint")])
    assert shapely.union_all(lines).length == pytest.approx(shapely.length(lines).sum(), rel=1e-9)


def test_zones_nest_in_their_counties_and_fill_the_circle(demo: Service) -> None:
    zones, values = both(demo, "ghfq")
    counties, about = both(demo, "xzq_county")
    county = dict(zip(about["XZQDM"], counties))
    for code in np.unique(values["XZQDM"]):
        mine = zones[values["XZQDM"] == code]
        # Where a cell's edge cuts the border the crossing is rounded: up to a centimetre beside the line.
        assert shapely.contains_properly(county[code].buffer(3e-7), mine).all(), code
        assert shapely.area(mine).sum() == pytest.approx(county[code].area, rel=1e-6)
    inside = {code for code, part in zip(about["XZQDM"], about["IN_CIRCLE"]) if part != "none"}
    assert set(values["XZQDM"]) == inside


def test_control_lines_are_the_zones_of_their_class_and_never_overlap(demo: Service) -> None:
    zones, values = both(demo, "ghfq")
    lines = {layer: both(demo, layer)[0] for layer in ("stbhhx", "czkfbj", "yjjbnt")}
    for layer, codes in (("stbhhx", ["100"]), ("czkfbj", ["410", "420", "430"]), ("yjjbnt", ["300"])):
        union = shapely.coverage_union_all(zones[np.isin(values["GHFQDM"], codes)])
        assert union.area == pytest.approx(shapely.area(lines[layer]).sum(), rel=1e-9), layer
        assert shapely.difference(union, shapely.union_all(lines[layer])).area < 1e-9, layer
    assert shapely.coverage_is_valid(np.concatenate(list(lines.values())))


def test_the_areas_of_the_control_lines_come_near_the_plans_targets(demo: Service) -> None:
    total = both(demo, "ghfq")[1]["MJ"].sum()
    assert total / 1e6 == pytest.approx(189_000, rel=0.01)
    for layer, target in (("yjjbnt", 42_190), ("stbhhx", 15_800), ("czkfbj", 8_000)):
        column = "YJJBNTTBMJ" if layer == "yjjbnt" else "MJ"
        share = both(demo, layer)[1][column].sum() / total
        # 2,000 cells of 95 km² are coarse: towns above all.
        assert share == pytest.approx(target / 185_000, rel=0.2), layer


def test_one_polygon_has_more_than_35_000_vertices_and_its_neighbours_share_them(demo: Service) -> None:
    zones, values = both(demo, "ghfq")
    great = int(np.argmax(shapely.get_num_coordinates(zones)))
    assert shapely.get_num_coordinates(zones[great]) > GREAT_RING
    assert values["GHFQDM"][great] == "100"
    near = shapely.STRtree(zones).query(zones[great], predicate="touches")
    assert shapely.coverage_is_valid(zones[np.append(near, great)])


def test_every_made_up_row_is_marked(demo: Service) -> None:
    for layer in SYNTHETIC:
        _, values = both(demo, layer)
        assert set(values["SYNTH"]) == {1} and set(values["YSDM"]) == {"9999999999"}, layer
        assert all(code.startswith("9") and len(code) == 18 for code in values["BSM"]), layer
        assert len(set(values["BSM"])) == len(values["BSM"]), layer


def test_null_geometries_mixed_kinds_arrays_holes_and_namesakes_are_in_it(demo: Service) -> None:
    assert shapely.is_missing(read(demo, "rail_stations", "joint")[0]).all()
    assert shapely.is_missing(read(demo, "airports", "joint")[0]).sum() == 1
    assert shapely.is_missing(both(demo, "townships")[0]).mean() == pytest.approx(0.75, abs=0.02)
    projects = json.loads((demo.data / "joint/major_projects.geojson").read_text("utf-8"))["features"]
    kinds = Counter((feature["geometry"] or {"type": None})["type"] for feature in projects)
    assert set(kinds) == {"LineString", "MultiPoint", "Point", None}
    assert isinstance(projects[0]["properties"]["XZQDMS"], list)
    redlines, _ = both(demo, "stbhhx")
    assert (shapely.get_num_interior_rings(shapely.get_parts(redlines)) > 0).any()
    names = Counter(both(demo, "xzq_county")[1]["XZQMC"])
    assert names["市中区"] == 2


def test_abolished_counties_name_what_replaced_them(demo: Service) -> None:
    _, values = read(demo, "xzq_county", "chongqing")
    ended = {
        code: (str(day), new)
        for code, day, new in zip(values["XZQDM"], values["VALID_TO"], values["REPLACED"])
        if new
    }
    assert ended == {"500105": ("2025-11-06", "500157"), "500112": ("2025-11-06", "500157")}


def test_the_notes_say_how_real_each_layer_is(demo: Service) -> None:
    for authority in demo.authorities:
        note = yaml.safe_load((demo.data / str(authority.delivery)).read_text("utf-8"))
        assert note["authority"] == authority.id
        assert set(note["layers"]) == {
            layer.id for layer, source in sources(demo) if source.authority == authority.id
        }
        for layer, about in note["layers"].items():
            assert (about["nature"] == "synthetic") >= (layer in SYNTHETIC)
            if layer in SYNTHETIC:
                assert "不是规划成果" in about["note"]["zh"]


def other(service: Service, folder: Path) -> Service:
    """The same configuration with its data and an empty cache elsewhere."""
    return service.model_copy(update={"data": folder / "data", "cache": folder / "cache"})


@pytest.fixture(scope="module")
def offline(demo: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A demo built with neither cache nor network."""
    service = other(demo, tmp_path_factory.mktemp("offline"))
    report = build(service, zones=2_000, offline=True)
    assert report.boundaries == "synthetic" and report.reason
    return service


def test_without_a_network_every_layer_is_there_and_the_notes_say_that_the_boundaries_are_not_real(
    offline: Service,
) -> None:
    for layer, source in sources(offline):
        assert pyogrio.read_info(offline.data / source.path, layer=source.table)["features"] > 0, layer.id
    note = yaml.safe_load((offline.data / "sichuan/delivery.yml").read_text("utf-8"))
    for layer in ("xzq_county", "xzqjx", "ghfq"):
        assert note["layers"][layer]["nature"] == "synthetic"
        assert "不是真实行政区界线" in note["layers"][layer]["note"]["zh"]
        assert note["layers"][layer]["licence"]["id"] == "CC-BY-4.0"
    assert "note" not in note["layers"]["townships"]
    for layer in ("xzq_province", "xzq_county", "ghfq"):
        polygons, _ = both(offline, layer)
        assert shapely.is_valid(polygons).all() and shapely.coverage_is_valid(polygons), layer


def test_two_builds_give_the_same_bytes_and_leave_other_files_alone(offline: Service) -> None:
    before = digests(offline.data)
    stranger = offline.data / "sichuan" / "stranger.txt"
    stranger.write_text("not of the demo")
    seen: list[tuple[str, int, int]] = []
    build(offline, zones=2_000, offline=True, progress=lambda *step: seen.append(step))
    assert stranger.read_text() == "not of the demo"
    stranger.unlink()
    assert digests(offline.data) == before
    assert {stage for stage, _, _ in seen} == {"boundaries", "layers", "zones"}
    assert all(0 <= done <= total for _, done, total in seen)


def test_another_seed_changes_the_zones_and_nothing_else(offline: Service, tmp_path: Path) -> None:
    service = other(offline, tmp_path)
    build(service, zones=2_000, seed=7, offline=True)
    one, two = digests(offline.data), digests(service.data)
    changed = {name for name in one if one[name] != two[name]}
    assert {"sichuan/sichuan.gpkg", "chongqing/GHFQ.shp", "chongqing/STBHHX.shp"} <= changed
    assert not [name for name in changed if "XZ" in name or name.startswith("joint")]


@pytest.mark.parametrize("zones", [0, 1_999, 2_000_001])
def test_a_number_of_zones_out_of_range_is_refused(demo: Service, zones: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected 2000 to 2000000"):
        build(other(demo, tmp_path), zones=zones)


def test_portions_of_rows_come_to_the_same_file_as_all_at_once(
    offline: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "releases.demo.writing.BATCH", 5_000
    )  # more than the townships, which go into GeoJSON
    service = other(offline, tmp_path)
    build(service, zones=2_000, offline=True)
    for layer in SYNTHETIC:
        assert len(both(service, layer)[0]) == len(both(offline, layer)[0])
    assert digests(service.data)["chongqing/GHFQ.shp"] == digests(offline.data)["chongqing/GHFQ.shp"]
