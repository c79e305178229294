"""The values of a field in the type the configuration gives it, whatever the source's format made of them.

Formats differ in what they can hold: a shapefile has no arrays, booleans or empty texts, GDAL makes floats of
integers with nulls among them. So each cell is cast from what it is to what it means, without losing
anything: what cannot be cast exactly is a fault of that feature, and its value null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.models import Field, FieldType, Text
from releases.faults import RowFault
from releases.table import Objects

EXACT = 2**53  # the integers that a float holds exactly
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_DATE = re.compile(r"([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})")
_DATE_TIME = re.compile(r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}.*")
_TRUTH = {"true": True, "t": True, "y": True, "1": True, "false": False, "f": False, "n": False, "0": False}

EXPECTED: Mapping[FieldType, Text] = {
    "string": Text(zh="文字", en="a text"),
    "integer": Text(zh="整数", en="an integer"),
    "number": Text(zh="有限的数", en="a finite number"),
    "boolean": Text(zh="是或否（true/false、1/0）", en="true or false, 1 or 0"),
    "date": Text(
        zh="日期，或带时区的日期时间（RFC 3339）", en="a date, or a date-time with its zone (RFC 3339)"
    ),
    "array": Text(zh="文字的数组（JSON）", en="an array of texts (JSON)"),
}


def cast(column: NDArray[Any], field: Field) -> tuple[Objects, tuple[RowFault, ...]]:
    """The column (n,) as the field's type, null where it is null or cannot be cast, and the faulty rows."""
    cells = _cells(column)
    values = np.full(len(cells), None, dtype=object)
    to_type, wrong = CASTS[field.type], []
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            values[row] = to_type(cell)
        except (ValueError, OverflowError):
            wrong.append(row)
    if not wrong:
        return values, ()
    expected = EXPECTED[field.type]

    def message(fault: int) -> Text:
        shown = repr(cells[wrong[fault]])[:80]
        return Text(
            zh=f"字段 {field.name} 的值 {shown} 应为{expected.zh}",
            en=f"the value {shown} of {field.name} should be {expected.en}",
        )

    return values, (RowFault("value-type", np.array(wrong, np.int64), message, field.name),)


def _cells(column: NDArray[Any]) -> list[Any]:
    """The cells as Python values; NaN is how GDAL says null in a column of numbers."""
    cells = [cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in column.tolist()]
    if column.dtype.kind == "f":
        return [None if math.isnan(cell) else cell for cell in cells]
    return cells


def _string(cell: Any) -> str | None:
    if isinstance(cell, str):
        return cell.strip() or None  # a shapefile cannot tell an empty text from none, so nobody can
    return str(_integer(cell))


def _integer(cell: Any) -> int | None:
    match cell:
        case bool():
            raise ValueError
        case int():
            return cell
        case float() if cell.is_integer() and abs(cell) <= EXACT:
            return int(cell)
        case str() if not cell.strip():
            return None
        case str() if _INTEGER.fullmatch(cell.strip()):
            return int(cell)
    raise ValueError


def _number(cell: Any) -> float | None:
    if isinstance(cell, str) and not cell.strip():
        return None
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise ValueError
    number = float(cell)
    if not math.isfinite(number):
        raise ValueError
    return number + 0.0  # minus zero is zero


def _boolean(cell: Any) -> bool | None:
    text = cell.strip() if isinstance(cell, str) else str(int(cell)) if cell in (0, 1) else "?"
    if not text:
        return None
    if text.lower() not in _TRUTH:
        raise ValueError
    return _TRUTH[text.lower()]


def _date(cell: Any) -> str | None:
    """RFC 3339 full-date, or date-time in UTC so that text order is the order of time."""
    text = str(cell).strip()
    if not text:
        return None
    if match := _DATE.fullmatch(text):
        return date(int(match[1]), int(match[3]), int(match[4])).isoformat()
    if not _DATE_TIME.fullmatch(text):
        raise ValueError
    moment = datetime.fromisoformat(text.replace("/", "-"))
    if moment.tzinfo is None:
        if moment.time() != datetime.min.time():
            raise ValueError  # an hour without its zone is one of twenty-four
        return moment.date().isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _array(cell: Any) -> list[str] | None:
    if isinstance(cell, str):
        if not cell.strip():
            return None
        cell = json.loads(cell)  # JSONDecodeError is a ValueError
    if not isinstance(cell, list):
        raise ValueError
    texts = [_string(item) for item in cell]
    if None in texts:
        raise ValueError
    return [text for text in texts if text is not None]


CASTS: Mapping[FieldType, Callable[[Any], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "array": _array,
}
