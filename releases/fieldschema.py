"""What JSON Schema says of a layer's fields and geometry, by OGC 23-058r2 (Common Part 3, Features Part 5).

Used by the server's schema resources and by the pygeoapi provider, so that both tell the same about a field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from config.models import CodeList, Field, Geometry, Lang, Layer

#: Our type -> JSON Schema.
_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
#: Values of "format" of a spatial property (23-058r2 /req/schemas/properties C).
_FORMATS: Final[Mapping[Geometry, str]] = {
    "Point": "geometry-point",
    "MultiPoint": "geometry-multipoint",
    "MultiLineString": "geometry-multilinestring",
    "MultiPolygon": "geometry-multipolygon",
    "Geometry": "geometry-any",
}


def field_schema(
    field: Field,
    codelists: Mapping[str, CodeList],
    lang: Lang,
    address: Callable[[CodeList], str] | None = None,
) -> dict[str, Any]:
    """One property: title, type, limits, unit, code list. Limits and codes of an array are its members'.

    Codes stand with their titles (the profile "codelist-inline", 23-058r2 15), so that nobody has to fetch anything to
    read one; with `address`, which says where a list is, alone ("codelist-ref"). Never both (A.10, codelists).
    """
    schema: dict[str, Any] = {"title": field.title.of(lang)}
    if field.description:
        schema["description"] = field.description.of(lang)
    if field.type == "array":
        schema |= {"type": "array", "items": {"type": "string"} | _limits(field, codelists, lang, address)}
    else:
        schema |= {**_TYPES[field.type], **_limits(field, codelists, lang, address)}
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    return schema


def geometry_schema(layer: Layer, lang: Lang) -> dict[str, Any]:
    """The geometry as a property: a spatial property has a format and no type."""
    return {
        "title": "Geometry" if lang == "en" else "几何",
        "format": _FORMATS[layer.geometry],
        "x-ogc-role": "primary-geometry",
    }


def role(layer: Layer, field: Field) -> str | None:
    """The value of x-ogc-role (23-058r2 7.2, 8); None without one. A title is not among its roles."""
    times = layer.temporal_fields
    if field.name in times:
        if len(times) == 1:
            return "primary-instant"
        return "primary-interval-start" if field.name == times[0] else "primary-interval-end"
    return field.role if field.role in ("id", "type") else None


def _limits(
    field: Field,
    codelists: Mapping[str, CodeList],
    lang: Lang,
    address: Callable[[CodeList], str] | None,
) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if field.max_length:
        limits["maxLength"] = field.max_length
    if field.pattern:
        limits["pattern"] = field.pattern
    if field.codelist:
        codelist = codelists[field.codelist]
        codes = [int(code.value) if field.type == "integer" else code.value for code in codelist.codes]
        if address is None:
            titles = (code.title.of(lang) for code in codelist.codes)
            limits["oneOf"] = [
                {"const": code, "title": title} for code, title in zip(codes, titles, strict=True)
            ]
        else:
            limits |= {"enum": codes, "x-ogc-codelistUri": address(codelist)}
    return limits
