"""The values an operator's YAML becomes: frozen, strict about unknown keys, valid by themselves.

Rule here: a model checks what it can see alone. What needs a second value (a layer's authority, a field's code list)
is checked in `consistency.py`, where every fault of a configuration is reported at once.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field as Constraint, model_validator

Lang = Literal["zh", "en"]
Nature = Literal["real", "derived", "schematic", "synthetic"]
FieldType = Literal["string", "integer", "number", "boolean", "date", "array"]
Role = Literal["id", "title", "type", "temporal"]
Geometry = Literal["Point", "MultiPoint", "MultiLineString", "MultiPolygon", "Geometry"]
SourceFormat = Literal["gpkg", "shapefile", "geojson", "flatgeobuf"]
Access = Literal["public", "internal", "restricted"]


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as fault:
        raise ValueError(f"not a regular expression: {fault}") from fault
    return pattern


Identifier = Annotated[str, Constraint(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FieldName = Annotated[str, Constraint(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
CrsName = Annotated[str, Constraint(pattern=r"^(EPSG:[0-9]{4,6}|OGC:CRS84)$")]
Pattern = Annotated[str, AfterValidator(_compiles)]
ZoomLevel = Annotated[int, Constraint(ge=0, le=22)]
Box = tuple[float, float, float, float]


class Frozen(BaseModel):
    """A value: never changed, and a key nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Text(Frozen):
    """A text for people, in Chinese and in English."""

    zh: Annotated[str, Constraint(min_length=1)]
    en: Annotated[str, Constraint(min_length=1)]

    def of(self, lang: str) -> str:
        """The text in one language; anything but "en" is Chinese, the language of the plan."""
        return self.en if lang == "en" else self.zh


class Field(Frozen):
    """One attribute of a layer. `array` holds strings; `unit` is a UCUM code; `max_length` counts characters."""

    name: FieldName
    type: FieldType
    title: Text
    description: Text | None = None
    unit: str | None = None
    codelist: str | None = None
    role: Role | None = None
    mandatory: bool = False
    max_length: Annotated[int, Constraint(ge=1)] | None = None
    pattern: Pattern | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.role == "id" and self.type not in ("string", "integer"):
            raise ValueError("an id field is of type string or integer")
        if self.role == "temporal" and self.type != "date":
            raise ValueError("a temporal field is of type date")
        if (self.pattern or self.max_length) and self.type not in ("string", "array"):
            raise ValueError("pattern and max_length are for strings")
        return self


class Source(Frozen):
    """One authority's part of a layer. `aliases` maps its field names to ours; `crs` is what it declares."""

    authority: Identifier
    path: Annotated[str, Constraint(min_length=1)]
    table: str | None = None
    format: SourceFormat | None = None
    encoding: str = "UTF-8"
    crs: CrsName | None = None
    aliases: dict[str, str] = {}
    constants: dict[str, Any] = {}


class Zoom(Frozen):
    """The zoom levels at which a layer is in tiles, both ends included."""

    min: ZoomLevel
    max: ZoomLevel

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max})")
        return self


class Generalise(Frozen):
    """How a layer is simplified for small scales: shared edges together, each geometry alone, or not at all."""

    rule: Literal["coverage", "alone", "none"] = "none"


class Licence(Frozen):
    """Under which terms data may be used; `id` is an SPDX identifier."""

    title: Text
    url: str | None = None
    id: str | None = None


class Layer(Frozen):
    """One layer of the blueprint: what it holds, where it comes from, how it is shown and what may be done with it."""

    id: Identifier
    title: Text
    description: Text
    keywords: tuple[Text, ...] = ()
    group: Identifier
    geometry: Geometry
    geometry_required: bool = True
    fields: Annotated[tuple[Field, ...], Constraint(min_length=1)]
    validity: tuple[str, str] | None = None
    sources: Annotated[tuple[Source, ...], Constraint(min_length=1)]
    zoom: Zoom
    generalise: Generalise = Generalise()
    licence: Licence
    attribution: Text
    nature: Nature
    access: Access = "public"

    def field(self, name: str) -> Field | None:
        """The field of that name, None when there is none."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def id_field(self) -> Field:
        """The one field that identifies a feature."""
        return next(field for field in self.fields if field.role == "id")

    @property
    def title_field(self) -> Field | None:
        """The field that names a feature for people."""
        return next((field for field in self.fields if field.role == "title"), None)

    @property
    def temporal_fields(self) -> tuple[str, ...]:
        """No name, one (an instant) or two (start and end of validity)."""
        return self.validity or tuple(field.name for field in self.fields if field.role == "temporal")


class Group(Frozen):
    """A heading under which layers are listed."""

    id: Identifier
    title: Text


class Code(Frozen):
    """One allowed value of a code list and what it means."""

    value: str
    title: Text
    description: Text | None = None


class CodeList(Frozen):
    """The allowed values of a field."""

    id: Identifier
    title: Text
    uri: str | None = None
    codes: Annotated[tuple[Code, ...], Constraint(min_length=1)]

    def code(self, value: str) -> Code | None:
        """The code of that value, None when the list does not have it."""
        return next((code for code in self.codes if code.value == value), None)


class Authority(Frozen):
    """Who delivers data. `delivery` is the path of its delivery note, relative to the data folder."""

    id: Identifier
    title: Text
    url: str | None = None
    delivery: str | None = None


class Border(Frozen):
    """A layer whose two authorities must meet in one line, vertex for vertex."""

    layer: Identifier
    between: tuple[Identifier, Identifier]


class Region(Frozen):
    """Where the data lie: the box of sanity (xmin, ymin, xmax, ymax in degrees, lon, lat) and the map's first view."""

    title: Text
    bbox: Box
    centre: tuple[float, float]
    zoom: Annotated[float, Constraint(ge=0, le=22)]

    @model_validator(mode="after")
    def _box(self) -> Self:
        xmin, ymin, xmax, ymax = self.bbox
        if not (-180 <= xmin < xmax <= 180 and -90 <= ymin < ymax <= 90):
            raise ValueError("bbox is xmin, ymin, xmax, ymax in degrees, lon before lat")
        return self


class Limits(Frozen):
    """What one request may ask for."""

    items_default: Annotated[int, Constraint(ge=1)] = 100
    items_max: Annotated[int, Constraint(ge=1)] = 10_000
    tile_cache_mb: Annotated[int, Constraint(ge=0)] = 64


class TileSettings(Frozen):
    """Vector tiles: units along an edge, and how far beyond it geometry is kept."""

    extent: Annotated[int, Constraint(ge=256, le=65536)] = 4096
    buffer: Annotated[int, Constraint(ge=0, le=4096)] = 64


class Provider(Frozen):
    """Who runs the service."""

    name: Text
    url: str | None = None


class Contact(Frozen):
    """Whom to ask."""

    email: str | None = None
    url: str | None = None


class Listen(Frozen):
    """Where and with how many processes and threads the server answers."""

    host: str = "127.0.0.1"
    port: Annotated[int, Constraint(ge=0, le=65535)] = 8000
    workers: Annotated[int, Constraint(ge=1, le=256)] = 2
    threads: Annotated[int, Constraint(ge=1, le=256)] = 4


class Service(Frozen):
    """The whole configuration. Paths are absolute here; in YAML they are relative to the file's own folder."""

    id: Identifier
    title: Text
    description: Text
    keywords: tuple[Text, ...] = ()
    provider: Provider
    contact: Contact
    licence: Licence
    url: str | None = None
    language: Lang = "zh"
    crs: Literal["EPSG:4490", "EPSG:4326"] = "EPSG:4490"
    precision: Annotated[float, Constraint(ge=1e-7, le=1e-3)] = 1e-7
    data: Path
    published: Path
    cache: Path
    region: Region
    authorities: Annotated[tuple[Authority, ...], Constraint(min_length=1)]
    borders: tuple[Border, ...] = ()
    tile_matrix_sets: tuple[str, ...] = ("WebMercatorQuad",)
    tiles: TileSettings = TileSettings()
    limits: Limits = Limits()
    server: Listen = Listen()
    groups: tuple[Group, ...]
    layers: Annotated[tuple[Layer, ...], Constraint(min_length=1)]
    codelists: dict[str, CodeList]

    @cached_property
    def _layers(self) -> dict[str, Layer]:
        return {layer.id: layer for layer in self.layers}

    @cached_property
    def _authorities(self) -> dict[str, Authority]:
        return {authority.id: authority for authority in self.authorities}

    def layer(self, name: str) -> Layer:
        """The layer of that id; KeyError when there is none."""
        return self._layers[name]

    def authority(self, name: str) -> Authority:
        """The authority of that id; KeyError when there is none."""
        return self._authorities[name]
