"""Features over HTTP: pages, walks, boxes, times, filters (OGC 17-069r4, 7.15 and 7.16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

ITEMS = "/collections/xzq_county/items"
BOX = "106.3,29.4,106.8,29.8"


@pytest.fixture(scope="module")
def features(release: Any) -> Callable[[str], list[dict[str, Any]]]:
    """All features of a layer, read from the release's file and not through any query."""

    def read(layer: str) -> list[dict[str, Any]]:
        path = release.path / release.manifest.layer(layer).file
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    return read


def walk(ask: Any, target: str) -> list[dict[str, Any]]:
    """The pages of a walk along `next`."""
    pages = []
    following: str | None = target
    while following:
        answer = ask(following)
        assert answer.status == 200, answer.body
        pages.append(answer.json)
        following = answer.link("next")
    return pages


def ids(pages: list[dict[str, Any]]) -> list[Any]:
    return [feature["id"] for page in pages for feature in page["features"]]


def test_the_counties_of_both_provinces_come_as_geojson(ask: Any) -> None:
    answer = ask(f"{ITEMS}?limit=1000")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/geo+json"
    document = answer.json
    assert document["type"] == "FeatureCollection"
    assert document["numberMatched"] == document["numberReturned"] == len(document["features"]) == 221
    provinces = {feature["properties"]["XZQDM"][:2] for feature in document["features"]}
    assert provinces == {"50", "51"}


def test_without_a_limit_a_page_has_a_hundred_features(ask: Any, published: Any) -> None:
    document = ask(ITEMS).json
    assert document["numberReturned"] == published.limits.items_default == 100
    assert document["numberMatched"] == 221


@pytest.mark.parametrize("limit", ["51", "1000000", "9" * 200, "0" * 50 + "51"])
def test_a_limit_above_the_maximum_is_answered_with_the_maximum(
    published: Any, asker: Any, limit: str
) -> None:
    from server.application import create_application

    limits = published.limits.model_copy(update={"items_default": 10, "items_max": 50})
    bounded = asker(create_application(published.model_copy(update={"limits": limits})))
    answer = bounded(f"{ITEMS}?limit={limit}")
    assert answer.status == 200
    assert answer.json["numberReturned"] == 50
    assert "limit=50" in answer.link("next")


@pytest.mark.parametrize("limit", [1, 7, 100, 220, 221, 222])
def test_a_walk_meets_every_feature_once_in_the_same_order(ask: Any, limit: int, features: Any) -> None:
    pages = walk(ask, f"{ITEMS}?limit={limit}" if limit > 1 else "/collections/xzq_prefecture/items?limit=1")
    layer = "xzq_county" if limit > 1 else "xzq_prefecture"
    assert ids(pages) == [feature["id"] for feature in features(layer)]
    assert all(page["numberReturned"] == len(page["features"]) <= limit for page in pages)
    assert all(page["features"] for page in pages)


def test_a_walk_goes_on_in_the_release_it_began_in(ask: Any, release: Any) -> None:
    answer = ask(f"{ITEMS}?limit=5&lang=en")
    following = answer.link("next")
    assert following is not None and f"/releases/{release.id}{ITEMS}" in following
    assert "lang=en" in following and "limit=5" in following
    assert f'<{following}>; rel="next"' in answer.headers["Link"]


def test_the_last_page_has_no_next(ask: Any) -> None:
    answer = ask(f"{ITEMS}?limit=221")
    assert answer.link("next") is None
    assert 'rel="next"' not in answer.headers["Link"]


def test_a_page_names_itself_its_collection_and_its_permanent_address(ask: Any, release: Any) -> None:
    answer = ask(f"{ITEMS}?limit=3")
    assert answer.link("self").startswith(f"http://localhost{ITEMS}?")
    assert answer.link("collection") == "http://localhost/collections/xzq_county"
    pinned = ask(answer.link("memento"))
    assert pinned.json["features"] == answer.json["features"]
    assert pinned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Memento-Datetime" in pinned.headers


@pytest.mark.parametrize("layer", ["xzq_county", "places", "rivers", "major_projects", "ghfq", "townships"])
@pytest.mark.parametrize(
    "box", [BOX, "103.9,30.5,104.2,30.8", "105,28,108,31", "0,0,1,1", "106.55,29.55,106.55,29.55"]
)
def test_a_box_finds_what_shapely_finds(ask: Any, layer: str, box: str, features: Any) -> None:
    frame = shapely.box(*map(float, box.split(",")))
    shapes = ((feature["id"], feature["geometry"]) for feature in features(layer))
    expected = {
        name
        for name, shape in shapes
        if shape is None or shapely.intersects(frame, shapely.from_geojson(orjson.dumps(shape)))
    }
    pages = walk(ask, f"/collections/{layer}/items?bbox={box}&limit=500")
    assert set(ids(pages)) == expected
    assert pages[0]["numberMatched"] == len(expected)


def test_heights_in_a_box_select_nothing_since_the_data_have_none(ask: Any) -> None:
    flat = ask(f"{ITEMS}?bbox={BOX}").json
    high = ask(f"{ITEMS}?bbox=106.3,29.4,-100,106.8,29.8,9000").json
    assert ids([flat]) == ids([high]) != []


def test_a_box_across_the_antimeridian_is_two_boxes(ask: Any) -> None:
    assert ask(f"{ITEMS}?bbox=106,20,-170,40").json["numberMatched"] > 0
    assert ask(f"{ITEMS}?bbox=170,20,-170,40").json["numberMatched"] == 0


def test_a_feature_without_a_geometry_is_in_every_box(ask: Any, release: Any) -> None:
    layer = next(layer for layer in release.manifest.layers if layer.null_geometries)
    everything = ask(f"/collections/{layer.id}/items?limit=10000").json
    assert sum(feature["geometry"] is None for feature in everything["features"]) == layer.null_geometries
    for box, found in (("-180,-90,180,90", layer.count), ("-1,-1,0,0", layer.null_geometries)):
        assert ask(f"/collections/{layer.id}/items?bbox={box}").json["numberMatched"] == found


def test_a_filter_names_a_field_and_its_value(ask: Any, features: Any) -> None:
    page = ask(f"{ITEMS}?{urlencode({'XZQMC': '渝中区'})}").json
    assert [feature["properties"]["XZQMC"] for feature in page["features"]] == ["渝中区"]
    same_name = [
        feature["id"] for feature in features("xzq_county") if feature["properties"]["XZQMC"] == "市中区"
    ]
    assert ids([ask(f"{ITEMS}?{urlencode({'XZQMC': '市中区'})}").json]) == same_name != []


def test_every_field_of_every_layer_can_be_asked_for(ask: Any, release: Any, features: Any) -> None:
    for layer in release.manifest.layers:
        some = features(layer.id)[layer.count // 2]
        for field in layer.layer.fields:
            value = next(
                (
                    f["properties"][field.name]
                    for f in [some, *features(layer.id)[:50]]
                    if f["properties"][field.name] not in (None, [])
                ),
                None,
            )
            if value is None:
                continue
            asked = (
                value[0]
                if field.type == "array"
                else str(value).lower()
                if field.type == "boolean"
                else value
            )
            page = ask(f"/collections/{layer.id}/items?{urlencode({field.name: asked})}&limit=10000")
            assert page.status == 200, page.body
            expected = [
                feature["id"]
                for feature in features(layer.id)
                if (
                    asked in (feature["properties"][field.name] or [])
                    if field.type == "array"
                    else feature["properties"][field.name] == value
                )
            ]
            assert ids([page.json]) == expected[:10_000], (layer.id, field.name)


def test_conditions_are_joined_by_and(ask: Any) -> None:
    both = ask(f"{ITEMS}?bbox={BOX}&{urlencode({'XZQMC': '渝中区'})}").json
    assert both["numberMatched"] == 1
    neither = ask(f"{ITEMS}?bbox=103,30,104,31&{urlencode({'XZQMC': '渝中区'})}").json
    assert neither["numberMatched"] == 0 and neither["features"] == []


def test_a_code_that_the_list_does_not_have_is_told_with_those_it_has(
    ask: Any, release: Any, told: Any
) -> None:
    layer, field = next(
        (layer, f) for layer in release.manifest.layers for f in layer.layer.fields if f.codelist
    )
    answer = ask(f"/collections/{layer.id}/items?{field.name}=no-such-code")
    assert answer.status == 400
    assert layer.values[field.name][0] in told(answer)["errors"][0]["expected"]


def test_a_time_finds_what_intersects_it_and_what_has_none(ask: Any, release: Any, features: Any) -> None:
    layer = next(layer for layer in release.manifest.layers if layer.layer.temporal_fields and layer.temporal)
    first, last = layer.layer.temporal_fields[0], layer.layer.temporal_fields[-1]
    everything = features(layer.id)

    def expected(start: str, end: str) -> list[Any]:
        found = []
        for feature in everything:
            begin, finish = feature["properties"][first], feature["properties"][last]
            if (begin is None or begin <= end) and (finish is None or finish >= start):
                found.append(feature["id"])
        return found

    for text, start, end in (
        ("2020-01-01/2023-06-30", "2020-01-01", "2023-06-30"),
        ("2023-01-01/..", "2023-01-01", "9999"),
        ("../2022-12-31", "0000", "2022-12-31"),
        ("/2022-12-31", "0000", "2022-12-31"),
        ("2022-06-01", "2022-06-01", "2022-06-01"),
        ("2022-06-01T12:00:00Z", "2022-06-01", "2022-06-01"),
        ("2022-06-01T20:00:00.5%2B08:00", "2022-06-01", "2022-06-01"),
    ):
        page = ask(f"/collections/{layer.id}/items?datetime={text}&limit=10000").json
        assert ids([page]) == expected(start, end), text


def test_a_time_does_not_filter_a_layer_without_one(ask: Any) -> None:
    assert ask(f"{ITEMS}?datetime=1900-01-01").json["numberMatched"] == 221


def test_a_cursor_is_good_for_its_query_and_release_only(ask: Any) -> None:
    following = ask(f"{ITEMS}?limit=5&bbox={BOX}").link("next") or ask(f"{ITEMS}?limit=2&bbox={BOX}").link(
        "next"
    )
    cursor = following.split("next=")[1].split("&")[0]
    assert ask(f"{ITEMS}?limit=9&bbox={BOX}&next={cursor}").status == 200
    assert ask(f"{ITEMS}?limit=5&next={cursor}").status == 400
    assert ask(f"{ITEMS}?limit=5&bbox=1,2,3,4&next={cursor}").status == 400
    assert ask(f"/collections/places/items?limit=5&bbox={BOX}&next={cursor}").status == 400


def test_a_feature_has_an_address_of_its_own(ask: Any, release: Any) -> None:
    in_page = ask(f"{ITEMS}?{urlencode({'XZQMC': '渝中区'})}").json["features"][0]
    answer = ask(f"{ITEMS}/{quote(in_page['id'])}")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/geo+json"
    document = answer.json
    assert {name: document[name] for name in in_page} == in_page
    assert answer.link("self") and answer.link("collection")
    assert ask(answer.link("memento")).json["properties"] == in_page["properties"]


def test_every_feature_of_the_small_layers_can_be_fetched_by_its_id(
    ask: Any, release: Any, features: Any
) -> None:
    for layer in release.manifest.layers:
        for feature in features(layer.id)[:10]:
            answer = ask(f"/collections/{layer.id}/items/{quote(str(feature['id']), safe='')}")
            assert answer.json["id"] == feature["id"], answer.body


def test_a_form_is_chosen_by_f_or_by_accept(ask: Any) -> None:
    target = f"{ITEMS}?limit=2"
    assert ask(f"{target}&f=json").headers["Content-Type"] == "application/geo+json"
    assert ask(f"{target}&f=html").headers["Content-Type"].startswith("text/html")
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert ask(target, accept=browser).headers["Content-Type"].startswith("text/html")
    assert ask(target, accept="application/json").headers["Content-Type"] == "application/geo+json"
    assert ask(target, accept="*/*").headers["Content-Type"] == "application/geo+json"
    assert ask(target, accept="image/png").status == 406


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 20), st.floats(0, 20))
def test_any_box_of_finite_numbers_is_answered(
    ask: Any, west: float, south: float, wide: float, high: float
) -> None:
    answer = ask(
        f"/collections/places/items?limit=1&bbox={west},{south},{west + wide},{min(south + high, 90)}"
    )
    assert answer.status == 200


@given(st.text(max_size=40))
def test_any_text_can_be_a_filter_or_an_id(ask: Any, text: str) -> None:
    encoded = quote(text.encode("utf-8", "surrogatepass"), safe="")
    assert ask(f"{ITEMS}?XZQMC={encoded}").status in (200, 400)
    assert ask(f"{ITEMS}/{encoded}").status in (200, 400, 404)
