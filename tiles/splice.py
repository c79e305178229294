"""Columns with some rows made anew, the others copied as they lie.

xy  -------aaaa-----------bbb------      a few features among a million have changed: what lies between them is
    -------AA-----------BBBBB------      copied in long stretches, and no other row is looked at

Rows stay where they are on the curve: a block's bounds tell what it holds, wherever that would lie today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tiles.columns import BLOCK_ROWS, Columns, bounds_of, frozen, offsets
from tiles.values import VALUE, json_text, value_message
from tiles.varint import message

#: A field with more values than this is not searched for one: the value is added, though it may be there.
SEARCHED = 20_000


def replaced(columns: Columns, rows: NDArray[np.int64], part: Columns) -> Columns:
    """Columns in which `rows` (m,), ascending, have the geometry of the m rows of `part`, in their order."""
    path_count = np.diff(columns.row_path)
    vertex_count = np.diff(columns.path_start)
    first, last = columns.row_path[rows], columns.row_path[rows + 1]
    begin, end = columns.path_start[first], columns.path_start[last]
    own = part.row_path
    starts = part.path_start[own]
    path_count[rows] = np.diff(own)
    xy = _woven(columns.xy, begin, end, part.xy, starts)
    row_bounds = columns.row_bounds.copy()
    row_bounds[rows] = part.row_bounds
    found = columns._replace(
        xy=xy,
        path_start=offsets(_woven(vertex_count, first, last, np.diff(part.path_start), own)),
        path_outer=_woven(columns.path_outer, first, last, part.path_outer, own),
        row_path=offsets(path_count),
        row_bounds=row_bounds,
        block_bounds=bounds_of(row_bounds[:, :2], row_bounds[:, 2:], columns.block_row[:-1]),
    )
    return frozen(found)


def revalued(columns: Columns, rows: NDArray[np.int64], values: Mapping[int, Sequence[Any]]) -> Columns:
    """Columns in which `rows` (m,) have other values of some fields: place of the field -> m values."""
    texts = [
        [_text(value) for value in values[field]] if field in values else None
        for field in range(len(columns.codes))
    ]
    return coded_as(columns, rows, texts)


def _text(value: Any) -> bytes | None:
    """A value as it stands in tiles; None for none, and for what is no number."""
    if value is None or value != value:
        return None
    return message(VALUE, value_message(json_text(value) if isinstance(value, list) else value))


def _messages(columns: Columns, field: int) -> list[bytes]:
    """The values of a field as they stand in tiles; none of one that has too many to look through."""
    first, last = columns.field_value[field : field + 2].tolist()
    if last - first > SEARCHED:
        return []
    starts = columns.value_start[first : last + 1].tolist()
    text = columns.value_bytes[starts[0] : starts[-1]].tobytes()
    return [text[a - starts[0] : b - starts[0]] for a, b in pairwise(starts)]


def _woven(
    array: NDArray[Any], begin: NDArray[np.int64], end: NDArray[np.int64], new: NDArray[Any], starts: Any
) -> NDArray[Any]:
    """An array whose stretches begin:end are those of another, starts[i]:starts[i + 1]."""
    pieces, at = [], 0
    for i, (a, b) in enumerate(zip(begin.tolist(), end.tolist())):
        pieces += [array[at:a], new[starts[i] : starts[i + 1]]]
        at = b
    return np.concatenate([*pieces, array[at:]])


def taken(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    """The columns of some rows (m,) in their order, with all values of their fields."""
    paths = _ranges(columns.row_path[:-1][rows], columns.row_path[1:][rows])
    vertices = _ranges(columns.path_start[:-1][paths], columns.path_start[1:][paths])
    row_bounds = columns.row_bounds[rows]
    block_row = np.append(np.arange(0, len(rows), BLOCK_ROWS), len(rows)).astype(np.int64)
    found = columns._replace(
        xy=columns.xy[vertices],
        path_start=offsets(np.diff(columns.path_start)[paths]),
        path_outer=columns.path_outer[paths],
        row_path=offsets(np.diff(columns.row_path)[rows]),
        row_kind=columns.row_kind[rows],
        row_bounds=row_bounds,
        row_id=columns.row_id[rows],
        row_feature=columns.row_feature[rows],
        block_row=block_row,
        block_bounds=bounds_of(row_bounds[:, :2], row_bounds[:, 2:], block_row[:-1]),
        codes=np.ascontiguousarray(columns.codes[:, rows]),
    )
    return frozen(found)


def joined(columns: Columns, part: Columns) -> Columns:
    """The rows of columns, and behind them those of others with the same fields; blocks are of the first alone.

    What comes of it is only good for `taken`.
    """
    count = len(columns.row_kind)
    paths, vertices = len(columns.path_outer), columns.vertices
    whole = columns._replace(
        xy=np.concatenate([columns.xy, part.xy]),
        path_start=np.concatenate([columns.path_start, part.path_start[1:] + vertices]),
        path_outer=np.concatenate([columns.path_outer, part.path_outer]),
        row_path=np.concatenate([columns.row_path, part.row_path[1:] + paths]),
        row_kind=np.concatenate([columns.row_kind, part.row_kind]),
        row_bounds=np.concatenate([columns.row_bounds, part.row_bounds]),
        row_id=np.concatenate([columns.row_id, part.row_id]),
        row_feature=np.concatenate([columns.row_feature, part.row_feature]),
        codes=np.concatenate([columns.codes, np.full_like(part.codes, -1)], axis=1),
    )
    rows = np.arange(count, count + len(part.row_kind))
    return coded_as(whole, rows, [_texts(part, field) for field in range(len(part.codes))])


def coded_as(
    columns: Columns, rows: NDArray[np.int64], texts: Sequence[Sequence[bytes | None] | None]
) -> Columns:
    """Columns in which `rows` (m,) have other values: for each field m messages, or None where it stays as it is."""
    codes = columns.codes.copy()
    counts = np.diff(columns.field_value).tolist()
    added: list[list[bytes]] = [[] for _ in counts]
    for field, sought in enumerate(texts):
        if sought is None:
            continue
        known = {text: code for code, text in enumerate(_messages(columns, field))}
        for row, text in zip(rows.tolist(), sought):
            if text is not None and text not in known:
                known[text] = counts[field] + len(added[field])
                added[field].append(text)
            codes[field, row] = -1 if text is None else known[text]
    return frozen(_grown(columns._replace(codes=codes), added))


def _grown(columns: Columns, added: Sequence[Sequence[bytes]]) -> Columns:
    """Columns with more values behind those of each field."""
    if not any(added):
        return columns
    ends = columns.field_value[1:]
    counts = [len(texts) for texts in added]
    sizes = [len(text) for texts in added for text in texts]
    new = [b"".join(texts) for texts in added]
    at = np.repeat(columns.value_start[ends], [len(text) for text in new])
    return columns._replace(
        field_value=offsets(np.diff(columns.field_value) + counts),
        value_start=offsets(np.insert(np.diff(columns.value_start), np.repeat(ends, counts), sizes)),
        value_bytes=np.insert(columns.value_bytes, at, np.frombuffer(b"".join(new), dtype=np.uint8)),
    )


def _texts(columns: Columns, field: int) -> list[bytes | None]:
    """The value of each row as it stands in tiles."""
    first = columns.field_value[field]
    start = columns.value_start
    return [
        None if code < 0 else columns.value_bytes[start[first + code] : start[first + code + 1]].tobytes()
        for code in columns.codes[field].tolist()
    ]


def _ranges(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of the stretches begin[i]:end[i], one after the other."""
    sizes = end - begin
    return np.repeat(begin - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
