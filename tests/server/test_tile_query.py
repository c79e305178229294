"""What is asked of a tile beside its address: layers, attributes, features, as items have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import mapbox_vector_tile
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.manifest import PublishedLayer, PublishedLevel
from releases.query import Where
from server import tile_plan, tile_query
from server.problems import BadRequest
from server.tile_plan import Part
from server.tile_query import PLAIN, TileQuery
from tiles.featureid import tile_id

SET = "WebMercatorQuad"
CHONGQING = "8/104/203"
DEEP = "12/1676/3257"
COUNTIES = f"/collections/xzq_county/tiles/{SET}/{CHONGQING}"
TILE = f"/tiles/{SET}/{CHONGQING}"


def layers_of(answer: Any) -> dict[str, Any]:
    assert answer.status in (200, 204), answer.body
    decoded: dict[str, Any] = mapbox_vector_tile.decode(answer.body)
    return decoded


def features_of(answer: Any, layer: str) -> list[Any]:
    found: list[Any] = layers_of(answer).get(layer, {"features": []})["features"]
    return found


def parsed(release: Any, query: str, layer: str | None = None) -> TileQuery:
    return tile_query.parse(query, release.manifest, layer)


def faults(answer: Any, told: Callable[..., Any]) -> list[Any]:
    assert answer.status == 400, answer.body
    found: list[Any] = told(answer)["errors"]
    return found


# The value


def test_parameters_that_change_nothing_are_the_plain_tile(release: Any) -> None:
    manifest = release.manifest
    everything = ",".join(layer.id for layer in manifest.layers)
    fields = ",".join(field.name for field in manifest.layer("xzq_county").layer.fields)
    for query in ("f=mvt", "filter-lang=cql2-json", f"collections={everything}"):
        assert parsed(release, query) is PLAIN
    assert parsed(release, f"properties={fields}", "xzq_county") is PLAIN


def test_equal_meaning_is_an_equal_query_with_an_equal_name(release: Any) -> None:
    for one, other in (
        ("collections=ghfq,xzq_county", "collections=ghfq,xzq_county,ghfq&f=mvt"),
        ("properties=XZQMC,XZQDM", "properties=XZQDM,XZQMC,XZQDM"),
        ("collections=ghfq&filter=SYNTH=1", "filter=%20SYNTH%20=%201.0&collections=ghfq"),
        ("collections=ghfq&filter=SYNTH=1 and MJ>2", "collections=ghfq&filter=MJ>2 AND (SYNTH=1)"),
    ):
        assert parsed(release, one) == parsed(release, other)
        assert parsed(release, one).digest == parsed(release, other).digest
    text = parsed(release, "filter=" + quote("SYNTH = 1"), "ghfq")
    document = quote(orjson.dumps({"op": "=", "args": [1, {"property": "SYNTH"}]}))
    assert parsed(release, f"filter-lang=cql2-json&filter={document}", "ghfq") == text
    assert parsed(release, "filter=" + quote("SYNTH = 0"), "ghfq") != text


# The tile


def test_a_dataset_tile_has_the_collections_that_were_chosen(ask: Any) -> None:
    whole = layers_of(ask(TILE))
    chosen = ask(f"{TILE}?collections=ghfq,xzq_county")
    # In the order asked for (20-057, /req/collections-selection/collections-response B).
    assert list(layers_of(chosen).items()) == [(name, whole[name]) for name in ("ghfq", "xzq_county")]
    assert ask(f"{TILE}?collections=xzq_county").body == ask(COUNTIES).body


def test_a_choice_without_anything_here_is_an_empty_tile_and_no_wrong_address(ask: Any) -> None:
    answer = ask(f"{TILE}?collections=rail_stations")
    assert (answer.status, answer.body) == (204, b"")


def test_a_tile_has_the_properties_that_were_chosen_and_its_ids(ask: Any) -> None:
    whole = features_of(ask(COUNTIES), "xzq_county")
    chosen = features_of(ask(f"{COUNTIES}?properties=XZQMC"), "xzq_county")
    assert [feature["id"] for feature in chosen] == [feature["id"] for feature in whole]
    assert [feature["geometry"] for feature in chosen] == [feature["geometry"] for feature in whole]
    assert all(set(feature["properties"]) <= {"XZQMC"} for feature in chosen)
    assert any(feature["properties"] for feature in chosen)


def test_a_dataset_tile_has_a_property_wherever_a_layer_has_it(ask: Any) -> None:
    found = layers_of(ask(f"{TILE}?properties=GHFQDM&collections=ghfq,xzq_county"))
    assert all(not feature["properties"] for feature in found["xzq_county"]["features"])
    assert all(set(feature["properties"]) == {"GHFQDM"} for feature in found["ghfq"]["features"])


def test_a_field_by_its_name_means_what_it_means_for_items(ask: Any) -> None:
    some = features_of(ask(COUNTIES), "xzq_county")[0]["properties"]["XZQDM"]
    found = features_of(ask(f"{COUNTIES}?XZQDM={some}"), "xzq_county")
    assert {feature["id"] for feature in found} == {int(some)}
    assert features_of(ask(f"{COUNTIES}?filter=XZQDM='{some}'"), "xzq_county") == found


def test_a_query_has_a_tag_of_its_own_and_a_right_copy_is_304(ask: Any) -> None:
    tags = [
        ask(target).headers["ETag"]
        for target in (COUNTIES, f"{COUNTIES}?properties=XZQMC", f"{COUNTIES}?XZQMC=x")
    ]
    assert len(set(tags)) == 3
    for target, tag in zip((COUNTIES, f"{COUNTIES}?properties=XZQMC", f"{COUNTIES}?XZQMC=x"), tags):
        again = ask(target, if_none_match=tag)
        assert (again.status, again.body) == (304, b"")
    assert ask(f"{COUNTIES}?f=mvt").headers["ETag"] == tags[0]


# Filters: items and tiles agree


def expressions(layer: PublishedLayer, seen: list[Any]) -> st.SearchStrategy[str]:
    """Filters on a layer's fields, with values that some of its features have."""
    leaves = []
    for field in layer.layer.fields:
        values = sorted(
            {feature["properties"][field.name] for feature in seen if field.type != "array"} - {None}, key=str
        )
        leaves.append(st.just(f"{field.name} IS NULL"))
        if not values or field.type in ("array", "date"):
            continue
        literal = st.sampled_from(values).map(
            lambda value: (
                "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value).upper()
            )
        )
        signs = st.sampled_from(["=", "<>"] if field.type == "boolean" else ["=", "<>", "<", ">="])
        leaves.append(
            st.builds(lambda name, sign, value: f"{name} {sign} {value}", st.just(field.name), signs, literal)
        )
        leaves.append(
            st.builds(
                lambda name, some: f"{name} IN ({','.join(some)})",
                st.just(field.name),
                st.lists(literal, min_size=1, max_size=3),
            )
        )
    leaves.append(st.just("S_INTERSECTS(geometry, BBOX(106,29,107,30))"))
    return st.recursive(
        st.one_of(leaves),
        lambda inner: st.one_of(
            inner.map(lambda one: f"NOT ({one})"),
            st.builds(lambda a, word, b: f"({a}) {word} ({b})", inner, st.sampled_from(["AND", "OR"]), inner),
        ),
        max_leaves=3,
    )


@settings(max_examples=25)
@given(data=st.data())
@pytest.mark.parametrize("layer_id", ["xzq_county", "ghfq", "airports", "major_projects", "rivers"])
def test_a_tile_of_an_exact_level_has_the_features_that_items_have(
    ask: Any, release: Any, layer_id: str, data: Any
) -> None:
    layer = release.manifest.layer(layer_id)
    items = f"/collections/{layer_id}/items?limit=2000"
    seen = ask(items).json["features"]
    filter = quote(data.draw(expressions(layer, seen)))
    found = ask(f"{items}&filter={filter}")
    assert found.status == 200, found.body
    matching = {tile_id(feature["id"]) for feature in found.json["features"]}
    tile = f"/collections/{layer_id}/tiles/{SET}/{DEEP}"
    whole = (
        {feature["id"] for feature in features_of(ask(tile), layer_id)} if ask(tile).status != 404 else set()
    )
    answer = ask(f"{tile}?filter={filter}")
    if answer.status == 404:
        return
    assert {feature["id"] for feature in features_of(answer, layer_id)} == whole & matching


def test_a_walk_of_items_keeps_its_filter(ask: Any) -> None:
    target = f"/collections/ghfq/items?limit=7&filter={quote('MJ > 1000')}"
    first = ask(target)
    following = ask(first.link("next"))
    assert following.json["numberMatched"] == first.json["numberMatched"]
    ids = [feature["id"] for page in (first, following) for feature in page.json["features"]]
    assert len(set(ids)) == 14
    cursor = first.link("next").partition("next=")[2].partition("&")[0]
    assert ask(f"/collections/ghfq/items?limit=7&filter={quote('MJ > 1001')}&next={cursor}").status == 400


# Levels


def level(index: int, low: int, high: int, reduction: Any, *fields: str) -> PublishedLevel:
    return PublishedLevel(
        index=index,
        zoom_min=low,
        zoom_max=high,
        tolerance=0,
        generalised=reduction != "none",
        rule="none",
        reduction=reduction,
        fields=fields,
        over_budget=(),
        rows=1,
        vertices=1,
        file="x",
    )


@pytest.fixture(name="levels")
def the_levels(release: Any) -> tuple[Any, PublishedLayer, tuple[str, ...]]:
    """A manifest whose layer ghfq is dissolved by class up to zoom 8, thinned up to 10 and whole from 11."""
    layer = release.manifest.layer("ghfq")
    names = tuple(field.name for field in layer.layer.fields)
    changed = layer.model_copy(
        update={
            "levels": (
                level(0, 6, 8, "dissolved", "GHFQDM", "SYNTH"),
                level(1, 9, 10, "thinned", *names),
                level(2, 11, 14, "none", *names),
            )
        }
    )
    return with_layer(release.manifest, changed), changed, names


def with_layer(manifest: Any, layer: PublishedLayer) -> Any:
    """The manifest with another layer of that id; what it remembers of its layers is left behind."""
    content = manifest.model_dump() | {
        "layers": tuple(layer if one.id == layer.id else one for one in manifest.layers)
    }
    return type(manifest).model_validate(content)


@pytest.mark.parametrize(
    "zoom, query, expected",
    [
        (7, "filter=SYNTH=1", 0),
        (7, "properties=GHFQDM", 0),
        (7, "SYNTH=1", 0),
        (7, "properties=BSM", 1),
        (7, "filter=MJ>1", 2),
        (7, "filter=SYNTH=1&properties=BSM", 2),
        (7, "filter=S_INTERSECTS(geometry,BBOX(1,2,3,4))", 2),
        (9, "filter=SYNTH=1", 2),
        (9, "properties=MJ", 1),
        (12, "filter=MJ>1", 2),
    ],
)
def test_a_level_that_lacks_what_is_asked_leaves_it_to_a_finer_one(
    levels: Any, zoom: int, query: str, expected: int
) -> None:
    manifest, layer, _ = levels
    asked = tile_query.parse(query, manifest, "ghfq")
    part = Part("ghfq", layer.level(zoom), None)  # type: ignore[arg-type]  # limits are of no concern here
    assert [one.level.index for one in tile_query.parts((part,), manifest, asked)] == [expected]


def test_where_no_level_has_it_the_answer_says_what_and_where(levels: Any) -> None:
    manifest, layer, names = levels
    fewer = layer.model_copy(
        update={"levels": (level(0, 6, 8, "none", *names), level(1, 9, 14, "dissolved", "GHFQDM"))}
    )
    manifest = with_layer(manifest, fewer)
    asked = tile_query.parse("filter=MJ>1", manifest, "ghfq")
    with pytest.raises(BadRequest) as raised:
        tile_query.parts((Part("ghfq", fewer.levels[1], None),), manifest, asked)  # type: ignore[arg-type]
    (fault,) = raised.value.faults
    assert "MJ" in fault.message.en and "9-14" in fault.message.en and "6-8" in fault.expected.en


def test_a_tile_says_of_which_level_it_is_made(ask: Any, release: Any) -> None:
    seen = 0
    for layer in release.manifest.layers:
        for one in layer.levels:
            if one.reduction == "none" or not one.generalised:
                continue
            lost = next(
                (f.name for f in layer.layer.fields if f.name not in one.fields), layer.layer.id_field.name
            )
            for within in tile_plan.limits(release.manifest, layer, release.manifest.sets.get(SET)):
                if not one.zoom_min <= within.zoom <= one.zoom_max:
                    continue
                target = (
                    f"/collections/{layer.id}/tiles/{SET}/{within.zoom}/{within.min_row}/{within.min_col}"
                )
                plain, asked = ask(target), ask(f"{target}?filter={lost}%20IS%20NOT%20NULL")
                assert one.reduction in plain.headers["Blueprint-Tile"]
                assert one.reduction not in asked.headers["Blueprint-Tile"]
                seen += 1
                break
    assert seen


def tiles_of(ask: Any, release: Any, layer: str, zoom: int, query: str = "") -> set[int]:
    """The numbers of all features in all tiles of a layer at a zoom."""
    sets = release.manifest.sets.get(SET)
    (within,) = [
        one
        for one in tile_plan.limits(release.manifest, release.manifest.layer(layer), sets)
        if one.zoom == zoom
    ]
    return {
        feature["id"]
        for row in range(within.min_row, within.max_row + 1)
        for col in range(within.min_col, within.max_col + 1)
        for feature in features_of(ask(f"/collections/{layer}/tiles/{SET}/{zoom}/{row}/{col}{query}"), layer)
    }


def test_points_that_were_thinned_out_are_found_by_a_filter(ask: Any, release: Any) -> None:
    layer = release.manifest.layer("places")
    (thinned,) = [level for level in layer.levels if level.reduction == "thinned"]
    for filter in ("LB LIKE 'PPL%'", "MC LIKE '%江%'", "S_INTERSECTS(geometry, BBOX(106,29,107,30))"):
        items = ask(f"/collections/places/items?limit=5000&filter={quote(filter)}").json["features"]
        expected = {tile_id(feature["id"]) for feature in items if feature["geometry"]}
        found = tiles_of(ask, release, "places", thinned.zoom_min, f"?filter={quote(filter)}")
        assert expected and found == expected
        # Which the tiles of all features could not have shown.
        assert not expected <= tiles_of(ask, release, "places", thinned.zoom_min)


@pytest.mark.parametrize(
    "time", ["2024-01-01", "../1990-01-01", "2019-06-01T00:00:00Z/..", "1995-01-01/2005-12-31"]
)
def test_a_time_finds_in_tiles_what_it_finds_in_items(ask: Any, release: Any, time: str) -> None:
    items = ask(f"/collections/xzq_county/items?limit=1000&datetime={time}").json["features"]
    expected = {tile_id(feature["id"]) for feature in items}
    zoom = release.manifest.layer("xzq_county").layer.zoom.min
    assert tiles_of(ask, release, "xzq_county", zoom, f"?datetime={time}") == expected


# What is wrong


@pytest.mark.parametrize(
    "target, parameter, expected",
    [
        (f"{TILE}?collections=xzq_countie", "collections", "xzq_county"),
        (f"{TILE}?collections=", "collections", "names"),
        (f"{TILE}?collections=ghfq&collections=xzq_county", "collections", "once"),
        (f"{COUNTIES}?collections=xzq_county", "collections", "filter"),
        (f"{COUNTIES}?properties=XZQMCC", "properties", "XZQMC"),
        (f"{TILE}?properties=NOWHERE_AT_ALL", "properties", "names"),
        (f"{TILE}?collections=xzq_county&properties=GHFQDM", "properties", "names"),
        (f"{COUNTIES}?properties=", "properties", "names"),
        (f"{COUNTIES}?datetime=yesterday", "datetime", "RFC 3339"),
        (f"{COUNTIES}?limit=1", "limit", "filter"),
        (f"{COUNTIES}?lang=en", "lang", "filter"),
        (f"{COUNTIES}?MJ=big", "MJ", "number"),
        (f"{TILE}?XZQMC=x", "XZQMC", "collections"),
        (f"{COUNTIES}?filter=XZQMCC='a'", "filter", "XZQMC"),
        (f"{COUNTIES}?filter=XZQMC=1", "filter", "quotes"),
        (f"{COUNTIES}?filter=", "filter", "expression"),
        (f"{COUNTIES}?filter=true&filter-lang=sql", "filter-lang", "cql2-text"),
        (f"{COUNTIES}?filter=true&filter-lang=cql2-json&f=png", "f", "mvt"),
        (f"{TILE}?filter=GHFQDM IS NULL", "filter", "collections="),
        (f"{TILE}?filter=GHFQDM=410", "filter", "a text"),
        (f"{TILE}?filter=NOWHERE=1", "filter", "one of"),
        (f"{TILE}?datetime=2024-01-01/2023-01-01", "datetime", "RFC 3339"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_expected(
    ask: Any, told: Callable[..., Any], target: str, parameter: str, expected: str
) -> None:
    (fault,) = faults(ask(target.replace(" ", "%20"), accept_language="en"), told)
    assert fault["parameter"] == parameter
    assert expected in fault["expected"]


def test_all_faults_of_a_tile_are_told_in_one_answer(ask: Any, told: Callable[..., Any]) -> None:
    target = (
        f"{COUNTIES}?f=png&nope=1&properties=X&datetime=x&filter=NAME=1 AND XZQMC=2&MJ=big&XZQMC=a&XZQMC=b"
    )
    named = [fault["parameter"] for fault in faults(ask(target.replace(" ", "%20")), told)]
    assert set(named) == {"f", "nope", "properties", "datetime", "filter", "MJ", "XZQMC"}
    assert named.count("filter") == 2


def test_a_time_leaves_layers_without_times_whole(release: Any) -> None:
    query = parsed(release, "datetime=2024-01-01")
    timed = {layer.id for layer in release.manifest.layers if layer.layer.temporal_fields}
    assert {name for name, _ in query.where} == timed
    assert all(isinstance(where, Where) and where.interval for _, where in query.where)


def test_a_code_that_no_list_has_is_no_fault_of_a_filter_and_no_feature_has_it(ask: Any) -> None:
    path = f"/collections/ghfq/tiles/{SET}/{CHONGQING}?filter="
    assert ask(f"{path}GHFQDM='99x'").body == ask(f"{path}false").body
    assert ask(f"{path}GHFQDM%3C%3E'99x'").body == ask(f"{path}GHFQDM%20IS%20NOT%20NULL").body != b""
