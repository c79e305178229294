"""CSV as spreadsheets and programs take it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pyogrio
import pytest
import shapely

from releases.rendition import Rendition


@pytest.fixture
def body(mixed: Any, written: Callable[..., bytes]) -> bytes:
    return written("csv", mixed.chunks(), mixed.subject())


def test_the_header_names_the_fields_and_rows_end_as_rfc_4180_says(body: bytes, mixed: Any) -> None:
    names = [field.name for field in mixed.layer.layer.fields]
    assert body.partition(b"\r\n")[0].decode() == ",".join(f'"{name}"' for name in [*names, "WKT"])
    assert body.endswith(b"\r\n")


def test_nothing_and_no_text_are_told_apart(body: bytes) -> None:
    rows = list(csv.DictReader(io.StringIO(body.decode(), newline=""), quoting=csv.QUOTE_NOTNULL))
    assert [row["NAME"] for row in rows[3:5]] == ["", None]


def test_texts_are_quoted_and_numbers_and_truths_are_not(mixed: Any, written: Callable[..., bytes]) -> None:
    shown = Rendition(fields=("NAME", "FLOORS", "AREA", "LISTED"), geometry=False)
    lines = written("csv", mixed.chunks([11, 0, 4]), mixed.subject(shown)).decode().splitlines()
    assert lines[1:] == [
        f'"00011","0101",{11 - 2**40},{11 / 7!r},',
        f'"00000","plain",{-(2**40)},0.0,true',
        f'"00004",,,{4 / 7!r},false',
    ]


def test_a_program_gets_the_text_itself_and_a_spreadsheet_gets_no_formula(
    mixed: Any, written: Callable[..., bytes]
) -> None:
    def names(bom: bool) -> list[str]:
        body = written("csv", mixed.chunks(), mixed.subject(bom=bom))
        assert body.startswith(b"\xef\xbb\xbf") == bom
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        return [row["NAME"] for row in rows][:12]

    exact, guarded = names(bom=False), names(bom=True)
    changed = {one: other for one, other in zip(exact, guarded, strict=True) if one != other}
    assert changed == {name: f"'{name}" for name in ("=1+1", "-", "+86", "@x", "\t")}


def test_a_spreadsheet_gets_numbers_below_zero_as_numbers(mixed: Any, written: Callable[..., bytes]) -> None:
    body = written(
        "csv", mixed.chunks([0]), mixed.subject(Rendition(fields=("FLOORS",), geometry=False), bom=True)
    )
    assert body.decode("utf-8-sig").splitlines()[1] == f'"00000",{-(2**40)}'


def test_gdal_knows_the_last_column_as_geometry(body: bytes, mixed: Any, tmp_path: Any) -> None:
    path = tmp_path / "parcels.csv"
    path.write_bytes(body)
    _, _, geometry, _ = pyogrio.raw.read(path)
    assert (shapely.from_wkb(geometry) == mixed.table.geometry).all()
