"""The provider that pygeoapi loads: its contract for features (pygeoapi.provider.base), kept by a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from pygeoapi.crs import crs_transform
from pygeoapi.provider.base import (
    BaseProvider,
    ProviderConnectionError,
    ProviderItemNotFoundError,
    SchemaType,
)
from shapely.geometry import mapping, shape

from config.models import Lang, Layer
from releases import crs
from releases.fieldschema import field_schema, geometry_schema
from releases.provider.asking import Reader
from releases.query import Query, TooCostly, Where
from releases.release import Catalogue, Release
from releases.store import NotFound


@cache
def _catalogue(published: Path) -> Catalogue:
    # pygeoapi makes a provider for every request; the open releases must outlive it.
    return Catalogue(published)


class ReleaseProvider(BaseProvider):  # type: ignore[misc]  # pygeoapi ships no types
    """One layer of one release.

    Coordinates come and go in `storage_crs`, CRS84 or the release's own CRS in its authority's axis order, as
    pygeoapi expects; with `always_xy` features go out as x, y.
    """

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
        storage = self._storage_code()
        self._outward = "OGC:CRS84" if provider_def.get("always_xy") else storage
        self._reader = Reader(self._published, storage, self._lang)
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
        read = self._reader
        where = Where(
            boxes=read.boxes(bbox or []),
            interval=read.interval(datetime_),
            equals=tuple(read.equality(*pair) for pair in properties or ()),
            filter=read.filtered(filterq),
            words=read.words(q),
        )
        # An offset may be any number; behind the last feature nothing is.
        asked = Query(limit, min(offset, self._published.count), where, read.order(sortby or ()))
        try:
            page = self._release.store.page(self._layer.id, asked)
        except TooCostly as error:
            raise read.refused(
                "查询耗时过长；请缩小范围或简化过滤条件",
                "the query takes too long: ask for less, or with a simpler filter",
            ) from error
        texts = [] if resulttype == "hits" else page.features()
        names = select_properties or self.properties
        features = list(self._shown(texts, names, skip_geometry))
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
            found = self._release.store.item(self._layer.id, str(identifier))
        except NotFound as error:
            raise ProviderItemNotFoundError(str(error), user_msg=str(error)) from error
        [feature] = self._shown([found.json], self.properties, skip_geometry=False)
        return feature

    def _storage_code(self) -> str:
        code = ":".join(self.storage_crs.to_authority() or ())
        expected = dict.fromkeys(("OGC:CRS84", self._release.manifest.service.crs))
        if code not in expected:
            raise ProviderConnectionError(f"storage_crs is {code}, expected {' or '.join(expected)}")
        return code

    def _shown(self, texts: list[bytes], names: list[str], skip_geometry: bool) -> Iterator[dict[str, Any]]:
        """Features as dictionaries with the chosen fields (all without names), in the storage CRS's axis order."""
        for text in texts:
            feature: dict[str, Any] = orjson.loads(text)
            if names:
                feature["properties"] = {
                    name: value for name, value in feature["properties"].items() if name in names
                }
            if skip_geometry:
                feature["geometry"] = None
            elif feature["geometry"] and crs.northing_first(self._outward):
                turned = shapely.transform(shape(feature["geometry"]), self._turn)
                feature["geometry"] = mapping(turned)
            yield feature

    def _turn(self, xy: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return crs.authority_order(xy, self._outward)
