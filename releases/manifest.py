"""The manifest: everything a release says about itself, and the digest of every file that belongs to it.

Rule here: nothing in it carries a time, a host, a user or an absolute path, so that the same content gives
the same bytes on any machine. The release id is a digest of the part that is *content* (`identity`): what is
published, not how it was delivered or laid out in files.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, Final, Literal

import orjson
import pydantic

from config.models import (
    Authority,
    Box,
    CodeList,
    Contact,
    Frozen,
    Group,
    Lang,
    Layer,
    Licence,
    Nature,
    Provider,
    Region,
    Service,
    Text,
    TileSettings,
)
from releases import crs, tilematrixsets
from releases.store import NotFound
from releases.tilematrixsets import TileMatrixSets

#: Raised when files of a release are laid out or written differently; part of the id.
FORMAT: Final = 4
NAME = "manifest.json"
#: Digits of a release id: 64 bits, so a million releases collide with probability 3e-8.
ID_LENGTH = 16


class PublishedLevel(Frozen):
    """One level of detail: what the tiles of zooms zoom_min to zoom_max are made of.

    Parameters
    ----------
    tolerance : in degrees of longitude in the plane of Web Mercator, half a tile unit at zoom_max; 0 when exact
    generalised : whether anything of the layer was left out or united: vertices, points, attributes
    rule : what was done to geometry. "coverage": vertices went whose triangle with their neighbours was
        smaller than tolerance squared (Visvalingam and Whyatt), from all features that have them at once;
        "alone": those nearer to the simplified line than the tolerance (Douglas and Peucker), each feature by
        itself; "none": nothing went
    reduction : what was done to features. "dissolved": neighbours of equal `fields` are one; "thinned": of
        points that crowd the first in rank is left; "none": each feature of the layer is there
    fields : the attributes that tiles carry, in the order of the columns: all of the layer's unless dissolved
    over_budget : zooms at which a tile of this layer (of WebMercatorQuad, uncompressed) is larger than the
        service's `tiles.budget_kb`, whatever was done
    rows, vertices : how many there are
    file : the columns, relative to the release
    """

    index: int
    zoom_min: int
    zoom_max: int
    tolerance: float
    generalised: bool
    rule: Literal["coverage", "alone", "none"]
    reduction: Literal["none", "dissolved", "thinned"]
    fields: tuple[str, ...]
    over_budget: tuple[int, ...]
    rows: int
    vertices: int
    file: str


class PublishedPart(Frozen):
    """One authority's part of a layer: how many features, and what its delivery note said (None: nothing)."""

    authority: str
    count: int
    nature: Nature | None = None
    attribution: Text | None = None
    licence: Licence | None = None
    note: Text | None = None


class PublishedLayer(Frozen):
    """One layer as it was published.

    Parameters
    ----------
    layer : its configuration, with `nature` as configured; `sources` name only authority, path and table
    nature : the least real of what the configuration and the delivery notes say
    extent : xmin, ymin, xmax, ymax in degrees of the release's CRS, x = lon; None without any geometry
    span : degrees that the widest of the features is wide and the highest is high; None without any geometry
    temporal : earliest start and latest end as delivered, None where open; None when no feature has a time
    digest : sha256 of the layer's GeoJSON text sequence (`file`): a feature a line, in the order of ids
    root : the root of the Merkle tree over its features, sorted by id, in hex (`releases.proof`)
    tree : that tree, relative to the release
    values : field with a code list -> the codes that occur, sorted
    file, offsets, package : the text, where each line begins, and the GeoPackage, relative to the release
    downloads : form (`f` of items) -> the file of the whole layer in it, relative to the release
    search : the index of its texts, relative to the release; None when no field of it is searched
    attributes : its attributes as columns, relative to the release; None where an earlier version published it
    """

    layer: Layer
    nature: Nature
    attribution: Text
    licence: Licence
    notices: tuple[Text, ...]
    parts: tuple[PublishedPart, ...]
    count: int
    null_geometries: int
    extent: Box | None
    span: tuple[float, float] | None
    temporal: tuple[str | None, str | None] | None
    values: dict[str, tuple[str, ...]]
    digest: str
    root: str
    file: str
    tree: str
    offsets: str
    package: str
    levels: tuple[PublishedLevel, ...] = ()
    downloads: dict[str, str] = pydantic.Field(default_factory=dict)
    search: str | None = None
    attributes: str | None = None

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.layer.id

    def level(self, zoom: int) -> PublishedLevel | None:
        """The level that serves a zoom; None outside the layer's zooms."""
        return next((level for level in self.levels if level.zoom_min <= zoom <= level.zoom_max), None)


class PublishedSource(Frozen):
    """A file that was read; see `releases.table.SourceRecord`."""

    layer: str
    authority: str
    path: str
    table: str | None
    format: str
    sha256: str
    count: int
    crs: str
    encoding: str


class PublishedService(Frozen):
    """What of the service's configuration is published with the data: all but paths, addresses and limits.

    `coordinate_reference_systems` are the codes of all that features are shown in.
    """

    id: str
    title: Text
    description: Text
    keywords: tuple[Text, ...]
    provider: Provider
    contact: Contact
    licence: Licence
    language: Lang
    crs: str
    crs_epoch: float | None
    coordinate_reference_systems: tuple[str, ...]
    precision: float
    region: Region
    authorities: tuple[Authority, ...]
    groups: tuple[Group, ...]
    codelists: dict[str, CodeList]
    tile_matrix_sets: tuple[str, ...]
    own_tile_matrix_sets: tuple[dict[str, Any], ...]
    tiles: TileSettings

    @classmethod
    def of(cls, service: Service) -> PublishedService:
        """Take from a service what is published; where a delivery note lies is not."""
        changed = {
            "authorities": tuple(one.model_copy(update={"delivery": None}) for one in service.authorities),
            "own_tile_matrix_sets": tilematrixsets.documents(service),
            "coordinate_reference_systems": crs.offered(service.coordinate_reference_systems),
        }
        taken = {name: getattr(service, name) for name in cls.model_fields if name not in changed}
        return cls(**taken, **changed)


class PublishedStyle(Frozen):
    """The shared style: digest of its sources (style, palette, icons), its files, and font name -> digest."""

    digest: str
    file: str
    sprites: tuple[str, ...]
    fonts: dict[str, str]


class Parent(Frozen):
    """The release that was current when this one was made: its id and its root."""

    id: str
    root: str


class Waiver(Frozen):
    """A warning that somebody took upon himself: the rule, why, and who."""

    rule: str
    reason: str
    by: str


class PublishedReport(Frozen):
    """The gate's report: its JSON and how it is shown, relative to the release; how many findings of each severity."""

    file: str
    digest: str
    refuse: int
    warn: int
    note: int


class SealedFile(Frozen):
    """What a file of the release must be."""

    sha256: str
    size: int


class Manifest(Frozen):
    """The whole manifest. `files` has each file but itself and its signature, by its path in the release.

    `root` is that of the tree over layers, configuration, style and report (`releases.proof`).
    """

    format: Literal[4]
    id: str
    root: str
    parent: Parent | None
    report: PublishedReport
    waivers: tuple[Waiver, ...] = ()
    service: PublishedService
    layers: tuple[PublishedLayer, ...]
    sources: tuple[PublishedSource, ...]
    style: PublishedStyle
    files: dict[str, SealedFile]

    @cached_property
    def _layers(self) -> dict[str, PublishedLayer]:
        return {layer.id: layer for layer in self.layers}

    @cached_property
    def sets(self) -> TileMatrixSets:
        """The tile matrix sets that tiles are offered in."""
        said = self.service
        return TileMatrixSets(said.tile_matrix_sets, said.own_tile_matrix_sets, said.region.bbox)

    def layer(self, layer_id: str) -> PublishedLayer:
        """The published layer of that id, NotFound when the release has none."""
        try:
            return self._layers[layer_id]
        except KeyError:
            raise NotFound("layer", layer_id) from None

    def identity(self) -> str:
        """The release id that this content must have.

        Left out are the sources (the same content may come from other files), the files (another version of a
        library may lay them out differently), the levels, downloads, search indexes, columns and roots (they
        follow from content, configuration and FORMAT), and how it came to be: parent, report and waivers.
        """
        service = self.service.model_dump(mode="json")
        derived = dict.fromkeys(("levels", "downloads", "search", "attributes", "root", "tree"), True)
        layers = [
            layer.model_dump(mode="json", exclude={**derived, "layer": {"sources"}}) for layer in self.layers
        ]
        style = self.style.model_dump(mode="json", include={"digest", "fonts"})
        content = {"format": self.format, "service": service, "layers": layers, "style": style}
        return hashlib.sha256(canonical(content)).hexdigest()[:ID_LENGTH]

    def to_bytes(self) -> bytes:
        """The text of manifest.json, the same bytes for equal manifests."""
        return (
            orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
            + b"\n"
        )


def canonical(value: Any) -> bytes:
    """JSON without spaces, keys sorted, numbers in their shortest form, as in RFC 8785."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
