"""Collections: what is said of them, and what clients stumble over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from releases import crs
from releases.release import Release
from server import metadata

Json = Callable[..., Any]


def test_all_collections_have_titles_in_both_languages(json: Json, release: Release) -> None:
    for lang in ("zh", "en"):
        found = json(f"/collections?lang={lang}")["collections"]
        assert [one["id"] for one in found] == [layer.id for layer in release.manifest.layers]
        for one, layer in zip(found, release.manifest.layers):
            assert one["titles"] == {"zh": layer.layer.title.zh, "en": layer.layer.title.en}
            assert one["title"] == one["titles"][lang]
            assert one["description"] == layer.layer.description.of(lang)


def test_a_collection_alone_and_in_the_list_say_the_same(json: Json) -> None:
    for listed in json("/collections")["collections"]:
        alone = json(f"/collections/{listed['id']}")
        assert {**alone, "links": None, "crs": None} == {**listed, "links": None, "crs": None}


def test_an_extent_has_one_box_and_none_where_nothing_has_a_geometry(json: Json, release: Release) -> None:
    for one in json("/collections")["collections"]:
        layer = release.manifest.layer(one["id"])
        if layer.extent is None:
            assert "spatial" not in one.get("extent", {})
        else:
            assert one["extent"]["spatial"]["bbox"] == [list(layer.extent)]


def test_a_temporal_extent_is_an_interval_of_date_times(json: Json) -> None:
    [[start, end]] = json("/collections/xzq_county")["extent"]["temporal"]["interval"]
    assert start is None or start.endswith("Z")
    assert end is None or end.endswith("Z")


def test_a_collection_cannot_be_taken_for_a_landing_page(json: Json) -> None:
    for one in json("/collections")["collections"]:
        alone = json(f"/collections/{one['id']}")
        assert not [link for link in (*one["links"], *alone["links"]) if link["rel"] == "data"]


def test_a_collection_says_how_real_it_is_and_who_delivered_it(json: Json, release: Release) -> None:
    for one in json("/collections?lang=en")["collections"]:
        layer = release.manifest.layer(one["id"])
        assert one["nature"] == layer.nature and one["natureMeaning"]
        assert sum(part["featureCount"] for part in one["parts"]) == one["featureCount"] == layer.count
        assert one["release"] == release.id
        assert one["contentDigest"] == f"sha256:{layer.digest}"


def test_links_stay_in_the_tree_the_client_is_in(json: Json, release: Release) -> None:
    tree = f"http://localhost/releases/{release.id}"
    for path, base in (
        (f"/releases/{release.id}/collections/rivers", tree),
        ("/collections/rivers", "http://localhost"),
    ):
        links = {link["rel"]: link["href"] for link in json(path)["links"]}
        assert links["items"].startswith(f"{base}/collections/rivers/items")
        assert links["self"].startswith(f"{base}/collections/rivers")
    assert {link["rel"]: link for link in json("/collections/rivers")["links"]}["memento"]["href"].startswith(
        tree
    )


def test_the_list_of_crss_stands_once_in_the_list_of_collections_and_whole_in_each(
    json: Json, release: Release
) -> None:
    everywhere = json("/collections")
    expected = [crs.uri(code) for code in release.manifest.service.coordinate_reference_systems]
    assert everywhere["crs"] == expected
    assert expected[0] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    for one in everywhere["collections"]:
        assert one["crs"] == ["#/crs"]
        assert one["storageCrs"] == "http://www.opengis.net/def/crs/EPSG/0/4490"
        # CGCS2000 is a frame that does not move.
        assert "storageCrsCoordinateEpoch" not in one
        assert json(f"/collections/{one['id']}")["crs"] == expected


def test_the_axes_and_the_accuracy_of_each_crs_are_told(json: Json) -> None:
    told = {one["code"]: one for one in json("/collections")["crsDetails"]}
    assert told["EPSG:4490"]["axes"] == ["Geodetic latitude", "Geodetic longitude"]
    assert told["OGC:CRS84"]["axes"] == ["Geodetic longitude", "Geodetic latitude"]
    assert told["EPSG:4523"]["axes"] == ["Northing", "Easting"]
    assert {code: one["accuracy"] for code, one in told.items()} == {
        "OGC:CRS84": 1.0,
        "EPSG:4490": 0.0,
        "EPSG:4326": 1.0,
        "EPSG:3857": 1.0,
        "EPSG:4523": 0.0,
        "EPSG:4524": 0.0,
    }


def test_an_epoch_is_told_where_the_stored_frame_moves(release: Release) -> None:
    service = release.manifest.service.model_copy(update={"crs": "EPSG:4326", "crs_epoch": 2024.5})
    moving = replace(release, id="another", manifest=release.manifest.model_copy(update={"service": service}))
    told = metadata.collection(moving, "xzq_county", "en")
    assert told["storageCrs"] == "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert told["storageCrsCoordinateEpoch"] == 2024.5
