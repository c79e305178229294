"""GeoJSON text sequences (RFC 8142): each feature begins with a record separator and ends with a line feed.

A reader needs no more memory than one feature takes, and one that was cut off knows which feature was the last whole one.
There is no head: what a page says about itself stands in the answer's headers.
"""

from __future__ import annotations

from collections.abc import Iterator

from releases.formats import geojson
from releases.formats.subject import Subject

_BEGIN, _END = b"\x1e", b"\n"


def write(texts: Iterator[list[bytes]], subject: Subject) -> Iterator[bytes]:
    """Write features as a sequence."""
    for some in texts:
        features = geojson.features(some, subject.rendition)
        if features:
            yield _BEGIN + (_END + _BEGIN).join(features) + _END
