"""Tiles over HTTP: what is in them, where there are none, and how they travel."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mapbox_vector_tile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import tile_plan
from tiles import grid, mvt

SET = "WebMercatorQuad"
CHONGQING = "8/104/203"


def limited(service: Any, **limits: int) -> Any:
    """The same service with other limits."""
    return service.model_copy(update={"limits": service.limits.model_copy(update=limits)})


def layers_of(answer: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = mapbox_vector_tile.decode(answer.body)
    return decoded


def test_a_tile_of_all_layers_is_the_tiles_of_the_layers_one_after_the_other(ask: Any, release: Any) -> None:
    whole = ask(f"/tiles/{SET}/{CHONGQING}")
    assert whole.status == 200
    assert whole.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    parts = []
    for layer in release.manifest.layers:
        answer = ask(f"/collections/{layer.id}/tiles/{SET}/{CHONGQING}")
        assert answer.status in (200, 204, 404)
        if answer.status == 200:
            assert list(layers_of(answer)) == [layer.id]
            parts.append(answer.body)
    assert whole.body == b"".join(parts)
    assert {"xzq_county", "ghfq"} <= set(layers_of(whole))


def test_a_tile_has_ids_and_the_fields_of_its_layer(ask: Any, release: Any) -> None:
    features = layers_of(ask(f"/collections/xzq_county/tiles/{SET}/{CHONGQING}"))["xzq_county"]["features"]
    names = {field.name for field in release.manifest.layer("xzq_county").layer.fields}
    assert features
    for feature in features:
        assert feature["id"] == int(feature["properties"]["XZQDM"])
        assert set(feature["properties"]) <= names


def test_an_empty_tile_inside_the_limits_is_204_the_same_everywhere(ask: Any, release: Any) -> None:
    found = 0
    for layer in release.manifest.layers:
        if layer.extent is None:
            continue
        for limits in tile_plan.limits(release.manifest, layer, grid.get(SET))[-1:]:
            for row in (limits.min_row, limits.max_row):
                for col in (limits.min_col, (limits.min_col + limits.max_col) // 2, limits.max_col):
                    for tree in ("", f"/releases/{release.id}"):
                        answer = ask(f"{tree}/collections/{layer.id}/tiles/{SET}/{limits.zoom}/{row}/{col}")
                        assert answer.status in (200, 204)
                        assert (answer.status == 204) == (answer.body == b"")
                        found += answer.status == 204
    assert found


def test_tiles_beside_the_limits_and_beyond_the_zooms_are_404(ask: Any, release: Any) -> None:
    for layer in release.manifest.layers:
        zoom = layer.layer.zoom
        limits = tile_plan.limits(release.manifest, layer, grid.get(SET))
        if layer.extent is None:
            assert not limits and ask(f"/collections/{layer.id}/tiles/{SET}/{CHONGQING}").status == 404
            continue
        assert [one.zoom for one in limits] == list(range(zoom.min, zoom.max + 1))
        last = limits[-1]
        for row, col in (
            (last.min_row - 1, last.min_col),
            (last.max_row + 1, last.min_col),
            (last.min_row, last.min_col - 1),
            (last.min_row, last.max_col + 1),
        ):
            assert ask(f"/collections/{layer.id}/tiles/{SET}/{last.zoom}/{row}/{col}").status == 404
        assert (
            ask(
                f"/collections/{layer.id}/tiles/{SET}/{zoom.max + 1}/{2 * last.min_row}/{2 * last.min_col}"
            ).status
            == 404
        )


@given(st.integers(0, 24), st.integers(0, 2**14), st.integers(0, 2**14))
def test_any_numbers_are_a_tile_or_are_not(ask: Any, zoom: int, row: int, col: int) -> None:
    assert ask(f"/tiles/{SET}/{zoom}/{row}/{col}").status in (200, 204, 404)


def test_a_tile_says_its_form_or_nothing(ask: Any) -> None:
    target = f"/collections/xzq_county/tiles/{SET}/{CHONGQING}"
    assert ask(f"{target}?f=mvt").body == ask(target).body
    # A map asks for tiles with whatever Accept it likes.
    assert ask(target, accept="image/png").status == 200


def test_a_tile_that_many_ask_for_at_once_is_encoded_once(
    published: Any, asker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.application import create_application

    made = []
    meeting = threading.Barrier(8)
    encode = mvt.encode_layer

    def slowly(*args: Any) -> bytes:
        made.append(args[0])
        threading.Event().wait(0.2)
        return encode(*args)

    monkeypatch.setattr(mvt, "encode_layer", slowly)
    ask = asker(create_application(limited(published, tile_disk_mb=0)))

    def one(_: int) -> bytes:
        meeting.wait()
        body: bytes = ask(f"/collections/xzq_county/tiles/{SET}/{CHONGQING}").body
        return body

    with ThreadPoolExecutor(8) as threads:
        bodies = set(threads.map(one, range(8)))
    assert len(bodies) == 1 and bodies != {b""}
    assert made == ["xzq_county"]


def test_a_tile_is_the_same_with_a_cache_of_no_bytes(published: Any, asker: Any, ask: Any) -> None:
    from server.application import create_application

    without = asker(create_application(limited(published, tile_cache_mb=0, tile_disk_mb=0)))
    target = f"/tiles/{SET}/{CHONGQING}"
    assert without(target).body == without(target).body == ask(target).body
