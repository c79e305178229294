"""The same selection in every form holds the same features: the same values, and the same geometry."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from releases import crs
from releases.records import read as records
from releases.rendition import PLAIN, Rendition

FORMS = ["geojson", "jsonfg", "geojsonseq", "csv", "flatgeobuf", "geoparquet"]
CRSS = ["OGC:CRS84", "EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:4523", "EPSG:4524"]
FIELDS = ["CODE", "NAME", "FLOORS", "AREA", "LISTED", "SINCE", "UNTIL", "SEEN", "SOME", "TAGS"]
renditions = st.builds(
    Rendition,
    crs=st.sampled_from(CRSS),
    fields=st.none()
    | st.sets(st.sampled_from(FIELDS)).map(lambda some: tuple(f for f in FIELDS if f in some)),
    geometry=st.booleans(),
    zoom=st.sampled_from([None, None, 3, 9]),
)


def as_published(texts: list[bytes], rendition: Rendition) -> list[tuple[dict[str, Any], Any]]:
    """The features that a selection holds, by json and by the records that every form is made from."""
    shapes = records(texts, rendition).geometry
    rows = []
    for text, shape in zip(texts, shapes, strict=True):
        feature = json.loads(text)
        names = FIELDS if rendition.fields is None else ["CODE", *rendition.fields]
        rows.append(({name: feature["properties"][name] for name in dict.fromkeys(names)}, shape))
    return rows


def same(found: list[Any], expected: list[Any]) -> None:
    found, expected = (sorted(rows, key=lambda row: row[0]["CODE"]) for rows in (found, expected))
    assert [properties for properties, _ in found] == [properties for properties, _ in expected]
    for (_, one), (_, other) in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert one.geom_type == other.geom_type
            assert (shapely.get_coordinates(one) == shapely.get_coordinates(other)).all()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_every_feature_as_it_was_published(
    whole: Any, form: str, written: Callable[..., bytes], read: Callable[..., Any]
) -> None:
    same(read(form, written(form, whole.chunks(), whole.subject())), as_published(whole.texts, PLAIN))


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25)
@given(keys=st.lists(st.integers(0, 119), unique=True, max_size=30), rendition=renditions)
def test_any_selection_is_the_same_in_every_form(
    whole: Any,
    form: str,
    written: Callable[..., bytes],
    read: Callable[..., Any],
    keys: list[int],
    rendition: Rendition,
) -> None:
    found = read(form, written(form, whole.chunks(keys), whole.subject(rendition)), rendition)
    same(found, as_published([whole.texts[key] for key in keys], rendition))


@pytest.mark.parametrize("form", ["geojson", "jsonfg", "geojsonseq", "csv", "geoparquet"])
def test_a_selection_keeps_the_order_that_it_was_asked_for_in(
    whole: Any, form: str, written: Callable[..., bytes], read: Callable[..., Any]
) -> None:
    keys = np.random.default_rng(3).permutation(120).tolist()
    found = read(form, written(form, whole.chunks(keys), whole.subject()))
    assert [properties["CODE"] for properties, _ in found] == [f"{key:05}" for key in keys]


@pytest.mark.parametrize("form", ["geojson", "geojsonseq"])
@pytest.mark.parametrize("code", CRSS)
def test_geojson_has_coordinates_in_the_order_of_the_authority(
    polygons: Any, form: str, code: str, written: Callable[..., bytes]
) -> None:
    body = written(form, polygons.chunks([0]), polygons.subject(Rendition(crs=code)))
    feature = json.loads(body.lstrip(b"\x1e"))
    feature = feature["features"][0] if form == "geojson" else feature
    first = feature["geometry"]["coordinates"][0][0][0]
    x, y = shapely.get_coordinates(crs.from_storage_xy(polygons.table.geometry[:1], code))[0]
    assert first == ([y, x] if code in ("EPSG:4326", "EPSG:4490", "EPSG:4523", "EPSG:4524") else [x, y])


def test_plain_geojson_is_the_published_text_to_the_byte(mixed: Any, written: Callable[..., bytes]) -> None:
    body = written(
        "geojson", mixed.chunks(), mixed.subject(matched=500, returned=120, links=({"rel": "self"},))
    )
    head, _, rest = body.partition(b'"features":[')
    assert json.loads(head[:-1] + b"}") == {
        "type": "FeatureCollection",
        "numberMatched": 500,
        "numberReturned": 120,
        "links": [{"rel": "self"}],
    }
    assert rest == b",\n".join(mixed.texts) + b"]}"
    assert written("geojsonseq", mixed.chunks(), mixed.subject()) == b"".join(
        b"\x1e" + text + b"\n" for text in mixed.texts
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "rendition", [PLAIN, Rendition(geometry=False), Rendition(crs="EPSG:4523", fields=())]
)
def test_nothing_is_a_sound_answer_too(
    whole: Any, form: str, rendition: Rendition, written: Callable[..., bytes], read: Callable[..., Any]
) -> None:
    for chunks in (iter([]), iter([[]])):
        assert read(form, written(form, chunks, whole.subject(rendition)), rendition) == []
