"""The ground that faults are planted in: the rows of all deliveries before they are written.

A feature bears one fault at most, and what lies beside a fault bears none, so that no two faults touch. Rows are
changed in place; whoever needs them as they were keeps a copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import shapely

from config.layers import AREAS
from config.models import Service, Text
from releases.demo.coverage import Borders, borders
from releases.demo.dirty.planted import Party, Planted
from releases.demo.rows import Rows, objects
from releases.ellipsoid import square_metres

#: Seeds of rows and of the faults in them must not be the same stream of numbers.
_STREAM = 0xD1


class Spot(NamedTuple):
    """A feature: its layer, whose it is, and its place in that source, from 0."""

    layer: str
    authority: str
    at: int


class Ground:
    """All rows by layer and authority, what has been planted in them, and chance."""

    def __init__(self, service: Service, rows: dict[tuple[str, str], Rows], seed: int) -> None:
        self.service = service
        self.rows = {
            source: Rows(part.geometry.copy(), {name: v.copy() for name, v in part.values.items()})
            for source, part in rows.items()
        }
        self.planted: list[Planted] = []
        self._before = rows
        self._seed = seed
        self._taken: set[Spot] = set()
        self._edges: dict[str, Edges] = {}

    def chance(self, words: str) -> np.random.Generator:
        """A stream of random numbers of its own for each purpose, the same for the same seed."""
        return np.random.default_rng([_STREAM, self._seed % 2**63, crc32(words.encode())])

    def spots(self, layer: str, authority: str | None = None) -> list[Spot]:
        """All features of a layer, or of one authority's part, in their order."""
        return [
            Spot(name, who, at)
            for (name, who), part in self.rows.items()
            if name == layer and authority in (None, who)
            for at in range(len(part))
        ]

    def free(self, spots: Iterable[Spot]) -> bool:
        """Whether none of these bears a fault or lies beside one."""
        return self._taken.isdisjoint(spots)

    def take(self, *spots: Spot) -> None:
        """Keep every other fault away from these."""
        self._taken.update(spots)

    def value(self, spot: Spot, field: str) -> Any:
        """A feature's value; None also where the layer has no such field."""
        column = self.rows[spot.layer, spot.authority].values.get(field)
        return None if column is None else column[spot.at]

    def put(self, spot: Spot, field: str, value: Any) -> None:
        """Give a feature a value."""
        self.rows[spot.layer, spot.authority].values[field][spot.at] = value

    def geometry(self, spot: Spot) -> Any:
        """A feature's geometry."""
        return self.rows[spot.layer, spot.authority].geometry[spot.at]

    def shape(self, spot: Spot, geometry: Any, area: float | None = None) -> None:
        """Give a feature a geometry (or WKB of one), and the area that it now has (m²), so that only the shape is wrong."""
        self.rows[spot.layer, spot.authority].geometry[spot.at] = geometry
        measured = [field for field in self.service.layer(spot.layer).fields if field.measure == "area"]
        if not measured:
            return
        if area is None and isinstance(geometry, shapely.Geometry):
            area = float(square_metres(objects([geometry]))[0])
        for field in measured:
            self.put(spot, field.name, None if area is None else round(area / AREAS[field.unit or "m2"], 2))

    def id(self, spot: Spot) -> Any:
        """A feature's id."""
        return self.value(spot, self.service.layer(spot.layer).id_field.name)

    def party(self, spot: Spot) -> Party:
        """A feature as planted.json names it."""
        identifier = self.id(spot)
        feature = None if identifier is None else str(identifier)
        return Party(spot.authority, spot.layer, feature, spot.at + 1)

    def plant(
        self,
        rule: str,
        what: Text,
        *spots: Spot,
        field: str | None = None,
        shape: shapely.Geometry | None = None,
        consequence_of: int | None = None,
    ) -> int:
        """Write down a fault that was just planted at some features; its number."""
        self.take(*spots)
        if shape is None and consequence_of is None:
            shape = _point(self._before[spots[0][:2]].geometry[spots[0].at])
        parties = tuple(map(self.party, spots))
        self.planted.append(Planted(len(self.planted) + 1, rule, parties, what, field, shape, consequence_of))
        return len(self.planted)

    def edges(self, layer: str) -> Edges:
        """The edges of a layer as it was before anything was planted."""
        if layer not in self._edges:
            self._edges[layer] = Edges(self.spots(layer), self._before)
        return self._edges[layer]


class Edges:
    """The segments of a layer whose polygons share their edges, each once, with the features on both sides."""

    def __init__(self, spots: list[Spot], rows: dict[tuple[str, str], Rows]) -> None:
        self.spots = spots
        self._polygons = objects([rows[spot[:2]].geometry[spot.at] for spot in spots])

    @cached_property
    def borders(self) -> Borders:
        """The segments as whole numbers; `first` lies on the left."""
        return borders(self._polygons)

    def sides(self, k: int) -> tuple[Spot, Spot | None]:
        """The features left and right of a segment; None is nobody."""
        second = int(self.borders.second[k])
        return self.spots[int(self.borders.first[k])], self.spots[second] if second >= 0 else None

    @cached_property
    def _place_of(self) -> dict[tuple[int, ...], int]:
        return {_key(ends): k for k, ends in enumerate(self.borders.ends.tolist())}

    def same(self, ends: Iterable[int]) -> int | None:
        """The segment between the same two vertices, whichever way round; None where there is none."""
        return self._place_of.get(_key(list(ends)))


def _key(ends: list[int]) -> tuple[int, ...]:
    one, other = ends[:2], ends[2:]
    return tuple(one + other if one < other else other + one)


def _point(geometry: Any) -> shapely.Geometry | None:
    """A place inside a geometry to look at; None without one."""
    return None if geometry is None or geometry.is_empty else shapely.point_on_surface(geometry)
