"""An archive has the tiles that are served, byte for byte, each different one once, and other programs read it."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pmtiles.tile import deserialize_directory, tileid_to_zxy, zxy_to_tileid

from releases.progress import silent
from server.archive import mbtiles, pmtiles
from server.archive.about import About
from server.archive.export import Export, NoTiles, export
from server.cli import main
from server.tile_tour import Tileset
from tiles import hilbert

SET = "WebMercatorQuad"
WHOLE = Tileset(None, SET)
Tiles = dict[tuple[int, int, int], bytes]


def in_mbtiles(path: Path) -> Tiles:
    """Zoom, column, row from the north -> the tile, decoded."""
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles").fetchall()
    finally:
        connection.close()
    return {(zoom, col, 2**zoom - 1 - row): gzip.decompress(body) for zoom, col, row, body in rows}


def in_pmtiles(path: Path) -> Tiles:
    """The same, as the reference reader finds it."""
    with path.open("rb") as file:
        return {place: gzip.decompress(body) for place, body in all_tiles(MmapSource(file))}


READERS: dict[str, Callable[[Path], Tiles]] = {".mbtiles": in_mbtiles, ".pmtiles": in_pmtiles}


@pytest.fixture(scope="module")
def archives(published: Any, release: Any, tmp_path_factory: Any) -> dict[str, tuple[Path, Export]]:
    """The whole dataset to zoom 8 in both formats."""
    folder = tmp_path_factory.mktemp("archives")
    found = {}
    for suffix in READERS:
        path = folder / f"plan{suffix}"
        found[suffix] = path, export(published, release, WHOLE, (0, 8), path, 2, silent)
    return found


@pytest.mark.parametrize("suffix", READERS)
def test_every_tile_is_the_one_that_is_served_and_none_is_missing(
    archives: Any, ask: Any, suffix: str
) -> None:
    path, done = archives[suffix]
    tiles = READERS[suffix](path)
    assert len(tiles) == done.tiles > 50 and path.stat().st_size == done.size
    by_zoom = {zoom: [place for place in tiles if place[0] == zoom] for zoom in range(9)}
    for zoom, places in by_zoom.items():
        _, cols, rows = np.array(places).T
        for col in range(cols.min() - 1, cols.max() + 2):
            for row in range(rows.min() - 1, rows.max() + 2):
                answer = ask(f"/tiles/{SET}/{zoom}/{row}/{col}")
                assert tiles.get((zoom, col, row), b"") == (answer.body if answer.status == 200 else b"")


@pytest.mark.parametrize("suffix", READERS)
def test_the_same_release_gives_the_same_file_however_many_made_it(
    archives: Any, published: Any, release: Any, tmp_path: Path, suffix: str
) -> None:
    path, _ = archives[suffix]
    without = published.model_copy(update={"limits": published.limits.model_copy(update={"tile_disk_mb": 0})})
    again = tmp_path / f"other name{suffix}"
    again.write_bytes(b"what was there before")
    export(without, release, WHOLE, (0, 8), again, 1, silent)
    assert again.read_bytes() == path.read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == [again.name]


@pytest.mark.parametrize("suffix", READERS)
def test_gdal_opens_it_and_finds_the_layers(archives: Any, release: Any, suffix: str) -> None:
    path, _ = archives[suffix]
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert names == {layer.id for layer in release.manifest.layers if layer.layer.zoom.min <= 8}
    meta, _, geometry, _ = pyogrio.raw.read(path, layer="xzq_province")
    assert len(geometry) and set(meta["fields"]) >= {"XZQDM", "XZQMC"}


def test_mbtiles_says_what_its_specification_asks_for(archives: Any, release: Any) -> None:
    connection = sqlite3.connect(archives[".mbtiles"][0])
    try:
        said = dict(connection.execute("SELECT name, value FROM metadata"))
        assert connection.execute("PRAGMA application_id").fetchone() == (0x4D504258,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (images,) = connection.execute("SELECT count(*) FROM images").fetchone()
    finally:
        connection.close()
    assert said["format"] == "pbf" and said["release"] == release.id
    assert int(said["minzoom"]) <= 4 and said["maxzoom"] == "8"
    assert len(said["bounds"].split(",")) == 4 and len(said["center"].split(",")) == 3
    layers = {one["id"]: one for one in json.loads(said["json"])["vector_layers"]}
    assert layers["xzq_county"]["fields"]["XZQDM"] == "String"
    assert {kind for one in layers.values() for kind in one["fields"].values()} <= {
        "String",
        "Number",
        "Boolean",
    }
    assert images == archives[".mbtiles"][1].different


def test_pmtiles_says_what_its_specification_asks_for(archives: Any, release: Any) -> None:
    path, done = archives[".pmtiles"]
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, said = reader.header(), reader.metadata()
    assert header["clustered"] and header["max_zoom"] == 8
    assert header["addressed_tiles_count"] == done.tiles
    assert header["tile_contents_count"] == done.different
    assert header["tile_data_offset"] + header["tile_data_length"] == path.stat().st_size
    assert header["root_offset"] + header["root_length"] <= 16_384
    assert said["release"] == release.id
    listed = [one.id for one in release.manifest.layers if one.layer.zoom.min <= 8]
    assert [one["id"] for one in said["vector_layers"]] == listed


def test_some_collections_are_what_is_served_of_them_alone(
    published: Any, release: Any, ask: Any, tmp_path: Path
) -> None:
    wanted = ("xzq_county", "places")
    export(published, release, Tileset(None, SET, wanted), (8, 8), tmp_path / "two.pmtiles", 1, silent)
    export(published, release, Tileset("places", SET), (8, 8), tmp_path / "one.pmtiles", 1, silent)
    two, one = in_pmtiles(tmp_path / "two.pmtiles"), in_pmtiles(tmp_path / "one.pmtiles")
    order = [layer.id for layer in release.manifest.layers if layer.id in wanted]
    for (zoom, col, row), body in two.items():
        answers = [ask(f"/collections/{name}/tiles/{SET}/{zoom}/{row}/{col}") for name in order]
        assert body == b"".join(answer.body for answer in answers if answer.status == 200)
    assert one and one.keys() <= two.keys()


def test_what_cannot_be_finished_leaves_nothing_and_what_was_there(
    published: Any, release: Any, tmp_path: Path
) -> None:
    path = tmp_path / "plan.pmtiles"
    path.write_bytes(b"before")
    with pytest.raises(NoTiles):
        export(published, release, WHOLE, (24, 24), path, 1, silent)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export(published, release, WHOLE, (4, 5), path, 1, full)
    assert [one.name for one in tmp_path.iterdir()] == ["plan.pmtiles"] and path.read_bytes() == b"before"


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["plan.zip"], 2),
        (["plan.pmtiles", "--zooms", "9-3"], 2),
        (["plan.pmtiles", "--zooms", "x"], 2),
        (["plan.pmtiles", "--collection", "nothing"], 1),
        (["plan.pmtiles", "--release", "0123456789abcdef"], 1),
        (["plan.pmtiles", "--zooms", "23-24"], 1),
        (["nowhere/plan.pmtiles"], 3),
    ],
)
def test_a_wrong_command_line_says_so_and_writes_nothing(
    published: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], code: int
) -> None:
    monkeypatch.setenv("BLUEPRINT_PUBLISHED", str(published.published))
    monkeypatch.setenv("BLUEPRINT_CACHE", str(published.cache))
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(main, ["--lang", "en", "export", *arguments])
    assert run.exit_code == code, run.output
    assert not list(tmp_path.iterdir())


ABOUT = About("n", "d", "a", "r", 0, 14, (0.0, 0.0, 1.0, 1.0), (0.5, 0.5, 0), ())


@given(st.dictionaries(st.integers(0, 5000), st.integers(0, 3), max_size=400))
def test_any_tiles_are_read_back_by_the_reference_reader(tmp_path_factory: Any, held: dict[int, int]) -> None:
    path = tmp_path_factory.mktemp("any") / "any.pmtiles"
    bodies = [gzip.compress(bytes([kind]) * 9, mtime=0) for kind in range(4)]
    tiles = [(*tileid_to_zxy(number), bodies[held[number]]) for number in sorted(held)]
    count, different = pmtiles.write(path, ABOUT, tiles)
    assert (count, different) == (len(held), len(set(held.values())))
    with path.open("rb") as file:
        source = MmapSource(file)
        assert {zxy_to_tileid(*place): body for place, body in all_tiles(source)} == {
            number: bodies[kind] for number, kind in held.items()
        }


def test_many_tiles_lie_in_leaves_and_are_found_there(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    numbers = np.unique(random.integers(0, 4**12, 60_000)).tolist()
    tiles = [(*tileid_to_zxy(number), b"%d" % (number % 5000)) for number in numbers]
    pmtiles.write(tmp_path / "many.pmtiles", ABOUT, tiles)
    with (tmp_path / "many.pmtiles").open("rb") as file:
        reader = Reader(MmapSource(file))
        header = reader.header()
        assert header["leaf_directory_length"] > 0 and header["root_length"] <= 16_384 - 127
        for zoom, col, row, body in tiles[::1000]:
            assert reader.get(zoom, col, row) == body


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99), st.integers(1, 3)), max_size=50))
def test_directories_are_what_the_reference_reads(steps: list[tuple[int, int, int]]) -> None:
    number = offset = 0
    entries = []
    for gap, length, run in steps:
        number, offset = number + gap, offset + (gap % 3) * 7
        entries.append(pmtiles.Entry(number, offset, length, run))
        number, offset = number + run, offset + length
    read = deserialize_directory(pmtiles.directory(entries))
    assert [(one.tile_id, one.offset, one.length, one.run_length) for one in read] == entries


def test_tiles_out_of_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ascending"):
        pmtiles.write(tmp_path / "x.pmtiles", ABOUT, [(1, 0, 0, b"a"), (0, 0, 0, b"b")])


@given(st.integers(0, 24), st.data())
def test_the_curve_is_that_of_the_reference(zoom: int, data: st.DataObject) -> None:
    x, y = (data.draw(st.integers(0, 2**zoom - 1)) for _ in range(2))
    before = sum(4**lower for lower in range(zoom))
    assert int(hilbert.curve(np.array([x]), np.array([y]), zoom)[0]) == zxy_to_tileid(zoom, x, y) - before
    assert pmtiles.tile_id(zoom, x, y) == zxy_to_tileid(zoom, x, y)


def test_equal_tiles_are_held_once_in_mbtiles(tmp_path: Path) -> None:
    path = tmp_path / "a.mbtiles"
    tiles = [(3, col, row, gzip.compress(b"sea", mtime=0)) for col in range(8) for row in range(8)]
    assert mbtiles.write(path, ABOUT, tiles) == (64, 1)
    assert set(in_mbtiles(path).values()) == {b"sea"} and len(in_mbtiles(path)) == 64
