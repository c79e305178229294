"""Candidates of the imaginary lakes: sound, with a warning, with faults, and with findings of every shape."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from config.models import Text
from releases.findings import Finding
from releases.gate import Rules
from releases.publication import examine
from releases.report.examined import Examined

Spoil = Callable[[list[dict[str, Any]]], None]


def repeat_a_vertex(features: list[dict[str, Any]]) -> None:
    """A warning."""
    ring = features[2]["geometry"]["coordinates"][0]
    ring.insert(1, ring[1])


def use_unknown_codes(features: list[dict[str, Any]]) -> None:
    """Two faults that refuse."""
    for feature in features[:2]:
        feature["properties"]["use"] = "swamp"


def spoiled(region: Any, *faults: Spoil) -> Any:
    """Put faults into the parishes of Norland."""
    path = region.folder / "data" / "norland" / "parishes.geojson"
    document = json.loads(path.read_text())
    for fault in faults:
        fault(document["features"])
    path.write_text(json.dumps(document))
    return region


@pytest.fixture
def region(lakes: Any, tmp_path: Path) -> Callable[..., Any]:
    """A fresh copy of the region with faults in it."""

    def region(*faults: Spoil, name: str = "lakes") -> Any:
        return spoiled(lakes(tmp_path / name), *faults)

    return region


@pytest.fixture(name="repeat_a_vertex")
def _repeat_a_vertex() -> Spoil:
    return repeat_a_vertex


@pytest.fixture(name="use_unknown_codes")
def _use_unknown_codes() -> Spoil:
    return use_unknown_codes


@pytest.fixture(scope="session")
def sound(lakes: Any, tmp_path_factory: pytest.TempPathFactory) -> Examined:
    """A candidate without fault."""
    examined = examine(lakes(tmp_path_factory.mktemp("sound") / "lakes").service)
    assert examined.verdict == "passed", [str(finding) for finding in examined.findings]
    return examined


@pytest.fixture(scope="session")
def with_findings(sound: Examined) -> Callable[..., Examined]:
    """The sound candidate as if these had been found of it."""

    def with_findings(*findings: Finding) -> Examined:
        return replace(sound, findings=Rules.of(sound.service.gate).judged(findings))

    return with_findings


SAID = Text(zh="坏了 <b>&", en="broken <b>& “so”")
BOW = shapely.Polygon([(2, -1), (2.2, -1.2), (2.2, -1), (2, -1.2), (2, -1)])
#: Of every shape and of none, whole and broken.
SHAPES: dict[str, shapely.Geometry | None] = {
    "none": None,
    "empty": shapely.Polygon(),
    "point": shapely.Point(1.5, -1),
    "points": shapely.MultiPoint([(1.5, -1), (1.6, -1.1)]),
    "line": shapely.LineString([(1.3, -1), (1.31, -1.01)]),
    "lines": shapely.MultiLineString([[(1.3, -1), (1.4, -1)], [(2.5, -1), (2.6, -1)]]),
    "polygon": shapely.Point(2, -1).buffer(0.05),
    "polygons": shapely.MultiPolygon([shapely.box(2, -1, 2.1, -0.9), shapely.box(2.5, -1, 2.6, -0.9)]),
    "bow": BOW,
    "mixed": shapely.GeometryCollection([shapely.Point(2, -1), shapely.box(2, -1, 2.1, -0.9)]),
    "far away": shapely.box(100, 40, 101, 41),
    "tiny": shapely.box(2, -1, 2 + 1e-9, -1 + 1e-9),
    "high": shapely.Polygon([(2, -1, 5), (2.1, -1, 5), (2.1, -0.9, 5), (2, -1, 5)]),
    "no number": shapely.LineString([(2, -1), (math.inf, -1), (2.2, -1.1)]),
    "crowded": shapely.Point(2.4, -1).buffer(0.2, quad_segs=20_000),
}


def finding(rule: str = "overlap", **about: Any) -> Finding:
    """A finding of the parish N01."""
    known = {"authority": "norland", "layer": "parishes", "feature": "N01", "row": 1, "place": (1.2, -1.5)}
    return Finding(rule, SAID, **{**known, **about})


@pytest.fixture(scope="session")
def of_every_shape(with_findings: Callable[..., Examined]) -> Examined:
    """Findings with each shape and without place, of features that there are and of one that is not."""
    found = [finding(geometry=shape, others=("N02", "S01"), measured=12.5) for shape in SHAPES.values()] + [
        finding("spike", place=(2.1, -1.55), measured=0.25),
        finding("border-gap", authority=None, feature=None, row=None, place=(2.0, -1.5)),
        finding("code-list", field="use", feature="nobody", row=99, place=None),
        finding("source-missing", feature=None, row=None, place=None),
        finding("duplicate-id", layer="lakes", feature="1", row=1, place=(1.9, -0.8)),
        finding("duplicate-id", layer="lakes", feature="3", row=3, place=None),
        finding("swapped-axes", place=(-1.5, 1.2)),
        finding("field-absent", layer="lakes", feature=None, row=None, place=None, count=7),
        finding("nest", other_layer="lakes", others=("1",), geometry=shapely.box(1.8, -0.9, 2, -0.7)),
    ]
    return with_findings(*found)


@pytest.fixture(name="finding", scope="session")
def _finding() -> Callable[..., Finding]:
    return finding
