"""A layer of every type of field and kind of geometry, whole and in every form that we give out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from config.models import Layer, Service
from releases import description, features, featuretext
from releases.formats import flatgeobuf, geoparquet
from releases.manifest import PublishedLayer
from releases.proof import canonical
from releases.table import Candidate, Table

TITLE = {"zh": "一", "en": "One"}
TYPES = {
    "CODE": "string",
    "NAME": "string",
    "FLOORS": "integer",
    "AREA": "number",
    "LISTED": "boolean",
    "DAY": "date",
    "INSTANT": "date",
    "EITHER": "date",
    "TAGS": "array",
}
COUNT = 60


def layer_of(identifier: str = "string") -> Layer:
    fields = [{"name": name, "type": kind, "title": TITLE} for name, kind in TYPES.items()]
    fields[0] |= {"role": "id", "mandatory": True, "type": identifier}
    said = {
        "id": "things",
        "group": "one",
        "geometry": "Geometry",
        "geometry_required": False,
        "fields": fields,
        "sources": [{"authority": "one", "path": "things.geojson"}],
        "zoom": {"min": 0, "max": 1},
        "licence": {"title": TITLE},
        "nature": "synthetic",
    }
    return Layer.model_validate(said | dict.fromkeys(("title", "description", "attribution"), TITLE))


def shape(place: int) -> Any:
    x, y = 104 + place / 64, 30 + place / 128
    ring = [(x, y), (x + 1e-7, y), (x + 0.1, y + 0.1), (x, y)]
    kinds = (
        shapely.Point(x, y),
        shapely.MultiPolygon([shapely.Polygon(ring)]),
        shapely.LineString(ring[:3]),
        None,
        shapely.MultiPoint(ring[:2]),
        shapely.Polygon(ring),
        shapely.MultiLineString([ring[:2], ring[1:3]]),
    )
    return kinds[place % len(kinds)]


def objects(values: list[Any]) -> Any:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def table_of(layer: Layer, count: int = COUNT) -> Table:
    places = range(count)
    texts = (None, '中文, “引号” \\ "\n\x1f', "😀 trailing ", "Ａ\u2028")
    numbers = (None, 1.0, -0.5, 1e21, 1e-7, 123456789.123, 1e16, 0.1 + 0.2)
    values = {
        "CODE": [f"{place:04}" if layer.id_field.type == "string" else place - 5 for place in places],
        "NAME": [texts[place % len(texts)] for place in places],
        "FLOORS": [(None, 0, -7, 2**53 + 1, 2**63 - 1)[place % 5] for place in places],
        "AREA": [numbers[place % len(numbers)] for place in places],
        "LISTED": [(None, True, False)[place % 3] for place in places],
        "DAY": [(None, f"2026-02-{place % 28 + 1:02}")[place % 2] for place in places],
        "INSTANT": [(None, f"2026-02-01T{place % 24:02}:30:00Z")[place % 2] for place in places],
        "EITHER": [(None, "0001-01-01", "2026-02-01T08:30:00.250000Z")[place % 3] for place in places],
        "TAGS": [(None, [], ["甲"], ['a"b', "c,d"])[place % 4] for place in places],
    }
    columns = {name: objects(column) for name, column in values.items()}
    shapes = objects([shape(place) for place in places])
    return Table(layer, columns["CODE"], shapes, columns, objects(["one"] * count), np.arange(1, count + 1))


@dataclass(frozen=True)
class Things:
    """The layer, and its files by the names of their forms."""

    table: Table
    layer: PublishedLayer
    files: dict[str, Path]

    @property
    def features(self) -> list[dict[str, Any]]:
        """Its features as anybody's reader of JSON has them."""
        return [json.loads(line) for line in self.files["lines"].read_text("utf-8").split("\n")[:-1]]


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Things]:
    """Make the layer with ids of a type."""

    def make(identifier: str) -> Things:
        folder = tmp_path_factory.mktemp("things")
        table = table_of(layer_of(identifier))
        layer = description.layer(Candidate((table,), (), {}), table, canonical.leaves(table))
        suffixes = {"gpkg": ".gpkg", "flatgeobuf": ".fgb", "geoparquet": ".parquet"}
        names = ("lines", "sequence", "collection", "pretty", *suffixes)
        files = {name: folder / f"{name}{suffixes.get(name, '.json')}" for name in names}
        featuretext.write(table, files["lines"], folder / "offsets.npy")
        lines = files["lines"].read_bytes().split(b"\n")[:-1]
        files["sequence"].write_bytes(b"".join(b"\x1e" + line + b"\n" for line in lines))
        files["collection"].write_bytes(
            b'{"numberMatched":9,"links":[{"href":"]}\\""}],"type":"FeatureCollection","features":['
            + b",\n".join(lines)
            + b'],"crs":{}}'
        )
        collection = {
            "name": "things",
            "type": "FeatureCollection",
            "features": [json.loads(line) for line in lines],
        }
        files["pretty"].write_text(json.dumps(collection, indent=2), "utf-8")
        features.write(table, files["gpkg"], "EPSG:4490")
        flatgeobuf.save(table, layer, files["flatgeobuf"], "zh")
        geoparquet.save(table, layer, files["geoparquet"], "zh")
        return Things(table, layer, files)

    return make


@pytest.fixture(scope="session", params=["string", "integer"])
def every(request: pytest.FixtureRequest, things: Callable[[str], Things]) -> Things:
    """The layer with ids that are texts, and with such as are numbers."""
    return things(request.param)


@pytest.fixture(scope="session")
def plain(things: Callable[[str], Things]) -> Things:
    """The layer with ids that are texts."""
    return things("string")


@pytest.fixture
def signed(lakes: Callable[[Path], Any], tmp_path: Path) -> Service:
    """The lakes region with its first release, signed."""
    import config
    from releases.proof import keys
    from releases.publication import publish

    region = lakes(tmp_path / "lakes")
    cache = str(region.service.cache)
    variables = {"BLUEPRINT_KEY": str(tmp_path / "keys" / "signing.pem"), "BLUEPRINT_CACHE": cache}
    service = config.load(tmp_path / "lakes" / "service.yml", region.variables | variables)
    assert service.signing_key is not None
    keys.make(service.signing_key, "2026-01-01T00:00:00Z")
    assert publish(service).status == "published"
    return service
