"""What a GeoJSON file must be before GDAL reads it (RFC 7946): JSON in UTF-8, a collection of features.

GDAL makes a null of a geometry it cannot read; which features really had none is told from the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from releases.sources.fault import SourceFault


@dataclass(frozen=True, slots=True)
class Members:
    """What only the text tells: which features have a geometry, and whether a property is called "id"."""

    has_geometry: tuple[bool, ...]
    id_is_property: bool


def check(path: Path, encoding: str) -> Members:
    """Parse the file; SourceFault unless it is a FeatureCollection in UTF-8 (RFC 7946 3.3, RFC 8259 8.1)."""
    data = path.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceFault(
            "encoding",
            f"{path.name} 第 {error.start} 字节处不是 UTF-8；GeoJSON 只能是 UTF-8（声明为 {encoding}）",
            f"{path.name} is not UTF-8 at byte {error.start}; GeoJSON is always UTF-8 (declared: {encoding})",
        ) from None
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SourceFault(
            "source-unreadable",
            f"{path.name} 不是完整的 JSON：{error}",
            f"{path.name} is not whole JSON: {error}",
        ) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        raise SourceFault(
            "source-unreadable",
            f"{path.name} 不是要素集合：应有 type=FeatureCollection 和 features 数组",
            f"{path.name} is no feature collection: expected type FeatureCollection and an array `features`",
        )
    return Members(
        tuple(feature.get("geometry") is not None for feature in features),
        any("id" in (feature.get("properties") or ()) for feature in features),
    )


def _is_feature(feature: Any) -> bool:
    return isinstance(feature, dict) and feature.get("type") == "Feature"
