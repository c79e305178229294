"""CSV (RFC 4180) in UTF-8: a row a feature, fields under their names, geometry as WKT in the last column.

Texts are quoted and nothing else is, so that a reader can tell the code 0101 from the number 101, and an empty text from
no value. An array is the text of a JSON array, a date is RFC 3339. The last column is named WKT, by which GDAL knows it as
geometry; its coordinates are x, y (longitude, latitude; easting, northing) whatever the CRS, as GIS programs keep WKT.

Spreadsheet programs take a text that begins with = + - @ for a formula, and one that came from elsewhere may do harm. A
file for programs says exactly what the features say; only one for a spreadsheet (`bom`), which opens with a byte order mark
without which Excel takes it for another encoding, has an apostrophe before such texts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
import shapely

from config.models import Field
from releases import geopackage
from releases.formats.subject import Subject
from releases.records import Records, read

#: What a spreadsheet may take for the beginning of a formula, in full width too.
_FORMULA: Final = tuple("=+-@＝＋－＠\t\r\n")
_MARK: Final = b"\xef\xbb\xbf"


class _Bare:
    """A word that is written without quotes, since it is no text."""

    def __init__(self, word: str) -> None:
        self._word = word

    def __str__(self) -> str:
        return self._word


_TRUTH: Final = {True: _Bare("true"), False: _Bare("false")}


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write a header and a row for each feature."""
    fields, geometry = subject.fields, subject.rendition.geometry
    shape = [geopackage.free("WKT", subject.layer.layer)] if geometry else []
    yield (_MARK if subject.bom else b"") + _rows([[*(field.name for field in fields), *shape]])
    for some in texts:
        records = read(some, subject.rendition)
        columns = [_column(field, records, subject.bom) for field in fields]
        if geometry:
            columns.append(shapely.to_wkt(records.geometry, rounding_precision=-1).tolist())
        yield _rows(zip(*columns, strict=True))


def _rows(rows: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_STRINGS).writerows(rows)
    return text.getvalue().encode()


def _column(field: Field, records: Records, guarded: bool) -> Sequence[Any]:
    rows = zip(records.ids, records.properties, strict=True)
    # The id also where it is not among the fields asked for.
    values: list[Any] = [row.get(field.name, name) for name, row in rows]
    if field.type == "array":
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    if field.type == "boolean":
        return [None if value is None else _TRUTH[value] for value in values]
    if guarded:
        return [f"'{value}" if _is_formula(value) else value for value in values]
    return values


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_FORMULA)
