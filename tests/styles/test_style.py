"""The style as clients get it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Field, Generalise, Layer, Service, Text, Zoom
from styles import names
from styles import style as shared

Render = Callable[..., dict[str, Any]]
SYNTHETIC = ("stbhhx", "yjjbnt", "czkfbj", "ghfq")


def of(style: Mapping[str, Any], layer: str) -> list[dict[str, Any]]:
    return [one for one in style["layers"] if one.get("metadata", {}).get("blueprint:layer") == layer]


def texts(style: Mapping[str, Any]) -> list[str]:
    return [
        json.dumps(one["layout"]["text-field"], ensure_ascii=False)
        for one in style["layers"]
        if "text-field" in one.get("layout", {})
    ]


def test_the_source_holds_no_address(root: Path) -> None:
    assert "://" not in (root / "styles" / "blueprint.json").read_text("utf-8")


def test_a_rendered_style_has_the_addresses_it_was_given_and_no_other(render: Render) -> None:
    style = render()
    assert style["sources"]["blueprint"]["url"] == "http://here/tiles"
    assert (style["glyphs"], style["sprite"]) == (
        "http://here/fonts/{fontstack}/{range}.pbf",
        "http://here/sprite",
    )
    assert set(re.findall(r"https?://[^/\"]+", json.dumps(style))) == {"http://here"}


def test_every_layer_is_drawn_and_every_style_layer_says_whose_it_is(
    render: Render, service: Service
) -> None:
    style = render()
    owners = {one["metadata"]["blueprint:layer"] for one in style["layers"] if one["type"] != "background"}
    assert owners == {layer.id for layer in service.layers}
    for one in style["layers"]:
        if one["type"] != "background":
            visible = one.get("layout", {}).get("visibility", "visible") == "visible"
            assert one["metadata"]["blueprint:default"] is visible


def test_labels_are_chinese_by_default_and_english_when_asked(render: Render) -> None:
    chinese, english = texts(render("zh")), texts(render("en"))
    assert len(chinese) == len(english)
    assert any("生态保护红线" in text for text in chinese)
    assert all("_EN" not in text for text in chinese)
    allowed = re.compile("合成 Synthetic")
    assert not [text for text in english if re.search(r"[\u4e00-\u9fff]", allowed.sub("", text))]
    assert any("XZQMC_EN" in text for text in english)
    assert render("zh")["name"].startswith("成渝") and render("en")["name"].startswith("Blueprint")


@pytest.mark.parametrize("layer", SYNTHETIC)
@pytest.mark.parametrize("zoom", range(15))
def test_synthetic_data_are_hatched_and_lettered_at_every_zoom_where_they_are_drawn(
    render: Render, service: Service, layer: str, zoom: int
) -> None:
    drawn = [one for one in of(render(), layer) if one.get("minzoom", 0) <= zoom < one.get("maxzoom", 24)]
    assert bool(drawn) is (zoom >= service.layer(layer).zoom.min)
    if drawn:
        assert any(one.get("paint", {}).get("fill-pattern", "").startswith("synthetic") for one in drawn)
        assert any("合成 Synthetic" in str(one.get("layout", {}).get("text-field")) for one in drawn)


@pytest.mark.parametrize("layer", SYNTHETIC)
def test_real_data_in_the_same_layer_bear_no_mark(render: Render, layer: str) -> None:
    assert "ynthetic" not in json.dumps(of(render(**{layer: "real"}), layer))


def test_made_up_boundaries_are_marked_though_real_ones_are_not(render: Render) -> None:
    assert "synthetic" in json.dumps(of(render(xzq_county="synthetic"), "xzq_county"))
    assert "synthetic" not in json.dumps(of(render(xzq_county="real"), "xzq_county"))


@pytest.mark.parametrize("nature, dashed", [("schematic", True), ("real", False)])
def test_schematic_lines_of_projects_are_dashed_and_surveyed_ones_are_not(
    render: Render, nature: str, dashed: bool
) -> None:
    lines = [
        one
        for one in of(render(major_projects=nature), "major_projects")
        if "line-color" in one.get("paint", {})
    ]
    assert any("line-dasharray" in one["paint"] for one in lines) is dashed


def test_no_style_layer_begins_below_the_zoom_of_its_tiles(render: Render, service: Service) -> None:
    for one in render()["layers"]:
        if one["type"] != "background":
            assert one.get("minzoom", 0) >= service.layer(one["metadata"]["blueprint:layer"]).zoom.min


def test_style_layers_without_their_layer_are_left_out(render: Render, service: Service) -> None:
    layers = [
        SimpleNamespace(layer=layer, nature=layer.nature)
        for layer in service.layers
        if layer.id in ("xzq_county", "places")
    ]
    style = render(layers=layers)
    assert {one["metadata"]["blueprint:layer"] for one in style["layers"][1:]} == {"xzq_county", "places"}


@pytest.mark.parametrize(
    "geometry, kinds",
    [
        ("Point", {"circle"}),
        ("MultiPoint", {"circle"}),
        ("MultiLineString", {"line"}),
        ("MultiPolygon", {"fill", "line"}),
        ("Geometry", {"fill", "line", "circle"}),
    ],
)
def test_a_layer_that_the_style_does_not_know_gets_a_plain_look(
    render: Render, service: Service, geometry: str, kinds: set[str]
) -> None:
    style = render(layers=[SimpleNamespace(layer=stranger(service, geometry), nature="real")])
    drawn = of(style, "wells")
    assert {one["type"] for one in drawn} - {"symbol"} == kinds
    (label,) = [one for one in drawn if one["type"] == "symbol"]
    assert label["layout"]["text-field"] == ["get", "MC"]


def test_a_plain_look_marks_synthetic_data_and_dashes_schematic_lines(
    render: Render, service: Service
) -> None:
    areas = SimpleNamespace(layer=stranger(service, "MultiPolygon"), nature="synthetic")
    assert any(
        one.get("paint", {}).get("fill-pattern") == "synthetic" for one in of(render(layers=[areas]), "wells")
    )
    lines = SimpleNamespace(layer=stranger(service, "MultiLineString"), nature="schematic")
    assert any("line-dasharray" in one["paint"] for one in of(render(layers=[lines]), "wells"))


def stranger(service: Service, geometry: str) -> Layer:
    title = Text(zh="水井", en="Wells")
    fields = (
        Field(name="BH", type="string", role="id", title=title),
        Field(name="MC", type="string", role="title", title=title),
    )
    known = service.layer("places").model_dump() | {
        "id": "wells",
        "geometry": geometry,
        "fields": fields,
        "zoom": Zoom(min=3, max=9),
        "generalise": Generalise(rule="none"),
    }
    return Layer.model_validate(known)


class Rows:
    """Features of a layer, as a table of a release has them."""

    def __init__(self, layer: Layer, rows: list[tuple[Any, dict[str, Any]]]) -> None:
        self.layer = layer
        self.geometry = np.empty(len(rows), dtype=object)
        self.geometry[:] = [geometry for geometry, _ in rows]
        self.values = {}
        for name in rows[0][1]:
            self.values[name] = np.empty(len(rows), dtype=object)
            self.values[name][:] = [values[name] for _, values in rows]


def test_an_area_is_named_once_inside_its_largest_part(
    source: Mapping[str, Any], render: Render, service: Service
) -> None:
    ring = shapely.box(104, 30, 105, 31).difference(shapely.box(104.1, 30.1, 104.9, 30.9))
    areas = [
        (
            shapely.MultiPolygon([shapely.box(100, 30, 100.1, 30.1), ring]),
            {"XZQMC": "环县", "XZQMC_EN": "Ring", "MJ": 1.0},
        ),
        (None, {"XZQMC": "无县", "XZQMC_EN": None, "MJ": None}),
    ]
    style = names.with_names(source, [Rows(service.layer("xzq_county"), areas)])
    (point,) = style["sources"]["names"]["data"]["features"]
    assert shapely.Point(point["geometry"]["coordinates"]).within(ring)
    assert point["properties"] == {"blueprint:layer": "xzq_county", "XZQMC": "环县", "XZQMC_EN": "Ring"}


def test_names_come_from_points_when_a_release_has_them_and_from_tiles_when_not(
    source: Mapping[str, Any],
    render: Render,
    published: Callable[..., list[SimpleNamespace]],
    service: Service,
) -> None:
    rows = Rows(service.layer("xzq_county"), [(shapely.box(104, 30, 105, 31), {"XZQMC": "甲县"})])
    addresses = {"tilejson_url": "t", "glyphs_url": "g", "sprite_url": "s"}
    style = shared.render(names.with_names(source, [rows]), lang="zh", **addresses, layers=published())
    (label,) = [one for one in of(style, "xzq_county") if one["type"] == "symbol"]
    assert label["source"] == "names" and "source-layer" not in label
    assert label["filter"] == ["==", ["get", "blueprint:layer"], "xzq_county"]
    (label,) = [one for one in of(render(), "xzq_county") if one["type"] == "symbol"]
    assert (label["source"], label["source-layer"]) == ("blueprint", "xzq_county")


def validator(root: Path) -> list[str] | None:
    """MapLibre's own validator, by the Node.js of the machine or the one that set-up fetched."""
    script = root / "node_modules" / "@maplibre" / "maplibre-gl-style-spec" / "dist" / "gl-style-validate.mjs"
    node = shutil.which("node") or shutil.which("node", path=str(root / ".tools" / "node" / "bin"))
    return [node, str(script)] if node and script.is_file() else None


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("named", [True, False], ids=["names as points", "names from tiles"])
def test_maplibres_own_validator_has_nothing_to_say(
    lang: str,
    named: bool,
    root: Path,
    tmp_path: Path,
    need: Callable[[bool, str], None],
    source: Mapping[str, Any],
    published: Callable[..., list[SimpleNamespace]],
    service: Service,
) -> None:
    command = validator(root)
    need(command is not None, "MapLibre's style validator (Node.js and @maplibre/maplibre-gl-style-spec)")
    assert command
    rows = Rows(service.layer("xzq_county"), [(shapely.box(104, 30, 105, 31), {"XZQMC": "甲县"})])
    style = names.with_names(source, [rows]) if named else source
    addresses = {
        "tilejson_url": "http://h/t",
        "glyphs_url": "http://h/{fontstack}/{range}.pbf",
        "sprite_url": "http://h/s",
    }
    file = tmp_path / "style.json"
    file.write_text(json.dumps(shared.render(style, lang=lang, **addresses, layers=published())), "utf-8")
    said = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_validator_would_say_what_is_wrong(
    root: Path, tmp_path: Path, need: Callable[[bool, str], None], render: Render
) -> None:
    command = validator(root)
    need(command is not None, "MapLibre's style validator (Node.js and @maplibre/maplibre-gl-style-spec)")
    assert command
    style = render()
    style["layers"][1]["paint"]["fill-color"] = "nonsense"
    (tmp_path / "style.json").write_text(json.dumps(style), "utf-8")
    said = subprocess.run(
        [*command, str(tmp_path / "style.json")], capture_output=True, text=True, timeout=60
    )
    assert said.returncode != 0 and "nonsense" in said.stdout + said.stderr
