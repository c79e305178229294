"""Copies in every form come back to the published digests, and what was changed in one is named."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.proof import canonical, comparison
from releases.proof.comparison import Comparison, Known
from releases.proof.copies import file, geojson, jsontext
from releases.proof.copies.rows import CopyUnreadable, Rows, digested

FORMS = ("lines", "sequence", "collection", "pretty", "gpkg", "flatgeobuf", "geoparquet")
Change = Callable[[list[dict[str, Any]]], None]


def compared(things: Any, path: Path) -> Comparison:
    """A file held against the layer, whose digests are known."""
    [part] = file.parts(path)
    known = Known(things.table.ids.tolist(), canonical.leaves(things.table))
    return comparison.compare(things.layer, part.rows(things.layer.layer), lambda layer: known)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_comes_back_to_what_was_published(every: Any, form: str) -> None:
    found = compared(every, every.files[form])
    assert found.equal, found.as_json()
    assert (found.count, found.repeated.count) == (len(every.table), 0)


def test_the_order_of_a_copy_does_not_matter(every: Any, tmp_path: Path) -> None:
    lines = every.files["lines"].read_bytes().split(b"\n")[:-1]
    random.Random(1).shuffle(lines)
    (tmp_path / "other").write_bytes(b"\n".join(lines))
    assert compared(every, tmp_path / "other").equal


def test_another_program_s_files_are_read(plain: Any, tmp_path: Path) -> None:
    # Where there are nulls, geopandas has floats for integers and truth; it does not hold all integers, and GDAL has only
    # milliseconds and no empty lists, so features with such values are left out.
    small = [
        one
        for one in plain.features
        if abs(one["properties"]["FLOORS"] or 0) < 2**53
        and one["properties"]["EITHER"] is None
        and one["properties"]["TAGS"] != []
    ]
    (tmp_path / "small.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": small}), "utf-8"
    )
    frame = geopandas.read_file(tmp_path / "small.geojson", engine="pyogrio", datetime_as_string=True)
    expected = {one["id"] for one in small}
    frame.to_parquet(tmp_path / "small.parquet")
    for name in ("small.geojson", "small.parquet"):
        found = compared(plain, tmp_path / name)
        assert (found.added and found.added.count, found.changed and found.changed.ids) == (0, ()), name
        assert found.missing and found.missing.count == len(plain.table) - len(expected)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("NAME", "another"),
        ("NAME", 5),
        ("FLOORS", 1),
        ("FLOORS", 1.5),
        ("FLOORS", "1"),
        ("AREA", 1.0000000000000002),
        ("AREA", "1.0"),
        ("AREA", True),
        ("LISTED", "true"),
        ("LISTED", 1.0),
        ("DAY", "2026-02-30"),
        ("DAY", 20260201),
        ("INSTANT", "2026-02-01T09:30:00+08:00"),
        ("TAGS", "x"),
        ("TAGS", ["甲", 1]),
        ("TAGS", {"甲": 1}),
        ("NAME", {"deep": [1, {}]}),
    ],
)
def test_a_changed_value_of_any_kind_is_a_changed_feature(
    plain: Any, tmp_path: Path, field: str, value: Any
) -> None:
    features = plain.features
    for place in (3, 24):
        features[place]["properties"][field] = value
    (tmp_path / "copy").write_text("\n".join(map(json.dumps, features)), "utf-8")
    found = compared(plain, tmp_path / "copy")
    assert not found.equal
    assert found.changed and found.changed.ids == ("0003", "0024")
    assert found.added and found.missing and (found.added.count, found.missing.count) == (0, 0)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {"type": "Point", "coordinates": [104.0, 30.0000001]},
        {"type": "Point"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        "POINT (104 30)",
        [],
    ],
)
def test_a_changed_geometry_is_a_changed_feature_however_broken(
    plain: Any, tmp_path: Path, geometry: Any
) -> None:
    features = plain.features
    features[0]["geometry"] = geometry
    (tmp_path / "copy").write_text("\n".join(map(json.dumps, features)), "utf-8")
    found = compared(plain, tmp_path / "copy")
    assert found.changed and (found.changed.count, found.changed.ids) == (1, ("0000",))


def test_missing_added_and_repeated_features_are_named_up_to_a_bound(every: Any, tmp_path: Path) -> None:
    features = every.features
    text = every.layer.layer.id_field.type == "string"
    for place in range(40, 50):
        features[place]["id"] = f"new {place}" if text else 1000 + place
    extra = [*features[5:], features[7]]
    (tmp_path / "copy").write_text("\n".join(map(json.dumps, extra)), "utf-8")
    [part] = file.parts(tmp_path / "copy")
    known = Known(every.table.ids.tolist(), canonical.leaves(every.table))
    found = comparison.compare(every.layer, part.rows(every.layer.layer), lambda layer: known, listed=3)
    assert found.missing and found.added and found.changed
    assert (found.missing.count, len(found.missing.ids)) == (15, 3)
    assert (found.added.count, len(found.added.ids)) == (10, 3)
    assert (found.repeated.count, found.changed.count) == (1, 0)


def test_without_the_published_digests_nothing_but_the_difference_is_told(plain: Any, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text(json.dumps(plain.features[0]), "utf-8")
    [part] = file.parts(tmp_path / "copy")
    found = comparison.compare(plain.layer, part.rows(plain.layer.layer))
    assert (found.equal, found.missing, found.count) == (False, None, 1)


def test_a_field_that_a_copy_has_not_is_null(plain: Any, tmp_path: Path) -> None:
    nulls = [one for one in plain.features if one["properties"]["NAME"] is None]
    for one in nulls:
        del one["properties"]["NAME"]
        one["properties"]["fid"] = 7  # and one that the layer has not is nothing
    (tmp_path / "copy").write_text("\n".join(map(json.dumps, nulls)), "utf-8")
    found = compared(plain, tmp_path / "copy")
    assert found.changed and found.added and (found.changed.count, found.added.count) == (0, 0)
    table = pq.read_table(plain.files["geoparquet"]).drop_columns(["LISTED"])
    pq.write_table(table, tmp_path / "parquet")
    found = compared(plain, tmp_path / "parquet")
    said = sum(value is not None for value in plain.table.values["LISTED"])
    assert found.changed and found.changed.count == said


@pytest.mark.parametrize("form", ["lines", "sequence", "collection", "gpkg", "flatgeobuf", "geoparquet"])
def test_a_file_that_is_cut_short_is_not_equal_or_cannot_be_read(
    plain: Any, tmp_path: Path, form: str
) -> None:
    whole = plain.files[form].read_bytes()
    for share in (0.3, 0.6, 0.95):
        (tmp_path / "copy").write_bytes(whole[: int(len(whole) * share)])
        try:
            assert not compared(plain, tmp_path / "copy").equal
        except CopyUnreadable as fault:
            assert fault.message.zh and fault.message.en


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"nothing",
        b'{"type":"FeatureCollection"}',
        b'{"features":[1]}',
        b"\x89PNG",
    ],
)
def test_what_is_no_copy_is_told_in_both_languages(plain: Any, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "copy").write_bytes(body)
    with pytest.raises(CopyUnreadable) as told:
        compared(plain, tmp_path / "copy")
    assert told.value.message.zh and told.value.message.en


def test_a_feature_without_an_id_is_told(plain: Any) -> None:
    layer = plain.layer.layer
    rows = geojson.rows([{"type": "Feature", "geometry": None, "properties": {}}], layer)
    with pytest.raises(CopyUnreadable, match="without a proper id"):
        digested(layer, rows)
    with pytest.raises(CopyUnreadable, match="without a proper id"):
        digested(layer, Rows([1.5], {name: [None] for name in plain.table.values}, [b""]))


OBJECTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FEATURES = st.lists(st.dictionaries(st.text(max_size=4), OBJECTS, max_size=4), max_size=8)


@given(
    FEATURES,
    st.sampled_from([None, 0, 2]),
    st.sampled_from(["collection", "record", "lines"]),
    st.integers(1, 40),
    st.booleans(),
)
def test_features_are_cut_out_of_any_text_however_it_is_read(
    features: list[dict[str, Any]], indent: int | None, kind: str, piece: int, escaped: bool
) -> None:
    features = [{"type": "Feature", **one, "id": 1} for one in features]
    texts = [json.dumps(one, indent=indent, ensure_ascii=escaped) for one in features]
    if kind == "collection":
        text = '{"x": {"features": [1]}, "features": [' + ",\n".join(texts) + '], "y": [{}]}'
    else:
        text = "".join(("\x1e" if kind == "record" else "") + one + "\n" for one in texts)
    if not texts and kind != "collection":
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsontext, "PIECE", piece)
        found = [one for some in jsontext.objects(io.BytesIO(text.encode())) for one in some]
    assert [json.loads(one) for one in found] == features
