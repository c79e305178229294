"""What became of layers between two releases, against dictionaries."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from config.models import Layer
from releases import filestore
from releases.changes.change import Change
from releases.changes.comparison import LayerChanges, compare, layers
from releases.filestore import FileStore
from releases.release import Release
from releases.store import NotFound, ReleaseDamaged
from releases.table import Table

Make = Callable[..., Release]
Rows = dict[str, dict[str, Any]]

NAMES = ("NAME", "FLOORS", "AREA", "LISTED", "TAGS", "geometry")
#: Numbers and truth values that Python takes for each other, and texts that sort by code points.
ROW = st.fixed_dictionaries(
    {
        "NAME": st.sampled_from([None, "", "江", 'a\u2028"\\']),
        "FLOORS": st.sampled_from([None, 0, 1, 2**53 + 1]),
        "AREA": st.sampled_from([None, 0.0, 1.0, 0.1, 1e-7, 1e21]),
        "LISTED": st.sampled_from([None, True, False]),
        "TAGS": st.sampled_from([None, [], ["x"], ["x", "y"]]),
        "geometry": st.sampled_from(
            [
                None,
                shapely.Point(104.5, 29.25),
                shapely.Point(104.5000001, 29.25),
                shapely.MultiPolygon([shapely.box(104, 29, 105, 30)]),
                shapely.LineString([(104, 29), (105, 30)]),
            ]
        ),
    }
)
ROWS = st.dictionaries(st.text(alphabet="ab中𠀀'\"", min_size=1, max_size=3), ROW, max_size=12)


def _told(changes: LayerChanges, start: int = 0, limit: int = 10**6) -> list[Change]:
    return list(chain.from_iterable(changes.page(start, limit)))


def _expected(before: Rows, after: Rows) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for name in sorted({*before, *after}):
        if name not in before:
            found.append(("added", name, (), False))
        elif name not in after:
            found.append(("removed", name, (), False))
        elif before[name] != after[name]:
            fields = [field for field in NAMES if before[name][field] != after[name][field]]
            plain = tuple(field for field in fields if field != "geometry")
            found.append(("changed", name, plain, "geometry" in fields))
    return found


def _table(table: Callable[..., Table], layer: Layer, rows: Rows) -> Table:
    shuffled = [{"CODE": name, **row} for name, row in rows.items()]
    random.Random(len(rows)).shuffle(shuffled)
    return table(shuffled, layer)


@settings(max_examples=40)
@given(before=ROWS, after=ROWS, kept=st.booleans())
def test_changes_are_those_of_two_dictionaries(
    before: Rows, after: Rows, kept: bool, table: Any, layer: Any, releases_in: Callable[[Path], Make]
) -> None:
    # Often most stays as it is.
    after = {**before, **after} if kept else after
    with TemporaryDirectory() as folder:
        make = releases_in(Path(folder))
        one, other = (make(_table(table, layer(), rows)) for rows in (before, after))
        changes = compare(one, other, "parcels")
        told = _told(changes)
        assert [(c.kind, c.id, c.fields, c.geometry) for c in told] == _expected(before, after)
        kinds = [c.kind for c in told]
        assert changes.counts == tuple(kinds.count(kind) for kind in ("added", "changed", "removed"))
        for change in told:
            for text, rows in ((change.before, before), (change.after, after)):
                assert (text is None) == (change.id not in rows)
                if text is not None:
                    said = json.loads(text)
                    assert said["properties"]["NAME"] == rows[str(change.id)]["NAME"]
        pages = [_told(changes, start, 3) for start in range(0, len(changes), 3)]
        assert list(chain.from_iterable(pages)) == told
        back = _told(compare(other, one, "parcels"))
        opposite = {"added": "removed", "removed": "added", "changed": "changed"}
        assert [(c.kind, c.id, c.before, c.after) for c in back] == [
            (opposite[c.kind], c.id, c.after, c.before) for c in told
        ]


def _many(count: int, **changed: Any) -> Rows:
    return {
        f"{i:05}": {"NAME": f"n{i}", "FLOORS": i, "geometry": shapely.Point(i / 1000, 1), **changed}
        for i in range(count)
    }


def test_a_new_order_of_rows_is_no_change(releases: Make, table: Any, layer: Any) -> None:
    rows = [{"CODE": name, **row} for name, row in _many(50).items()]
    one, other = releases(table(rows, layer())), releases(table(rows[::-1], layer()))
    changes = compare(one, other, "parcels")
    assert changes.counts == (0, 0, 0) and _told(changes) == []
    assert compare(one, one, "parcels").counts == (0, 0, 0)


def test_true_is_not_one_but_one_is_one(releases: Make, table: Any, layer: Any) -> None:
    row = {"CODE": "a", "geometry": None}
    numbers = layer({"CODE": {"type": "string", "role": "id", "mandatory": True}, "X": {"type": "integer"}})
    truths = layer({"CODE": {"type": "string", "role": "id", "mandatory": True}, "X": {"type": "boolean"}})
    measured = layer({"CODE": {"type": "string", "role": "id", "mandatory": True}, "X": {"type": "number"}})
    one = releases(table([{**row, "X": 1}], numbers))
    [found] = _told(compare(one, releases(table([{**row, "X": True}], truths)), "parcels"))
    assert (found.kind, found.fields, found.geometry) == ("changed", ("X",), False)
    assert compare(one, releases(table([{**row, "X": 1.0}], measured)), "parcels").counts == (0, 0, 0)


def test_fields_that_come_and_go_are_told(releases: Make, table: Any, layer: Any) -> None:
    key = {"CODE": {"type": "string", "role": "id", "mandatory": True}}
    before = layer({**key, "OLD": {"type": "string"}, "KIND": {"type": "string"}})
    after = layer({**key, "KIND": {"type": "integer"}, "NEW": {"type": "string"}})
    rows = [{"CODE": "a"}, {"CODE": "b", "OLD": "x"}]
    changes = compare(releases(table(rows, before)), releases(table(rows, after)), "parcels")
    assert changes.schema == (("NEW",), ("KIND",), ("OLD",))
    assert [(c.id, c.fields) for c in _told(changes)] == [("a", ("NEW", "OLD")), ("b", ("NEW", "OLD"))]


def test_a_layer_of_one_release_is_all_added_or_all_removed(releases: Make, table: Any, layer: Any) -> None:
    rows = [{"CODE": name, **row} for name, row in _many(3).items()]
    one = releases(table(rows, layer()))
    other = releases(table(rows, layer(name="lots")), table([], layer(name="none")))
    assert layers(one, other) == ("lots", "none", "parcels")
    assert compare(one, other, "parcels").counts == (0, 0, 3)
    assert compare(one, other, "lots").counts == (3, 0, 0)
    assert [c.kind for c in _told(compare(one, other, "lots"))] == ["added"] * 3
    assert compare(one, other, "none").counts == (0, 0, 0)
    with pytest.raises(NotFound):
        compare(one, other, "roads")


def test_ids_that_are_numbers_stand_in_their_order(releases: Make, table: Any, layer: Any) -> None:
    numbered = layer({"CODE": {"type": "integer", "role": "id", "mandatory": True}})
    one = releases(table([{"CODE": i} for i in (2, 10)], numbered))
    other = releases(table([{"CODE": i} for i in (-1, 9, 10, 100)], numbered))
    changes = _told(compare(one, other, "parcels"))
    assert [(c.kind, c.id) for c in changes] == [("added", -1), ("removed", 2), ("added", 9), ("added", 100)]
    as_text = releases(table([{"CODE": "2"}, {"CODE": "3"}], layer()))
    assert [(c.kind, c.id) for c in _told(compare(one, as_text, "parcels"))] == [
        *(("removed", 2), ("removed", 10)),
        *(("added", "2"), ("added", "3")),
    ]


def test_all_of_a_large_layer_may_have_changed(releases: Make, table: Any, layer: Any) -> None:
    count = filestore.FEW + 100
    one, other = (
        releases(table([{"CODE": name, **row} for name, row in _many(count, LISTED=said).items()], layer()))
        for said in (True, False)
    )
    changes = compare(one, other, "parcels")
    assert changes.counts == (0, count, 0)
    assert all(c.fields == ("LISTED",) and not c.geometry for c in _told(changes))


def test_an_altered_feature_is_not_told(
    releases: Make, table: Any, layer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (
        releases(table([{"CODE": name, **row} for name, row in _many(50, NAME=said).items()], layer()))
        for said in ("before", "after")
    )
    path = other.path / other.manifest.layers[0].file
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"[0.007,1", b"[1.007,1"))
    # Ids are read out of the texts of few; those of many stand in a file of their own.
    with pytest.raises(ReleaseDamaged):
        compare(one, other, "parcels")
    monkeypatch.setattr(filestore, "FEWER", 0)
    changes = compare(one, other, "parcels")
    assert len(_told(changes, 8)) == 42
    with pytest.raises(ReleaseDamaged):
        _told(changes)


def test_a_walk_over_many_compares_the_file_once_and_then_reads(
    releases: Make, table: Any, layer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filestore, "FEW", 20)
    one, other = (
        releases(table([{"CODE": name, **row} for name, row in _many(50, NAME=said).items()], layer()))
        for said in ("before", "after")
    )
    changes = compare(one, other, "parcels")
    whole = [change for start in range(0, 50, 7) for change in _told(changes, start, 7)]
    assert [change.id for change in whole] == [f"{i:05}" for i in range(50)]
    # Compared as a whole, it is found out that it was altered, wherever that was.
    path = other.path / other.manifest.layers[0].file
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"[0.049,1", b"[1.049,1"))
    again = compare(
        one,
        Release(other.id, other.path, other.manifest, FileStore(other.path, other.manifest), other.entry),
        "parcels",
    )
    with pytest.raises(ReleaseDamaged):
        for start in range(0, 42, 7):
            _told(again, start, 7)
