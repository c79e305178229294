"""The check of style against data: clean on ours, and telling about each way of being wrong."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from config.models import Service
from styles.check import check

Style = dict[str, Any]
#: The codes of planning zones that an urban growth boundary may have.
OCCURRING = {("czkfbj", "GHFQDM"): {"410", "420", "430"}}


def layer(style: Style, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in style["layers"] if one["id"] == name)
    return found


def test_the_style_fits_the_configured_layers(source: Style, service: Service) -> None:
    assert check(source, service.layers, service.codelists, OCCURRING) == ()


def test_the_style_has_a_rule_for_every_code_that_the_demo_delivers(source: Style, demo: Service) -> None:
    from releases import sources

    candidate, _ = sources.read(demo, lambda *step: None)
    values = {
        (table.layer.id, field.name): {str(value) for value in table.values[field.name] if value is not None}
        for table in candidate.tables
        for field in table.layer.fields
        if field.codelist
    }
    assert len(values) >= 15
    assert check(source, demo.layers, demo.codelists, values) == ()


def twice(style: Style) -> None:
    style["layers"].append(copy.deepcopy(style["layers"][3]))


def strange_layer(style: Style) -> None:
    layer(style, "rivers-line")["source-layer"] = "river"


def strange_source(style: Style) -> None:
    layer(style, "rivers-line")["source"] = "elsewhere"


def strange_hidden(style: Style) -> None:
    style["metadata"]["blueprint:hidden"].append("nothing")


def line_of_names(style: Style) -> None:
    layer(style, "xzq_county-label")["layout"]["symbol-placement"] = "line"


def strange_field(style: Style) -> None:
    layer(style, "rivers-label")["layout"]["text-field"] = ["get", "NAME"]


def dissolved_field(style: Style) -> None:
    layer(style, "ghfq-label")["layout"]["text-field"] = ["get", "BSM"]


def strange_english_field(style: Style) -> None:
    layer(style, "rivers-label")["metadata"]["blueprint:text-en"] = ["get", "NAME_EN"]


def scalar_label(style: Style) -> None:
    layer(style, "ghfq-area")["paint"]["fill-color"][2] = "100"


def strange_operator(style: Style) -> None:
    layer(style, "ghfq-area")["paint"]["fill-color"] = [
        "case",
        ["==", ["get", "GHFQDM"], "100"],
        "#000000",
        "#ffffff",
    ]


def filter_that_qgis_drops(style: Style) -> None:
    layer(style, "places-dot")["filter"] = ["in", ["get", "LB"], ["literal", ["PPL"]]]


def strange_code(style: Style) -> None:
    layer(style, "xzqjx-county")["filter"][2] = "650201"


def code_without_rule(style: Style) -> None:
    del layer(style, "ghfq-area")["paint"]["fill-color"][2:4]


def code_never_drawn(style: Style) -> None:
    style["layers"] = [one for one in style["layers"] if not one["id"].startswith("xzqjx-township")]


def strange_image(style: Style) -> None:
    layer(style, "airports-icon")["layout"]["icon-image"] = [
        "match",
        ["get", "IATA"],
        ["CTU"],
        "plane",
        "airport",
    ]


def strange_pattern(style: Style) -> None:
    layer(style, "stbhhx-hatch")["paint"]["fill-pattern"] = "dots"


def strange_font(style: Style) -> None:
    layer(style, "rivers-label")["layout"]["text-font"] = ["Arial Regular"]


def no_zoom(style: Style) -> None:
    layer(style, "xzq_prefecture-area")["maxzoom"] = 4


def undrawn_layer(style: Style) -> None:
    style["layers"] = [one for one in style["layers"] if one.get("source-layer") != "rivers"]


@pytest.mark.parametrize(
    "spoil, told",
    [
        (twice, "xzq_prefecture-area: its id is used twice"),
        (strange_layer, "rivers-line: there is no layer 'river'"),
        (strange_source, "rivers-line: there is no source 'elsewhere'"),
        (strange_hidden, "metadata: there is no layer 'nothing' to hide"),
        (line_of_names, "xzq_county-label: the source of names holds points only"),
        (strange_field, "rivers-label: rivers has no field 'NAME'"),
        (dissolved_field, "ghfq-label: ghfq has no field 'BSM' at zooms where it is dissolved"),
        (strange_english_field, "rivers-label: rivers has no field 'NAME_EN'"),
        (scalar_label, "ghfq-area: a label of `match` is no list"),
        (strange_operator, "ghfq-area: not every client knows the operator 'case'"),
        (filter_that_qgis_drops, "places-dot: not every client knows the operator 'in'"),
        (strange_code, "xzqjx-county: JXLX has no code '650201'"),
        (code_without_rule, "ghfq-area: GHFQDM '100' has no rule"),
        (code_never_drawn, "xzqjx: JXLX '660200' is never drawn"),
        (strange_image, "airports-icon: there is no image 'plane'"),
        (strange_pattern, "stbhhx-hatch: there is no image 'dots'"),
        (strange_font, r"rivers-label: there is no font \['Arial Regular'\]"),
        (no_zoom, "xzq_prefecture-area: there is no zoom at which it is drawn"),
        (undrawn_layer, "rivers: the style does not draw this layer"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_each_way_of_being_wrong_is_told(
    spoil: Callable[[Style], None], told: str, source: Style, service: Service
) -> None:
    style = copy.deepcopy(source)
    spoil(style)
    problems = [str(problem) for problem in check(style, service.layers, service.codelists, OCCURRING)]
    assert any(re.match(told, problem) for problem in problems), problems


def test_a_code_that_does_not_occur_needs_no_rule(source: Style, service: Service) -> None:
    style = copy.deepcopy(source)
    code_without_rule(style)
    without = OCCURRING | {("ghfq", "GHFQDM"): {"200", "300"}}
    assert check(style, service.layers, service.codelists, without) == ()


def test_problems_are_told_in_both_languages(source: Style, service: Service) -> None:
    style = copy.deepcopy(source)
    strange_field(style)
    (problem,) = check(style, service.layers, service.codelists, OCCURRING)
    assert problem.message.zh == "rivers 没有字段 NAME"
