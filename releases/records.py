"""Published texts of features, parsed and shown as asked: what every format but plain GeoJSON is written from.

This is a hot path: a chunk is parsed by one call for its attributes, one for its geometries of each kind and one for its
coordinates. The texts are our own (`featuretext`), so a geometry is cut out by the members that stand around it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import orjson

from releases import crs, geometrytext, simplification
from releases.positions import BEFORE, geometry_of
from releases.rendition import Rendition
from releases.table import Objects


class Records(NamedTuple):
    """Some features, in the order of their texts.

    Parameters
    ----------
    ids : of each feature
    properties : the fields asked for of each, values as in the text: codes, not labels
    geometry : (n,) shapely, x, y (longitude, latitude; easting, northing) of the CRS asked for; None where null,
        skipped, or where the CRS has no coordinates for it
    """

    ids: list[str | int]
    properties: list[dict[str, Any]]
    geometry: Objects


def read(texts: list[bytes], rendition: Rendition) -> Records:
    """The records of some published texts."""
    heads, shapes = parted(texts)
    return Records(*attributes(heads, rendition), _geometry(shapes, rendition))


def attributes(heads: list[bytes], rendition: Rendition) -> tuple[list[str | int], list[dict[str, Any]]]:
    """Ids and properties of features whose texts have no geometry any more."""
    features = orjson.loads(b"[" + b",".join(heads) + b"]")
    properties = [feature["properties"] for feature in features]
    if rendition.fields is not None:
        names = rendition.fields
        properties = [{name: values[name] for name in names} for values in properties]
    return [feature["id"] for feature in features], properties


def parted(texts: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Each feature's text without its geometry, and its geometry's."""
    heads, shapes = [], []
    for text in texts:
        start, end = geometry_of(text)
        heads.append(text[: start - len(BEFORE)] + text[end:])
        shapes.append(text[start:end])
    return heads, shapes


def _geometry(texts: list[bytes], rendition: Rendition) -> Objects:
    if not rendition.geometry:
        return np.full(len(texts), None, dtype=object)
    geometry = geometrytext.read(texts)
    if rendition.zoom is not None:
        geometry = simplification.simplify(geometry, rendition.zoom)
    return crs.from_storage_xy(geometry, rendition.crs)
