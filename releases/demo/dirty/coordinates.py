"""Faults of coordinates: points and lines that are far away, or nowhere; nothing else is measured by them."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from config.models import Text
from releases.demo.dirty.ground import Ground
from releases.demo.dirty.walks import in_turn


def not_finite(ground: Ground) -> Iterator[int]:
    """A boundary or a place with a coordinate that is no number."""
    what = Text(zh="坐标改为无穷大", en="an infinite coordinate")
    for spot in in_turn(ground, "not-finite", ("xzqjx", "places"), "sichuan", "joint"):
        shape = ground.geometry(spot)
        vertices = shapely.get_coordinates(shape)
        vertices[len(vertices) // 2, 0] = float("inf")
        ground.shape(spot, shapely.set_coordinates(shape, vertices))
        yield ground.plant("not-finite", what, spot)


def swapped(ground: Ground) -> Iterator[int]:
    """Latitude before longitude."""
    what = Text(zh="经纬度互换", en="latitude before longitude")
    for spot in in_turn(ground, "swapped-axes", ("places", "xzqjx", "world_heritage"), "sichuan", "joint"):
        ground.shape(spot, shapely.transform(ground.geometry(spot), lambda xy: xy[:, ::-1]))
        yield ground.plant("swapped-axes", what, spot)


def outside(ground: Ground) -> Iterator[int]:
    """A place beyond the region, a vertex of a boundary far away."""
    what = Text(zh="移到区域之外", en="moved out of the region")
    for spot in in_turn(ground, "outside-region", ("places", "xzqjx", "rivers")):
        shape = ground.geometry(spot)
        vertices = shapely.get_coordinates(shape)
        # Two degrees beyond the eastern edge, and from there on as wide as the feature.
        vertices[-1, 0] = ground.service.region.bbox[2] + 2 + (vertices[-1, 0] - vertices[0, 0])
        ground.shape(spot, shapely.set_coordinates(shape, vertices))
        yield ground.plant("outside-region", what, spot)
