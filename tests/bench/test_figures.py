"""What the bench reads off tiles and off the load generator, where a mistake would make a wrong figure and no error."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from bench import load, results
from bench.tiles import addresses, encode
from tiles import columns, grid, mvt, search

PRINTED = """Running 2s test @ http://127.0.0.1:1
  Latency Distribution
     50%    1.50ms
     75%    2.00ms
     90%    3.00ms
     99%   20.00ms
  200 requests in 2.00s, 4.00MB read
Requests/sec:    100.00
"""


def test_answers_are_read_in_seconds_and_bytes() -> None:
    assert load.parsed(PRINTED) == load.Answers(100, 0.0015, 0.02, 4 * 2**20 / 200, 200, 0)


def test_what_was_refused_counts_as_no_answer() -> None:
    answers = load.parsed(PRINTED + "  Non-2xx or 3xx responses: 50\n")
    assert (answers.per_second, answers.answers, answers.refused) == (75, 150, 0.25)


@pytest.mark.parametrize("trouble", ["Non-2xx or 3xx responses: 200", "Socket errors: connect 4, read 0"])
def test_a_server_that_answers_nothing_has_no_figures(trouble: str) -> None:
    with pytest.raises(load.Unable):
        load.parsed(f"{PRINTED}  {trouble}\n")


def _scattered(count: int) -> columns.Columns:
    rng = np.random.default_rng(5)
    squares = [
        shapely.box(x, y, x + 0.01, y + 0.01) for x, y in rng.uniform((100, 26), (110, 34), (count, 2))
    ]
    return columns.build(np.array(squares, dtype=object), np.arange(count, dtype=np.uint64), [])


@pytest.mark.parametrize("zoom", [4, 9, 14])
def test_each_tile_that_holds_data_holds_the_middle_of_features(zoom: int) -> None:
    found = addresses.holding(scattered := _scattered(500), zoom)
    assert found.features.sum() == 500
    for address in found.sample(20):
        assert len(search.rows(scattered, grid.get("WebMercatorQuad").lonlat_box(*address)))


def test_mixed_addresses_are_different_and_as_many_of_each_zoom() -> None:
    found = addresses.mixed(_scattered(500), range(9, 13), 200)
    assert len(set(found)) == len(found) == 200
    assert {zoom: sum(address.zoom == zoom for address in found) for zoom in range(9, 13)} == dict.fromkeys(
        range(9, 13), 50
    )


def test_features_of_a_tile_are_counted_as_a_decoder_counts_them() -> None:
    scattered = _scattered(500)
    address = addresses.holding(scattered, 6).densest()
    tms = grid.get("WebMercatorQuad")
    rows = search.rows(scattered, tms.lonlat_box(*address, margin=mvt.BUFFER / mvt.EXTENT))
    tile = mvt.encode_layer("squares", scattered, rows, tms.transform(*address))
    assert encode.features(tile) == len(mapbox_vector_tile.decode(tile)["squares"]["features"]) > 10


def test_a_section_is_replaced_and_the_others_are_left() -> None:
    document = results.replaced(
        results.replaced("# Results\n", "Items", "old"), "Tiles", "tiles\n\n### Encoding"
    )
    assert (
        results.replaced(document, "Items", "new")
        == "# Results\n\n## Items\n\nnew\n\n## Tiles\n\ntiles\n\n### Encoding\n"
    )
