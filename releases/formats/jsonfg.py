"""JSON-FG 1.0 (OGC 21-045r1), core and feature types: GeoJSON that also says which CRS, which time and what kind.

`geometry` is what any reader of GeoJSON understands: WGS 84, longitude before latitude. Where another CRS is asked for,
`place` has the feature in it, in the order of its authority's axes. By the profile "jsonfg" the one stands where the other
does not; by "jsonfg-plus" `geometry` is there as well, for readers who know no `place` (14.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson

from config.models import Geometry
from releases import crs
from releases.formats import geojson
from releases.formats.subject import Subject

_CLASSES: Final = "http://www.opengis.net/spec/json-fg-1/1.0/conf/"
#: What a document conforms to (8.2 A, B, H; 13.1).
CONFORMS: Final = (_CLASSES + "core", _CLASSES + "types-schemas")
#: The dimension of all geometries of a layer (13.2); a layer of any kind has none.
_DIMENSIONS: Final[dict[Geometry, int]] = {
    "Point": 0,
    "MultiPoint": 0,
    "MultiLineString": 1,
    "MultiPolygon": 2,
}
#: An open end of an interval (8.3).
_OPEN: Final = ".."
_DAY: Final = len("2025-01-31")
_WGS84: Final = "OGC:CRS84"


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write a feature collection."""
    head: dict[str, Any] = {**_root(subject), **orjson.loads(geojson.head(subject))}
    dimension = _DIMENSIONS.get(subject.layer.layer.geometry)
    if dimension is not None and subject.rendition.geometry:
        head["geometryDimension"] = dimension
    yield from geojson.collection(orjson.dumps(head), (_features(some, subject) for some in texts))


def feature(text: bytes, subject: Subject) -> bytes:
    """One feature, with the subject's links."""
    root = orjson.dumps({**_root(subject), "links": list(subject.links)})
    return _features([text], subject)[0][:-1] + b"," + root[1:]


def _root(subject: Subject) -> dict[str, Any]:
    """What stands in the root object and nowhere else (8.2 C, 8.4.6)."""
    return {
        "conformsTo": list(CONFORMS),
        "featureType": subject.layer.id,
        "featureSchema": subject.schema,
        "coordRefSys": crs.uri(subject.rendition.crs),
    }


def _features(texts: list[bytes], subject: Subject) -> list[bytes]:
    asked, nowhere = subject.rendition, [b"null"] * len(texts)
    ids, properties, place = geojson.parts(texts, asked)
    geometry = nowhere
    if asked.crs == _WGS84:
        geometry, place = place, nowhere
    elif subject.profile == "jsonfg-plus":
        geometry = geojson.parts(texts, replace(asked, crs=_WGS84))[2]
    names = subject.layer.layer.temporal_fields
    return [
        b'{"type":"Feature","id":%b,"time":%b,"place":%b,"geometry":%b,"properties":%b}'
        % (orjson.dumps(name), orjson.dumps(time(values, names)), there, here, orjson.dumps(values))
        for name, values, there, here in zip(ids, properties, place, geometry, strict=True)
    ]


def time(properties: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any] | None:
    """The `time` of a feature by its temporal fields: one of an instant, two of an interval (8.3).

    None where nothing is known or shown, and where an interval ends before it begins: there is no such interval.
    """
    if not names or any(name not in properties for name in names):
        return None
    start, end = properties[names[0]], properties[names[-1]]
    if len(names) == 1:
        return None if start is None else {"date" if len(start) == _DAY else "timestamp": start}
    if start and end and len(start) != len(end) and _DAY in (len(start), len(end)):
        # Both ends are days or both are moments (8.3.2 B, C): a day begins at midnight and lasts to its last millisecond.
        start = f"{start}T00:00:00Z" if len(start) == _DAY else start
        end = f"{end}T23:59:59.999Z" if len(end) == _DAY else end
    if (not start and not end) or (start and end and _moment(start) > _moment(end)):
        return None
    return {"interval": [start or _OPEN, end or _OPEN]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
