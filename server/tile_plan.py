"""What a tile is made of: its address read, the layers and levels that lie in it, and its bytes from those.

The plan of a zoom is made of the manifest alone, before any data is touched, so that a wrong address, a copy
that is still right, and what is said of a tile's honesty cost no look at the data.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from releases.manifest import Manifest, PublishedLayer, PublishedLevel
from releases.query import Where
from releases.release import Release
from server.problems import Missing
from tiles import ration
from tiles.grid import OutsideError, TileMatrixLimits, TileMatrixSet

#: Any numbers, or what stands for them: a wrong one is a tile that is not there, and no other resource.
ADDRESS: Final = re.compile(
    r"(?:/releases/(?P<release>[^/]+))?(?:/collections/(?P<layer>[^/]+))?"
    r"/tiles/(?P<set>[^/]+)/(?P<zoom>[^/]+)/(?P<row>[^/]+)/(?P<col>[^/]+)"
)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


class Address(NamedTuple):
    """A tile of a release: of one layer, or of all of them (None); `zoom` is the matrix's place in its set."""

    layer: str | None
    tms: str
    zoom: int
    row: int
    col: int


class Part(NamedTuple):
    """What a layer gives to the tiles of one zoom: a level, within limits; which features and attributes of it.

    None is all of them; `tile_query.parts` says otherwise.
    """

    layer: str
    level: PublishedLevel
    limits: TileMatrixLimits
    where: Where | None = None
    properties: tuple[str, ...] | None = None


class Encoded(NamedTuple):
    """A tile's bytes, none when nothing lies in it, and which of its layers the budget cut."""

    body: bytes
    cuts: tuple[ration.Cut, ...] = ()


def read(found: re.Match[str], manifest: Manifest) -> Address:
    """The address that a path names; NotFound or OutsideError when there is no such layer, set or number."""
    if found["layer"]:
        manifest.layer(found["layer"])
    try:
        tms = manifest.sets.get(found["set"])
    except KeyError:
        raise Missing("tile matrix set", found["set"]) from None
    numbers = found["row"], found["col"]
    if not all(_INDEX.fullmatch(number) for number in numbers):
        raise OutsideError("/".join(numbers))
    return Address(found["layer"], found["set"], tms.zoom_of(found["zoom"]), *map(int, numbers))


def limits(manifest: Manifest, layer: PublishedLayer, tms: TileMatrixSet) -> tuple[TileMatrixLimits, ...]:
    """Which tiles of a set a layer has: those that its extent touches at its zooms."""
    if layer.extent is None:
        return ()
    return tms.limits(layer.extent, layer.layer.zoom.min, layer.layer.zoom.max)


def plan(manifest: Manifest, layer_id: str | None, set_id: str, zoom: int) -> tuple[Part, ...]:
    """What the tiles of a zoom are made of, in the order of layers."""
    tms = manifest.sets.get(set_id)
    layers = (manifest.layer(layer_id),) if layer_id else manifest.layers
    return tuple(
        Part(layer.id, level, within)
        for layer in layers
        if (level := layer.level(tms.detail(zoom))) is not None
        for within in limits(manifest, layer, tms)
        if within.zoom == zoom
    )


def within(parts: tuple[Part, ...], address: Address) -> tuple[Part, ...]:
    """The parts whose limits hold the address, OutsideError when none does."""
    found = tuple(part for part in parts if part.limits.contains(address.row, address.col))
    if not found:
        raise OutsideError(f"{address.zoom}/{address.row}/{address.col}")
    return found


def encode(release: Release, address: Address, parts: tuple[Part, ...]) -> Encoded:
    """Make the tile. ReleaseDamaged when a layer cannot be read: a tile that lacks one would be a wrong tile."""
    settings, tms = release.manifest.service.tiles, release.manifest.sets.get(address.tms)
    where = address.zoom, address.row, address.col
    square = ration.Place(tms.transform(*where, settings.extent), settings.extent, settings.buffer)
    box = tms.lonlat_box(*where, margin=settings.buffer / settings.extent)
    layers = []
    for part in parts:
        columns, rows = release.store.window(part.layer, part.level.index, box, part.where)
        layers.append(ration.Layer(part.layer, columns, rows, _mask(part)))
    return Encoded(*ration.encode(layers, square, settings.budget_kb * 1000))


def _mask(part: Part) -> NDArray[np.uint8] | None:
    if part.properties is None:
        return None
    return np.array([name in part.properties for name in part.level.fields], dtype=np.uint8)
