"""Writers send while they read, hold a chunk at a time, and leave nothing behind."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from releases.formats import csv, flatgeobuf, geojson, geoparquet, jsonfg, sequence
from releases.rendition import Rendition

STREAMING = {
    "geojson": geojson.write,
    "jsonfg": jsonfg.write,
    "geojsonseq": sequence.write,
    "csv": csv.write,
    "geoparquet": geoparquet.write,
}


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geoparquet, "GROUP", 480)


@pytest.mark.parametrize("form", STREAMING)
def test_memory_does_not_grow_with_the_answer(polygons: Any, form: str, small_groups: None) -> None:
    subject = polygons.subject(Rendition(crs="EPSG:4523"))

    def peak(chunks: int) -> int:
        pool = pa.default_memory_pool()
        tracemalloc.start()
        for _ in STREAMING[form]((list(polygons.texts) for _ in range(chunks)), subject):
            pass
        traced = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return traced + int(pool.max_memory())

    peak(8)
    few, many = peak(12), peak(60)
    assert many < 1.2 * few + 100_000


@pytest.mark.parametrize("form", STREAMING)
def test_the_first_bytes_come_before_the_last_feature_is_read(
    polygons: Any, form: str, small_groups: None
) -> None:
    read = 0

    def chunks() -> Iterator[list[bytes]]:
        nonlocal read
        for _ in range(50):
            read += 1
            yield list(polygons.texts)

    pieces = STREAMING[form](chunks(), polygons.subject())
    while not next(pieces):
        pass
    next(pieces)
    assert read < 10


def test_a_flatgeobuf_leaves_nothing_on_the_disk_whoever_stops_reading(polygons: Any) -> None:
    pieces = flatgeobuf.write(polygons.chunks(), polygons.subject())
    assert next(pieces)[:3] == b"fgb"
    assert list(polygons.scratch.iterdir()) == []
    pieces.close()


def test_a_flatgeobuf_makes_the_folder_that_it_waits_in(polygons: Any, tmp_path: Path) -> None:
    pieces = flatgeobuf.write(polygons.chunks(), polygons.subject(scratch=tmp_path / "new" / "cache"))
    assert b"".join(pieces)[:3] == b"fgb"


def test_a_flatgeobuf_that_fails_leaves_nothing_on_the_disk(polygons: Any) -> None:
    def broken() -> Iterator[list[bytes]]:
        yield list(polygons.texts)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(flatgeobuf.write(broken(), polygons.subject()))
    assert list(polygons.scratch.iterdir()) == []


def test_a_flatgeobuf_is_sent_in_blocks(
    polygons: Any, monkeypatch: pytest.MonkeyPatch, written: Callable[..., bytes], tmp_path: Path
) -> None:
    whole = written("flatgeobuf", polygons.chunks(), polygons.subject())
    monkeypatch.setattr(flatgeobuf, "BLOCK", 1000)
    pieces = list(flatgeobuf.write(polygons.chunks(), polygons.subject()))
    assert max(map(len, pieces)) == 1000 and b"".join(pieces) == whole
