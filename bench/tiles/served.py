"""Tiles as our server makes them, from the level that it keeps for their zoom."""

from __future__ import annotations

from bench.dataset import LAYER, Dataset
from bench.tiles.addresses import Address
from server import tile_plan

SET = "WebMercatorQuad"
_plans: dict[tuple[str, int], tuple[tile_plan.Part, ...]] = {}


def served(data: Dataset, address: Address) -> bytes:
    """A tile as our server makes it."""
    asked = tile_plan.Address(LAYER, SET, *address)
    return tile_plan.encode(data.release, asked, tile_plan.within(_plan(data, address.zoom), asked)).body


def _plan(data: Dataset, zoom: int) -> tuple[tile_plan.Part, ...]:
    """What the layer's tiles of a zoom are made of, found out once, as the server does."""
    name = (data.release.id, zoom)
    if name not in _plans:
        _plans[name] = tile_plan.plan(data.release.manifest, LAYER, SET, zoom)
    return _plans[name]
