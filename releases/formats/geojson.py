"""GeoJSON (RFC 7946): of features shown as they were published the text is joined, of others it is written anew.

In another CRS than WGS 84 longitude, latitude, coordinates stand in the order of its authority (OGC 18-058r1, 7.5), by
prior arrangement, as RFC 7946 4 calls it: the client has asked for the CRS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import shapely

from releases import crs, positions
from releases.formats.subject import Subject
from releases.records import attributes, parted, read
from releases.rendition import Rendition


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
    if rendition == Rendition(rendition.crs):
        moved = positions.shown(texts, rendition.crs)
        if moved is not None:
            return moved
    return [
        b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}'
        % (orjson.dumps(name), shape, orjson.dumps(values))
        for name, values, shape in zip(*parts(texts, rendition), strict=True)
    ]


def parts(
    texts: list[bytes], rendition: Rendition
) -> tuple[list[str | int], list[dict[str, Any]], list[bytes]]:
    """Id, properties and the text of the geometry of each feature; only one that is simplified is parsed.

    A geometry stands in the axis order of the CRS's authority, and is "null" where there is none.
    """
    moved = positions.shown(texts, rendition.crs) if rendition.zoom is None else None
    if moved is not None:
        heads, shapes = parted(moved)
        return *attributes(heads, rendition), shapes if rendition.geometry else [b"null"] * len(texts)
    records = read(texts, rendition)
    # GEOS writes numbers that read back equal, nearly all of them in their shortest form.
    written = shapely.to_geojson(crs.in_authority_order(records.geometry, rendition.crs))
    shapes = [b"null" if shape is None else shape.encode() for shape in written]
    return records.ids, records.properties, shapes
