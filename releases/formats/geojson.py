"""GeoJSON (RFC 7946): of features shown as they were published the text is joined, of others it is written anew.

In another CRS than WGS 84 longitude, latitude, coordinates stand in the order of its authority (OGC 18-058r1, 7.5), by
prior arrangement, as RFC 7946 4 calls it: the client has asked for the CRS.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import shapely

from releases import axistext, crs
from releases.formats.subject import Subject
from releases.records import read
from releases.rendition import Rendition
from releases.table import Objects


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write a feature collection."""
    yield from collection(head(subject), (features(some, subject.rendition) for some in texts))


def feature(text: bytes, subject: Subject) -> bytes:
    """One feature, with the subject's links."""
    links = orjson.dumps(list(subject.links))
    return features([text], subject.rendition)[0][:-1] + b',"links":' + links + b"}"


def head(subject: Subject) -> bytes:
    """The members of a collection that stand before its features, as one JSON object."""
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "numberMatched": subject.matched,
            "numberReturned": subject.returned,
            "links": list(subject.links),
        }
    )


def collection(head: bytes, chunks: Iterator[list[bytes]]) -> Iterator[bytes]:
    """A collection of a head (a JSON object that is not empty) and chunks of features' texts."""
    yield head[:-1] + b',"features":['
    between = b""
    for texts in chunks:
        if texts:
            yield between + b",\n".join(texts)
            between = b",\n"
    yield b"]}"


def features(texts: list[bytes], rendition: Rendition) -> list[bytes]:
    """The text of each feature as the rendition says."""
    if rendition.plain:
        return texts
    if rendition == Rendition(rendition.crs) and crs.is_turned(rendition.crs):
        return axistext.turned(texts)
    records = read(texts, rendition)
    return [
        b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}'
        % (orjson.dumps(name), shape, orjson.dumps(properties))
        for name, shape, properties in zip(
            records.ids, geometries(records.geometry, rendition.crs), records.properties, strict=True
        )
    ]


def geometries(geometry: Objects, code: str) -> list[bytes]:
    """The text of each geometry (n,) in x, y of a CRS: in the axis order of its authority, "null" where there is none."""
    # GEOS writes each number in the shortest form that reads back equal.
    shapes = shapely.to_geojson(crs.in_authority_order(geometry, code))
    return [b"null" if shape is None else shape.encode() for shape in shapes]
