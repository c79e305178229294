"""The sprite sheet: what the index says is where the picture is."""

from __future__ import annotations

import itertools
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from styles.sprites import FOLDERS, sprites


def pixels(png: bytes) -> NDArray[np.uint8]:
    """The (height, width, 4) pixels of a plain RGBA PNG, read by the rules of the format (PNG 3rd edition, 9.2)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[24:26] == b"\x08\x06", "8 bits, RGBA"
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    at, data = 8, b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * 4)
    out = np.zeros((height + 1, width + 1, 4), np.int64)
    for y, row in enumerate(raw, start=1):
        line = row[1:].reshape(width, 4).astype(np.int64)
        for x in range(1, width + 1):
            left, up, corner = out[y, x - 1], out[y - 1, x], out[y - 1, x - 1]
            out[y, x] = (line[x - 1] + predicted(int(row[0]), left, up, corner)) % 256
    return out[1:, 1:].astype(np.uint8)


def predicted(
    kind: int, left: NDArray[np.int64], up: NDArray[np.int64], corner: NDArray[np.int64]
) -> NDArray[np.int64]:
    if kind == 4:  # Paeth
        guess = left + up - corner
        a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
        return np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
    return (0 * left, left, up, (left + up) // 2)[kind]


@pytest.fixture(scope="module")
def sheet() -> NDArray[np.uint8]:
    return pixels(sprites(1)[0])


def test_every_drawing_has_its_place_inside_the_sheet_and_no_two_overlap(sheet: NDArray[np.uint8]) -> None:
    _, index = sprites(1)
    assert index.keys() == {path.stem for folder in FOLDERS for path in folder.glob("*.svg")}
    boxes = [
        (one["x"], one["y"], one["x"] + one["width"], one["y"] + one["height"]) for one in index.values()
    ]
    assert all(right <= sheet.shape[1] and bottom <= sheet.shape[0] for _, _, right, bottom in boxes)
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_there_is_ink_in_every_box_and_none_between_them(sheet: NDArray[np.uint8]) -> None:
    _, index = sprites(1)
    rest = sheet[:, :, 3].copy()
    for name, one in index.items():
        box = (slice(one["y"], one["y"] + one["height"]), slice(one["x"], one["x"] + one["width"]))
        assert rest[box].any(), name
        rest[box] = 0
    assert not rest.any()


def test_the_dense_sheet_is_the_same_at_twice_the_size() -> None:
    (_, plain), (_, dense) = sprites(1), sprites(2)
    for name, one in plain.items():
        assert dense[name] == {
            **{key: 2 * one[key] for key in ("x", "y", "width", "height")},
            "pixelRatio": 2,
        }


@pytest.mark.parametrize("path", sorted(FOLDERS[1].glob("*.svg")), ids=lambda path: path.stem)
def test_a_pattern_goes_on_beyond_its_edges_as_it_does_inside(path: Path, sheet: NDArray[np.uint8]) -> None:
    one = sprites(1)[1][path.stem]
    tile = sheet[one["y"] : one["y"] + one["height"], one["x"] : one["x"] + one["width"], 3].astype(int)
    for lines in (tile, tile.T):
        steps = np.abs(lines - np.roll(lines, 1, axis=0)).sum(axis=1)
        assert (
            steps[0] <= 1.5 * steps[1:].max()
        )  # step 0 is from the last line of one tile to the first of the next


def test_another_process_draws_the_same_bytes(root: Path) -> None:
    program = (
        "import hashlib; from styles.sprites import sprites; print(hashlib.sha256(sprites(2)[0]).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(digests) == 1
