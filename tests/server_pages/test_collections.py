"""Collections: what is said of them, and what clients stumble over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from releases.release import Release

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
        assert {**alone, "links": None} == {**listed, "links": None}


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


def test_no_crs_is_promised_that_items_do_not_come_in(json: Json) -> None:
    for one in json("/collections")["collections"]:
        assert one["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
        assert "storageCrs" not in one
