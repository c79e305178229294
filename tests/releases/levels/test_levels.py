"""The levels of the demo's layers: what the manifest says of them is what their columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from config.models import Service, TileSettings
from releases import levels, sources
from releases.manifest import PublishedLevel
from releases.table import Candidate, Table
from tiles import columnfile, featureid
from tiles.columns import Columns

#: Tiles with so few units are coarse, so that the demo's boundaries have levels at all.
COARSE = TileSettings(extent=256, buffer=16, budget_kb=20)


@pytest.fixture(scope="module")
def candidate(demo: Service) -> Candidate:
    return sources.read(demo)[0]


def written(
    candidate: Candidate, layer: str, folder: Path, tiles: TileSettings = COARSE
) -> list[PublishedLevel]:
    table = table_of(candidate, layer)
    followed = candidate.table(table.layer.generalise.layer or "")
    return list(levels.write(table, folder, tiles, followed))


def table_of(candidate: Candidate, layer: str) -> Table:
    table = candidate.table(layer)
    assert table is not None
    return table


def columns_of(folder: Path, level: PublishedLevel) -> Columns:
    return columnfile.read(folder / level.file)


def segments(columns: Columns) -> set[tuple[tuple[int, ...], ...]]:
    """The straight pieces of all paths, without their direction."""
    ends = set(columns.path_start.tolist())
    xy = [tuple(vertex) for vertex in columns.xy.tolist()]
    return {tuple(sorted(pair)) for i, pair in enumerate(pairwise(xy)) if i + 1 not in ends}


def names(columns: Columns) -> Iterator[str]:
    """The names of the fields as tiles carry them, tag and length left out."""
    text = columns.key_bytes.tobytes()
    for first, last in pairwise(columns.key_start.tolist()):
        yield text[first:last][2:].decode()


def test_boundaries_have_the_edges_of_counties_at_every_zoom(candidate: Candidate, tmp_path: Path) -> None:
    counties, lines = (written(candidate, layer, tmp_path) for layer in ("xzq_county", "xzqjx"))
    assert len(lines) > 2
    for zoom in range(4, 15):
        [line] = [level for level in lines if level.zoom_min <= zoom <= level.zoom_max]
        # The smallest zoom of boundaries is below that of counties.
        [ground] = [level for level in counties if level.zoom_min <= max(zoom, 5) <= level.zoom_max]
        assert (line.tolerance, line.rule) == (ground.tolerance, ground.rule)
        edges, borders = segments(columns_of(tmp_path, line)), segments(columns_of(tmp_path, ground))
        assert edges == borders, f"at zoom {zoom} a boundary is no border of counties, or the other way round"


@pytest.mark.parametrize("layer", ["xzq_county", "xzqjx", "ghfq", "yjjbnt", "czkfbj", "places", "rivers"])
def test_a_manifest_says_what_columns_hold(candidate: Candidate, layer: str, tmp_path: Path) -> None:
    table = table_of(candidate, layer)
    found = written(candidate, layer, tmp_path)
    numbers = featureid.tile_ids(table.ids)
    assert [level.index for level in found] == list(range(len(found)))
    assert (found[0].zoom_min, found[-1].zoom_max) == (table.layer.zoom.min, table.layer.zoom.max)
    assert all(a.zoom_max + 1 == b.zoom_min for a, b in pairwise(found))
    assert found[-1].reduction == found[-1].rule == "none" and not found[-1].generalised
    for level in found:
        columns = columns_of(tmp_path, level)
        assert (level.rows, level.vertices) == (len(columns.row_kind), columns.vertices)
        assert level.fields == tuple(names(columns))
        assert level.generalised == (level.tolerance > 0 or level.reduction != "none")
        assert level.tolerance in (0, 360 / 2**level.zoom_max / COARSE.extent / 2)
        own = numbers[columns.row_feature]
        if level.reduction == "dissolved":
            assert level.fields == table.layer.generalise.dissolve
            assert not np.isin(columns.row_id, numbers).any(), "a dissolved row has a feature's number"
        else:
            assert level.fields == tuple(table.values)
            assert (columns.row_id == own).all()


def test_the_rules_of_the_demo_are_in_use(candidate: Candidate, tmp_path: Path) -> None:
    reductions = {
        layer: {level.reduction for level in written(candidate, layer, tmp_path)}
        for layer in ("ghfq", "yjjbnt", "stbhhx", "czkfbj", "places", "xzqjx")
    }
    assert "thinned" in reductions["places"]
    assert all("dissolved" in reductions[layer] for layer in ("ghfq", "yjjbnt"))
    assert reductions["xzqjx"] == {"none"}


def test_progress_tells_each_zoom_under_way(candidate: Candidate, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    levels.write(table_of(candidate, "czkfbj"), tmp_path, COARSE, progress=lambda *args: told.append(args))
    assert told == [(f"levels: czkfbj, zoom {zoom}", 14 - zoom, 9) for zoom in range(14, 5, -1)]
