"""The service as an operator describes it, and the names of all values of a configuration.

Rule here: a model checks what it can see alone; what must agree between two is checked in `consistency`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Constraint

from config.codelists import Code, CodeList
from config.gate import Gate, RuleSetting
from config.generalisation import Generalise, Thin, Zoom
from config.layers import (
    Access,
    Field,
    FieldType,
    Geometry,
    Group,
    Layer,
    Nature,
    Role,
    Source,
    SourceFormat,
    Units,
)
from config.relations import Apart, Filling, Nesting, Relations
from config.rules import Severity
from config.values import Box, CodePrefix, CrsCode, Frozen, Identifier, Lang, Licence, Text, Url, fault

__all__ = [
    "Access",
    "Apart",
    "Authority",
    "Border",
    "Box",
    "Code",
    "CodeList",
    "Contact",
    "Field",
    "FieldType",
    "Filling",
    "Frozen",
    "Gate",
    "Generalise",
    "Geometry",
    "Group",
    "Lang",
    "Layer",
    "Licence",
    "Limits",
    "Listen",
    "Nature",
    "Nesting",
    "Provider",
    "Region",
    "Relations",
    "Role",
    "RuleSetting",
    "Service",
    "Severity",
    "Source",
    "SourceFormat",
    "Text",
    "Thin",
    "TileMatrixSetId",
    "TileSettings",
    "Units",
    "Zoom",
]

#: The tile matrix sets that the program knows: the web's, then those of degrees, then 3-degree Gauss-Kruger zones.
TileMatrixSetId = Literal[
    "WebMercatorQuad",
    "WorldCRS84Quad",
    "CGCS2000Quad",
    "CGCS2000TianDiTuQuad",
    "CGCS2000GK35Quad",
    "CGCS2000GK36Quad",
]


class Authority(Frozen):
    """Who delivers data.

    delivery : path of its delivery note, relative to the data folder
    codes : how the codes of its administrative units begin (GB/T 2260), e.g. "51"; none is any
    """

    id: Identifier
    title: Text
    url: Url | None = None
    delivery: str | None = None
    codes: tuple[CodePrefix, ...] = ()


class Border(Frozen):
    """A layer whose two authorities must meet in one line, vertex for vertex."""

    layer: Identifier
    between: tuple[Identifier, Identifier]

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.between[0] == self.between[1]:
            raise fault("两个不同的机构", "two different authorities")
        return self


class Region(Frozen):
    """Where the data lie: the box of sanity, and the map's first view (centre: lon, lat in degrees)."""

    title: Text
    bbox: Box
    centre: tuple[float, float]
    zoom: Annotated[float, Constraint(ge=0, le=22)]

    @model_validator(mode="after")
    def _box(self) -> Self:
        xmin, ymin, xmax, ymax = self.bbox
        if not (-180 <= xmin < xmax <= 180 and -90 <= ymin < ymax <= 90):
            raise fault(
                "bbox 为 xmin, ymin, xmax, ymax（度，先经度后纬度）",
                "a bbox of xmin, ymin, xmax, ymax in degrees, longitude before latitude",
            )
        if not (xmin <= self.centre[0] <= xmax and ymin <= self.centre[1] <= ymax):
            raise fault(
                "centre 在 bbox 之内（先经度后纬度）", "a centre within bbox, longitude before latitude"
            )
        return self


class Limits(Frozen):
    """What one request may ask for, and what finished tiles and unfinished ones may take.

    tile_cache_mb : memory of each worker for finished tiles
    tile_disk_mb : disk for finished tiles of each release, below the cache folder; 0 for none
    tile_queue : tiles that wait in each worker to be made; beyond, a client is told to come again
    """

    items_default: Annotated[int, Constraint(ge=1)] = 100
    items_max: Annotated[int, Constraint(ge=1)] = 1_000_000
    tile_cache_mb: Annotated[int, Constraint(ge=0)] = 64
    tile_disk_mb: Annotated[int, Constraint(ge=0)] = 2048
    tile_queue: Annotated[int, Constraint(ge=0, le=1024)] = 32

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.items_default > self.items_max:
            raise fault(
                f"items_default 不大于 items_max（{self.items_max}）",
                f"items_default not above items_max ({self.items_max})",
            )
        return self


class TileSettings(Frozen):
    """Vector tiles: units along an edge, how far beyond it geometry is kept, and how large one may be.

    budget_kb : what a layer may have in one tile, uncompressed, in 1000 bytes; where it would have more it is
        dissolved or thinned, if it says by what
    """

    extent: Annotated[int, Constraint(ge=256, le=65536)] = 4096
    buffer: Annotated[int, Constraint(ge=0, le=4096)] = 64
    budget_kb: Annotated[int, Constraint(ge=1)] = 500


class Provider(Frozen):
    """Who runs the service."""

    name: Text
    url: Url | None = None


class Contact(Frozen):
    """Whom to ask."""

    email: str | None = None
    url: Url | None = None


class Listen(Frozen):
    """Where and with how many processes and threads the server answers."""

    host: Annotated[str, Constraint(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Constraint(ge=0, le=65535)] = 8000
    workers: Annotated[int, Constraint(ge=1, le=256)] = 2
    threads: Annotated[int, Constraint(ge=1, le=256)] = 4


def _bare(url: str) -> str:
    return url.rstrip("/")


class Service(Frozen):
    """The whole configuration.

    url : the public base address without a slash at its end; None takes the one of each request
    crs : of everything published; storage is x, y all the same
    crs_epoch : decimal year that coordinates are of; a CRS whose frame does not move has none
    coordinate_reference_systems : in which features are shown and asked for, beside those of `releases.crs.ALWAYS`
    precision : of coordinates, in degrees: the grid they are rounded to
    data, published, cache : absolute here; in YAML they are relative to the file's own folder
    signing_key : the private key that releases are signed with (made by `blueprint key make`), absolute like the folders
        and outside of what is published; without the file, or without the key here, releases are not signed
    own_tile_matrix_sets : JSON files of tile matrix sets (OGC 17-083r4, TMS 2.0), absolute like the folders
    """

    id: Identifier
    title: Text
    description: Text
    keywords: tuple[Text, ...] = ()
    provider: Provider
    contact: Contact
    licence: Licence
    url: Annotated[Url, AfterValidator(_bare)] | None = None
    language: Lang = "zh"
    crs: Literal["EPSG:4490", "EPSG:4326"] = "EPSG:4490"
    crs_epoch: Annotated[float, Constraint(ge=1900, le=2200)] | None = None
    coordinate_reference_systems: tuple[CrsCode, ...] = ()
    precision: Annotated[float, Constraint(ge=1e-7, le=1e-3)] = 1e-7
    data: Path
    published: Path
    cache: Path
    signing_key: Path | None = None
    region: Region
    authorities: Annotated[tuple[Authority, ...], Constraint(min_length=1)]
    borders: tuple[Border, ...] = ()
    gate: Gate = Gate()
    tile_matrix_sets: Annotated[tuple[TileMatrixSetId, ...], Constraint(min_length=1)] = ("WebMercatorQuad",)
    own_tile_matrix_sets: tuple[Path, ...] = ()
    tiles: TileSettings = TileSettings()
    limits: Limits = Limits()
    server: Listen = Listen()
    groups: tuple[Group, ...]
    layers: Annotated[tuple[Layer, ...], Constraint(min_length=1)]
    codelists: Mapping[str, CodeList]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        # Cleaning one of them would take the other with it.
        if len({self.data, self.published, self.cache}) < 3:
            raise fault(
                "data、published、cache 是三个不同的文件夹", "three different folders: data, published, cache"
            )
        return self

    @model_validator(mode="after")
    def _secret(self) -> Self:
        # What is published may be copied to anybody.
        if self.signing_key is not None and self.signing_key.is_relative_to(self.published):
            raise fault("signing_key 在 published 之外", "a signing_key outside of published")
        return self

    @model_validator(mode="after")
    def _moving(self) -> Self:
        # CGCS2000 is a frame as it was at 2000.0, and EPSG registers it as static.
        if self.crs_epoch is not None and self.crs == "EPSG:4490":
            raise fault("EPSG:4490 不带 crs_epoch", "no crs_epoch with EPSG:4490, whose frame does not move")
        return self

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
