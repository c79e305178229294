"""A column file gives back what was written; one that is damaged says so before a kernel sees it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from tiles import columnfile
from tiles.columnfile import ColumnFileError, read, write
from tiles.columns import Columns

from .conftest import Array, array, columns_of, encoded


@pytest.fixture(scope="module")
def columns(mosaic: Array) -> Columns:
    """Columns of polygons with three fields, one of them all null."""
    numbers = range(len(mosaic))
    return columns_of(
        mosaic,
        name=[f"地块{i}" for i in numbers],
        kind=[i % 3 for i in numbers],
        none=[None for _ in numbers],
    )


@pytest.fixture
def file(columns: Columns, tmp_path: Path) -> Path:
    """These columns as a file."""
    path = tmp_path / "a.columns"
    write(path, columns)
    return path


def test_a_file_gives_back_the_same_arrays(columns: Columns, file: Path) -> None:
    for name, mine, other in zip(Columns._fields, columns, read(file)):
        assert np.array_equal(mine, other) and mine.dtype == other.dtype, name
        assert not other.flags.writeable and other.ctypes.data % columnfile.ALIGNMENT == 0


def test_equal_columns_give_equal_bytes(file: Path, tmp_path: Path) -> None:
    write(tmp_path / "again", read(file))
    assert file.read_bytes() == (tmp_path / "again").read_bytes()


@pytest.mark.parametrize("geometry", [array(), array(None), array(shapely.Point(104, 30))])
def test_columns_with_next_to_nothing_in_them_are_given_back(geometry: Array, tmp_path: Path) -> None:
    columns = columns_of(geometry)
    write(tmp_path / "small", columns)
    assert all(np.array_equal(mine, other) for mine, other in zip(columns, read(tmp_path / "small")))


def test_a_mapped_file_gives_the_same_tile(columns: Columns, file: Path) -> None:
    assert encoded(read(file)) == encoded(columns) != b""


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"nonsense",
        lambda data: b"GeoPackage".ljust(5000),
        lambda data: data[:-1],
        lambda data: data[:100],
        lambda data: data[: len(columnfile.MAGIC) + 3],
        lambda data: data + b"\0",
        lambda data: data.replace(b'"offset":0', b'"offset":8', 1),
        lambda data: data[:20] + b"\xff" * 8 + data[28:],
    ],
)
def test_a_file_that_is_no_column_file_is_named(file: Path, damage: Callable[[bytes], bytes]) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ColumnFileError, match=re.escape(str(file))):
        read(file)


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(ColumnFileError, match=re.escape(str(path))):
            read(path)


def test_any_change_in_the_header_is_found(file: Path) -> None:
    data = file.read_bytes()
    header = data.index(b'"offset":0')  # well within it
    for at in random.Random(1).sample(range(header), 60):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(ColumnFileError):
            read(file)


def test_no_change_in_the_arrays_leads_a_kernel_astray(columns: Columns, file: Path) -> None:
    data = file.read_bytes()
    draw = random.Random(2)
    refused = 0
    for at in draw.sample(range(2000, len(data)), 300):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :])
        try:
            encoded(read(file))
        except ColumnFileError:
            refused += 1
    assert refused > 0  # offsets and codes; a moved vertex or another letter is for the release's digest


@pytest.mark.parametrize(
    "change, fault",
    [
        (
            {"path_start": lambda a: np.concatenate([a[:1], a[2:3], a[1:2], a[3:]])},
            "path_start does not ascend",
        ),
        ({"row_path": lambda a: a + 1}, "row_path does not ascend"),
        ({"value_start": lambda a: np.append(a[:-1], a[-1] + 1)}, "value_start does not ascend"),
        ({"row_kind": lambda a: a + 1}, "row_kind"),
        ({"codes": lambda a: a + 1}, "codes"),
        ({"codes": lambda a: a - 1}, "codes"),
        ({"codes": lambda a: a[:, :-1]}, "codes has the shape"),
        ({"xy": lambda a: a.ravel()}, "xy has 1 dimensions"),
        ({"row_bounds": lambda a: a[:, :3]}, "row_bounds has the shape"),
    ],
)
def test_columns_that_do_not_fit_together_are_refused(
    columns: Columns, tmp_path: Path, change: dict[str, Callable[[Array], Array]], fault: str
) -> None:
    [(name, turn)] = change.items()
    write(tmp_path / "odd", columns._replace(**{name: turn(getattr(columns, name))}))
    with pytest.raises(ColumnFileError, match=fault):
        read(tmp_path / "odd")
