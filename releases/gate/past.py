"""What became of the release before: layers and features that are gone, ids that are another's, areas that jumped.

A feature whose digest stands in the tree of the release before is what it was, and is not looked at. Only of the others
are the geometries read again, a stretch at a time, so that a million features that are all new need no more memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from config.models import Text
from releases import geometrytext
from releases.changes import pairing
from releases.changes.pairing import Pairs
from releases.ellipsoid import degree, square_metres
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.scene import Scene
from releases.manifest import PublishedLayer
from releases.proof import canonical
from releases.query import Keys
from releases.records import parted
from releases.release import Release
from releases.store import ReleaseDamaged, ReleaseGone
from releases.table import Objects, Table, not_finite, nulls

#: Features of the release before that are read at once.
_BATCH = 65_536


def past(scene: Scene) -> Iterator[Finding]:
    """Yield what changed against the release before in a way that is rarely meant; nothing before the first."""
    previous = scene.previous
    if isinstance(previous, Release):
        try:
            for published in previous.manifest.layers:
                yield from _layer(scene, previous, published)
        except (ReleaseDamaged, ReleaseGone) as fault:
            yield _unreadable(fault)
    elif previous is not None:
        yield _unreadable(previous)


def _unreadable(fault: ReleaseDamaged | ReleaseGone) -> Finding:
    """That there is a release before and nothing can be compared with it.

    To publish its content again mends a damaged release, so the damage must not stand in the way.
    """
    text = Text(
        zh=f"无法与上一版次比较：{fault.message.zh}",
        en=f"nothing can be compared with the release before: {fault.message.en}",
    )
    return Finding("previous-unreadable", text)


def _layer(scene: Scene, previous: Release, published: PublishedLayer) -> Iterator[Finding]:
    if published.id not in {layer.id for layer in scene.service.layers}:
        text = Text(
            zh=f"上一版次有图层 {published.id}（{published.count} 个要素），而配置中已没有",
            en=f"the release before had the layer {published.id} ({published.count} features), the configuration has not",
        )
        yield Finding("layer-vanished", text, layer=published.id)
        return
    table = scene.table(published.id) if scene.was_read(published.id) else None
    if table is None:
        return
    table = table.take(~nulls(table.ids))
    pairs = _pairs(previous, published, table)
    # What is seen through a window is not all that is still there.
    if scene.on("lost-features") and scene.window is None:
        yield from _lost(scene, published, int(np.count_nonzero(pairs.after == 0)))
    if scene.on("id-reused", "area-jump"):
        yield from _moved(scene, previous, published, table, pairs)


def _pairs(previous: Release, published: PublishedLayer, table: Table) -> Pairs:
    """Keys before and rows from 1 of the features that are not what they were."""
    then, now = pairing.differing(previous.store.leaves(published.id), canonical.leaves(table))
    is_text = table.layer.id_field.type == "string"
    ids = pa.array(table.ids[now - 1].tolist(), pa.string() if is_text else pa.int64())
    before = previous.store.ids(published.id, then) if len(then) else pa.array([], ids.type)
    return pairing.joined(then, before, now, ids)


def _lost(scene: Scene, published: PublishedLayer, gone: int) -> Iterator[Finding]:
    """Too many features gone: told of the authorities that have so many fewer, else of the layer."""
    limit = scene.rules.limit("lost-features")
    now = scene.candidate.parts(published.id)
    fewer = {
        part.authority: (part.count, part.count - now.get(part.authority, 0)) for part in published.parts
    }
    lost: dict[str | None, tuple[int, int]] = {
        name: (count, less) for name, (count, less) in fewer.items() if less > 0 and less / count >= limit
    }
    if not lost and gone and gone / published.count >= limit:
        lost = {None: (published.count, gone)}
    for authority, (count, less) in lost.items():
        text = Text(
            zh=f"上一版次有 {count} 个要素，其中 {less} 个（{less / count:.1%}）已不在",
            en=f"of {count} features of the release before, {less} ({less / count:.1%}) are gone",
        )
        yield Finding("lost-features", text, authority, published.id, measured=less / count)


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """Features whose geometry is another: rows, geometries and titles before, m2 before and now, metres between."""

    rows: NDArray[np.int64]
    before: Objects
    titles: list[Any]
    areas: NDArray[np.float64]
    metres: NDArray[np.float64]


def _moved(
    scene: Scene, previous: Release, published: PublishedLayer, table: Table, pairs: Pairs
) -> Iterator[Finding]:
    both = np.flatnonzero((pairs.before > 0) & (pairs.after > 0))
    keys, rows = pairs.before[both], pairs.after[both].astype(np.int64) - 1
    order = np.argsort(rows)
    reused: list[tuple[int, float]] = []
    jumped: list[tuple[int, float, float]] = []
    for part in _stretches(scene, previous, published, table, keys[order], rows[order]):
        other = _is_other(scene, part, table)
        reused += zip(part.rows[other].tolist(), part.metres[other].tolist())
        before, now = part.areas
        with np.errstate(divide="ignore", invalid="ignore"):
            jump = np.abs(now - before) / before >= scene.rules.limit("area-jump")
        jump &= ~other & (before > 0) & (now > 0)
        jumped += zip(part.rows[jump].tolist(), before[jump].tolist(), now[jump].tolist())
    listed = scene.service.gate.listed
    if reused and scene.on("id-reused"):
        yield from _reused(table, reused).findings(table, listed)
    if jumped and scene.on("area-jump"):
        yield from _jumped(table, jumped).findings(table, listed)


def _stretches(
    scene: Scene,
    previous: Release,
    published: PublishedLayer,
    table: Table,
    keys: Keys,
    rows: NDArray[np.int64],
) -> Iterator[_Moved]:
    """The features that have another geometry than before, a stretch at a time."""
    title = published.layer.title_field
    for start in range(0, len(keys), _BATCH):
        some, mine = keys[start : start + _BATCH], rows[start : start + _BATCH]
        texts = list(chain.from_iterable(previous.store.texts(published.id, some)))
        heads, shapes = parted(texts)
        before, now = geometrytext.read(shapes), table.geometry[mine]
        fit = ~(
            shapely.is_missing(before) | shapely.is_missing(now) | shapely.is_empty(now) | not_finite(now)
        )
        fit[fit] = ~shapely.equals_exact(before[fit], now[fit]) & shapely.is_valid(now[fit])
        titles = [
            orjson.loads(head)["properties"][title.name] if title else None
            for head, ok in zip(heads, fit)
            if ok
        ]
        before, now, mine = before[fit], now[fit], mine[fit]
        crs = scene.service.crs
        areas = np.stack([square_metres(before, crs), square_metres(now, crs)])
        scale = degree(shapely.get_y(shapely.centroid(before)), crs)
        yield _Moved(mine, before, titles, areas, _between(before, now, scale))


def _between(one: Objects, other: Objects, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres (n,) between the nearest points of geometries; `scale` (n, 2) are those of a degree there."""
    apart = shapely.disjoint(one, other)
    found = np.zeros(len(one))
    ends = shapely.get_coordinates(shapely.shortest_line(one[apart], other[apart])).reshape(-1, 2, 2)
    found[apart] = np.hypot(*((ends[:, 1] - ends[:, 0]) * scale[apart]).T)
    return found


def _is_other(scene: Scene, part: _Moved, table: Table) -> NDArray[np.bool_]:
    """Which ids (n,) cannot mean what they meant.

    A polygon that is a way off from all that it was is another one. A point or a line is always off when it was
    corrected at all, so it has to have another name as well.
    """
    title = table.layer.title_field
    named = [None] * len(part.rows) if title is None else table.values[title.name][part.rows].tolist()
    renamed = np.array([one != other for one, other in zip(named, part.titles)], dtype=bool)
    areal = (part.areas > 0).all(axis=0)
    far = (part.metres > 0) & (part.metres >= scene.rules.limit("id-reused"))
    return np.asarray(far & (areal | renamed))


def _reused(table: Table, found: list[tuple[int, float]]) -> RowFault:
    def message(fault: int) -> Text:
        metres = found[fault][1]
        return Text(
            zh=f"标识在上一版次指另一处的要素，相距 {metres:.0f} 米",
            en=f"in the release before the id was that of a feature elsewhere, {metres:.0f} m away",
        )

    rows, metres = zip(*found)
    return RowFault(
        "id-reused", np.array(rows), message, table.layer.id_field.name, measured=np.array(metres)
    )


def _jumped(table: Table, found: list[tuple[int, float, float]]) -> RowFault:
    rows, before, now = (np.array(column) for column in zip(*found))
    share = np.abs(now - before) / before

    def message(fault: int) -> Text:
        return Text(
            zh=f"面积由 {before[fault]:.1f} 变为 {now[fault]:.1f} 平方米，变化 {share[fault]:.0%}",
            en=f"the area was {before[fault]:.1f} m2 and is {now[fault]:.1f} m2, a change of {share[fault]:.0%}",
        )

    return RowFault("area-jump", rows, message, measured=share)
