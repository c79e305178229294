"""No vertex of a line or ring is the same as the one before it, once coordinates are on the release's grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from config.models import Service, Text
from releases.faults import RowFault
from releases.findings import Finding
from releases.gate.chains import blocks
from releases.gate.soundness import finite
from releases.table import Table


def points(table: Table, service: Service) -> Iterator[Finding]:
    """Yield features with repeated vertices, each once: `measured` is how many, the place is that of the first."""
    if table.layer.geometry in ("Point", "MultiPoint"):
        return
    rows, counts, places = [], [], []
    for chains in blocks(table.geometry, np.flatnonzero(finite(table))):
        again = np.flatnonzero(chains.repeats())
        if len(again):
            row = chains.row[chains.chain_of(again)]
            of, first, count = np.unique(row, return_index=True, return_counts=True)
            rows.append(of)
            counts.append(count)
            places.append(chains.xy[again[first]])
    if not rows:
        return
    at, many = np.concatenate(places), np.concatenate(counts)

    def message(fault: int) -> Text:
        return Text(
            zh=f"{many[fault]} 个顶点与前一顶点相同（取整到坐标精度后）；每个顶点应只出现一次",
            en=f"{many[fault]} vertices are the same as the one before, on the grid of coordinates; "
            "expected each once",
        )

    fault = RowFault(
        "duplicate-points",
        np.concatenate(rows),
        message,
        place=lambda fault: (float(at[fault, 0]), float(at[fault, 1])),
        measured=many.astype(np.float64),
    )
    yield from fault.findings(table, service.gate.listed)
