"""The legend says what the map draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import Service
from styles import expressions
from styles.evaluation import ANY, evaluated, holds
from styles.legend import legend

#: Layers that a map shows by lettering and by a fill that is only there to be clicked on.
UNSEEN = {"xzq_prefecture", "xzq_county"}


@pytest.fixture
def entries(source: Mapping[str, Any], service: Service) -> Callable[..., list[dict[str, Any]]]:
    def entries(
        layer_id: str, lang: str = "zh", nature: Any = None, values: Any = None
    ) -> list[dict[str, Any]]:
        layer = service.layer(layer_id)
        return legend(
            source,
            SimpleNamespace(layer=layer, nature=nature or layer.nature),
            service.codelists,
            lang,
            values,
        )

    return entries


def test_every_layer_has_an_entry_but_those_without_a_shape_of_their_own(
    entries: Callable[..., list[dict[str, Any]]], service: Service
) -> None:
    assert {layer.id for layer in service.layers if not entries(layer.id)} == UNSEEN


def test_a_swatch_is_wellformed_with_colours_and_without_anything_from_elsewhere(
    entries: Callable[..., list[dict[str, Any]]], service: Service
) -> None:
    for layer in service.layers:
        for entry in entries(layer.id):
            root = ElementTree.fromstring(entry["svg"])
            assert (root.get("width"), root.get("height")) == ("36", "20")
            assert len(root), entry
            assert "@" not in entry["svg"] and "<object" not in entry["svg"] and " id=" not in entry["svg"]


def test_each_planning_zone_has_its_title_in_the_language_and_the_colour_of_the_map(
    entries: Callable[..., list[dict[str, Any]]], source: Mapping[str, Any], service: Service
) -> None:
    rule = next(one for one in source["layers"] if one["id"] == "ghfq-area")["paint"]["fill-color"]
    colours = {label: colour for labels, colour in zip(rule[2:-1:2], rule[3::2]) for label in labels}
    for lang in ("zh", "en"):
        found = {entry["value"]: entry for entry in entries("ghfq", lang) if entry["value"]}
        assert list(found) == [code.value for code in service.codelists["ghfqdm"].codes]
        for code in service.codelists["ghfqdm"].codes:
            assert found[code.value]["title"] == code.title.of(lang)
            assert f'fill="{colours[code.value]}"' in found[code.value]["svg"]


def test_classes_that_do_not_occur_are_left_out(entries: Callable[..., list[dict[str, Any]]]) -> None:
    found = entries("xzqjx", values={"JXLX": ("630200", "650200")})
    assert [entry["value"] for entry in found] == ["630200", "650200"]


def test_boundaries_of_each_class_look_different(entries: Callable[..., list[dict[str, Any]]]) -> None:
    swatches = [entry["svg"] for entry in entries("xzqjx")]
    assert len(set(swatches)) == len(swatches) == 4


def test_a_project_is_shown_as_a_dashed_line_and_an_icon_in_the_colour_of_its_field(
    entries: Callable[..., list[dict[str, Any]]],
) -> None:
    fields = [entry for entry in entries("major_projects") if entry["value"]]
    assert [entry["value"] for entry in fields] == [
        "ecology",
        "transport",
        "infrastructure",
        "culture",
        "industry",
    ]
    for entry in fields:
        (line,) = re.findall(r'stroke="(#\w+)"[^>]*stroke-dasharray', entry["svg"])
        assert f'fill="{line}"' in entry["svg"]


@pytest.mark.parametrize("nature, word", [("synthetic", "合成"), ("schematic", "示意"), ("real", None)])
def test_the_last_entry_says_what_data_are_not_what_they_seem(
    entries: Callable[..., list[dict[str, Any]]], nature: str, word: str | None
) -> None:
    last = entries("stbhhx", nature=nature)[-1]["title"]
    assert last.startswith(word) if word else last == "水土保持"


def test_a_layer_that_the_style_does_not_know_is_shown_by_its_plain_look(
    source: Mapping[str, Any], service: Service
) -> None:
    wells = service.layer("airports").model_copy(update={"id": "wells"})
    (entry,) = legend(source, SimpleNamespace(layer=wells, nature="real"), service.codelists, "en")
    assert entry["title"] == "Airports" and "<circle" in entry["svg"]


@given(st.floats(0, 22), st.lists(st.tuples(st.floats(0, 22), st.floats(0, 100)), min_size=1, max_size=5))
def test_an_interpolation_stays_between_its_stops_and_hits_them(
    zoom: float, stops: list[tuple[float, float]]
) -> None:
    sorted_stops = sorted({round(at, 2): value for at, value in stops}.items())
    expression = ["interpolate", ["linear"], ["zoom"], *(part for stop in sorted_stops for part in stop)]
    values = [value for _, value in sorted_stops]
    assert min(values) - 1e-9 <= evaluated(expression, {}, zoom) <= max(values) + 1e-9
    for at, value in sorted_stops:
        assert evaluated(expression, {}, at) == value


@pytest.mark.parametrize(
    "expression, known, given",
    [
        (["match", ["get", "A"], ["x", "y"], 1, ["z"], 2, 3], {"A": "y"}, 1),
        (["match", ["get", "A"], ["x", "y"], 1, ["z"], 2, 3], {"A": "q"}, 3),
        (["coalesce", ["get", "A"], "none"], {"A": None}, "none"),
        (["get", "A"], {}, ANY),
        ("plain", {}, "plain"),
    ],
)
def test_expressions_give_what_maplibre_would_give(
    expression: Any, known: dict[str, Any], given: Any
) -> None:
    assert evaluated(expression, known, 10) == given


@pytest.mark.parametrize(
    "test, known, passes",
    [
        (["==", ["get", "A"], "x"], {"A": "x"}, True),
        (["==", ["get", "A"], "x"], {"A": "y"}, False),
        (["==", ["get", "A"], "x"], {}, True),
        (["!=", ["get", "A"], "x"], {"A": "x"}, False),
        (["!=", ["get", "A"], "x"], {"A": "y"}, True),
        (["!=", ["get", "A"], "x"], {}, True),
        (["match", ["get", "A"], ["x", "y"], True, False], {"A": "y"}, True),
        (["match", ["get", "A"], ["x", "y"], True, False], {"A": "z"}, False),
        (["match", ["get", "A"], ["x", "y"], True, False], {}, True),
        (["all", ["==", ["get", "A"], "x"], ["==", ["geometry-type"], "Point"]], {"A": "x"}, True),
        (["any", ["==", ["get", "A"], "x"], ["==", ["get", "B"], "y"]], {"A": "y", "B": "z"}, False),
        (None, {}, True),
    ],
)
def test_a_filter_holds_for_a_class_when_some_of_its_features_may_pass(
    test: Any, known: Any, passes: bool
) -> None:
    assert holds(test, known, 10) is passes


def test_what_an_expression_may_give_are_all_its_ends() -> None:
    expression = [
        "match",
        ["get", "A"],
        ["v"],
        "a",
        ["w"],
        ["match", ["get", "A"], ["x"], "b", ["y"], "c", "d"],
        ["coalesce", "e", ["get", "B"]],
    ]
    assert list(expressions.outputs(expression)) == ["a", "b", "c", "d", "e"]
    assert expressions.fields(expression) == {"A", "B"}
