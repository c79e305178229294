"""A release as a feature provider of pygeoapi: the same store behind another door.

Named in a pygeoapi configuration by its dotted path:

    providers:
      - type: feature
        name: releases.provider.ReleaseProvider
        data: /srv/blueprint/published       # the folder of releases
        id_field: XZQDM
        options: {layer: xzq_county, release: 0123456789abcdef, lang: zh}   # no release: the current one

What the store cannot do (sorting, full text, CQL) is told as a faulty query and never ignored. Coordinates
are longitude, latitude in degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pygeoapi.crs import crs_transform
from pygeoapi.provider.base import (
    BaseProvider,
    ProviderConnectionError,
    ProviderInvalidQueryError,
    ProviderItemNotFoundError,
    SchemaType,
)

from config.models import Box, Field, Lang, Layer
from releases.fieldschema import field_schema, geometry_schema
from releases.query import Interval, Query, Value
from releases.release import Catalogue, Release
from releases.store import NotFound


@cache
def _catalogue(published: Path) -> Catalogue:
    # pygeoapi makes a provider for every request; the open releases must outlive it.
    return Catalogue(published)


class ReleaseProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi ships no types
    """One layer of one release."""

    def __init__(self, provider_def: Mapping[str, Any]) -> None:
        super().__init__(provider_def)
        options = self.options or {}
        catalogue = _catalogue(Path(self.data))
        try:
            named = options.get("release")
            self._release: Release = catalogue.get(named) if named else catalogue.current()
            self._published = self._release.manifest.layer(options["layer"])
        except (NotFound, KeyError) as error:
            raise ProviderConnectionError(f"{self.data}: {error}") from error
        self._layer: Layer = self._published.layer
        self._lang: Lang = "en" if options.get("lang") == "en" else "zh"
        self.id_field = self._layer.id_field.name
        self.title_field = self._layer.title_field.name if self._layer.title_field else None
        self.time_field = next(iter(self._layer.temporal_fields), None)
        self._fields = self.get_fields()

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """Field name -> its JSON Schema."""
        codelists = self._release.manifest.service.codelists
        return {field.name: field_schema(field, codelists, self._lang) for field in self._layer.fields}

    def get_schema(self, schema_type: SchemaType = SchemaType.item) -> tuple[str, dict[str, Any]]:
        """Media type and schema of a feature's properties and geometry."""
        properties = {"geometry": geometry_schema(self._layer, self._lang), **self._fields}
        return "application/schema+json", {"type": "object", "properties": properties}

    def get_domains(
        self, properties: list[str] | None = None, current: bool = False
    ) -> tuple[dict[str, list[str]], bool]:
        """The codes that occur in the release, for each field with a code list; always the live ones."""
        asked = properties or list(self._published.values)
        return {name: list(codes) for name, codes in self._published.values.items() if name in asked}, True

    @crs_transform  # type: ignore[untyped-decorator]
    def query(
        self,
        offset: int = 0,
        limit: int = 10,
        resulttype: str = "results",
        bbox: list[float] | None = None,
        datetime_: str | None = None,
        properties: list[tuple[str, str]] | None = None,
        sortby: list[dict[str, str]] | None = None,
        select_properties: list[str] | None = None,
        skip_geometry: bool = False,
        q: str | None = None,
        filterq: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """A page of features as a GeoJSON FeatureCollection; `numberMatched` is exact."""
        if sortby or q or filterq:
            raise ProviderInvalidQueryError("sortby, q and filter are not offered by this provider")
        asked = Query(
            # Releases are walked by keys; pygeoapi counts, so what it leaves behind is read as well.
            limit=max(offset + limit, 1),
            boxes=_boxes(bbox or []),
            interval=_interval(datetime_),
            equals=tuple((name, _value(self._field(name), text)) for name, text in properties or []),
        )
        page = self._release.store.page(self._layer.id, asked)
        texts = () if resulttype == "hits" else page.features[offset : offset + limit]
        features = [_shown(orjson.loads(text), select_properties, skip_geometry) for text in texts]
        return {
            "type": "FeatureCollection",
            "features": features,
            "numberMatched": page.matched,
            "numberReturned": len(features),
        }

    @crs_transform  # type: ignore[untyped-decorator]
    def get(self, identifier: str, **kwargs: Any) -> dict[str, Any]:
        """One feature as GeoJSON."""
        try:
            feature: dict[str, Any] = orjson.loads(
                self._release.store.item(self._layer.id, str(identifier)).json
            )
        except NotFound as error:
            raise ProviderItemNotFoundError(str(error)) from error
        return feature

    def _field(self, name: str) -> Field:
        field = self._layer.field(name)
        if field is None:
            raise ProviderInvalidQueryError(f"{self._layer.id} has no field {name}")
        return field


def _shown(feature: dict[str, Any], names: list[str] | None, skip_geometry: bool) -> dict[str, Any]:
    if names:
        feature["properties"] = {n: value for n, value in feature["properties"].items() if n in names}
    if skip_geometry:
        feature["geometry"] = None
    return feature


def _boxes(bbox: list[float]) -> tuple[Box, ...]:
    """Numbers are checked already; west above east is a box across the antimeridian (17-069r4 7.15.3)."""
    if not bbox:
        return ()
    half = len(bbox) // 2
    west, south, east, north = bbox[0], bbox[1], bbox[half], bbox[half + 1]
    if west <= east:
        return ((west, south, east, north),)
    return (west, south, 180.0, north), (-180.0, south, east, north)


def _interval(text: str | None) -> Interval | None:
    if not text:
        return None
    start, _, end = text.partition("/") if "/" in text else (text, "", text)
    return _moment(start, time.min), _moment(end, time.max)


def _moment(text: str, of_day: time) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ProviderInvalidQueryError(f"{text} is no date or date-time") from error
    if "T" not in text.upper():
        moment = datetime.combine(moment.date(), of_day)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _value(field: Field, text: str) -> Value:
    try:
        if field.type == "integer":
            return int(text)
        if field.type == "number":
            return float(text)
        if field.type == "boolean":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError) as error:
        raise ProviderInvalidQueryError(f"{text!r} is no value of {field.name} ({field.type})") from error
    return text
