"""The query string of a tile as one frozen value: which layers, which attributes, which features.

Equal meaning gives an equal value, whatever the order and spelling of parameters, so that caches and tags are
named after it; `TileQuery()` is the plain tile. Parameters are those of OGC 20-057 (collections, datetime, subset), of
Features for items (filter, filter-lang, a field's name) and of its Part 6, a draft (properties).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from config.models import Text
from config.nearest import nearest
from releases.cql2 import Filter
from releases.manifest import Manifest, PublishedLayer, PublishedLevel
from releases.query import Interval, Value, Where
from server import filters, params
from server.ask import no_form, repeated, unknown
from server.moments import interval, subset
from server.problems import BadRequest, Fault, Wrong
from server.tile_plan import Part

#: Parameters of every tile; a dataset's tile has `collections` too, a collection's its fields.
TILE: Final = ("f", "properties", "datetime", "subset", *filters.PARAMETERS)
COLLECTIONS: Final = "collections"


@dataclass(frozen=True, slots=True)
class TileQuery:
    """What is asked of a tile beside its address.

    Parameters
    ----------
    collections : ids of the layers, in the order asked for, which is theirs in the tile (20-057,
        /req/collections-selection/collections-response B); None is all of them in the release's order
    properties : names of the attributes, sorted; None is all of them. Ids are in a tile always
    where : (layer id, which of its features), in the order of layers; a layer not named is whole
    """

    collections: tuple[str, ...] | None = None
    properties: tuple[str, ...] | None = None
    where: tuple[tuple[str, Where], ...] = ()

    def of(self, layer_id: str) -> Where | None:
        """Which features of a layer; None is all of them."""
        return next((where for name, where in self.where if name == layer_id), None)

    def chosen(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """Those of the layers asked for, in their order."""
        if self.collections is None:
            return parts
        by_layer = {part.layer: part for part in parts}
        return tuple(by_layer[name] for name in self.collections if name in by_layer)

    def needed(self, layer: PublishedLayer) -> tuple[str, ...]:
        """The fields that a level must carry to answer for a layer, in the layer's order."""
        names = set(self.properties or ())
        where = self.of(layer.id)
        if where is not None:
            names |= {name for name, _ in where.equals}
            names |= set(where.filter.fields) if where.filter else set()
            names |= set(layer.layer.temporal_fields) if where.interval else set()
        return tuple(field.name for field in layer.layer.fields if field.name in names)

    @property
    def digest(self) -> str:
        """A name for this query, the same in every process."""
        return blake2b(repr(self).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


PLAIN: Final = TileQuery()


def parse(query: str, manifest: Manifest, layer_id: str | None) -> TileQuery:
    """Read the query string of a tile of a layer or of all (None). BadRequest names every fault."""
    args = MultiDict(parse_qsl(query, keep_blank_values=True))
    faults = repeated(args)
    reading = _Reading(args, manifest, faults)
    if (asked := args.get("f", "mvt")) != "mvt":
        faults.append(no_form(asked, ("mvt",)))
    found = reading.of_dataset() if layer_id is None else reading.of_layer(manifest.layer(layer_id))
    if faults:
        raise BadRequest(*faults)
    return PLAIN if found == PLAIN else found


class _Reading:
    """One query string being read; what is wrong goes to `faults`."""

    def __init__(self, args: MultiDict[str, str], manifest: Manifest, faults: list[Fault]) -> None:
        self._args = args
        self._manifest = manifest
        self._faults = faults
        self._codelists = manifest.service.codelists

    def of_layer(self, layer: PublishedLayer) -> TileQuery:
        fields = [field for field in layer.layer.fields if field.name not in TILE]
        self._faults += unknown(self._args, (*TILE, *(field.name for field in fields)))
        time = self._time()
        equals = params.equals(self._args, fields, self._codelists, self._faults)
        read = filters.expression(self._args, self._faults)
        found = filters.checked(read, layer.layer, self._faults)
        where = _where(layer, time, equals, found)
        return TileQuery(None, self._properties((layer,)), ((layer.id, where),) if where else ())

    def of_dataset(self) -> TileQuery:
        self._faults += unknown(self._args, (*TILE, COLLECTIONS))
        chosen = self._read(COLLECTIONS, partial(collections, manifest=self._manifest))
        layers = self._manifest.layers if chosen is None else tuple(map(self._manifest.layer, chosen))
        time = self._time()
        found = self._filters(layers)
        wheres = ((layer.id, _where(layer, time, (), found.get(layer.id))) for layer in layers)
        return TileQuery(
            None if layers == self._manifest.layers else tuple(layer.id for layer in layers),
            self._properties(layers),
            tuple((name, where) for name, where in wheres if where),
        )

    def _read(self, name: str, read: Callable[[str], Any]) -> Any:
        return params.read(self._args, name, read, self._faults)

    def _time(self) -> Interval | None:
        """When: `datetime`, or the same as `subset` of the axis datetime (20-057, 13)."""
        time, axis = self._read("datetime", interval), self._read("subset", subset)
        if "datetime" in self._args and "subset" in self._args:
            twice = Text(zh="与 datetime 同时给出", en="is given beside datetime")
            self._faults.append(Fault("subset", twice, Text(zh="二者之一", en="one of the two")))
        found: Interval | None = time or axis
        return found

    def _properties(self, layers: tuple[PublishedLayer, ...]) -> tuple[str, ...] | None:
        known = tuple(dict.fromkeys(field.name for layer in layers for field in layer.layer.fields))
        names = self._read(
            "properties", partial(_names, known=known, none=Text(zh="没有字段", en="there is no field"))
        )
        return None if names is None or set(names) == set(known) else tuple(sorted(names))

    def _filters(self, layers: tuple[PublishedLayer, ...]) -> dict[str, Filter]:
        """The filter checked against each layer; it must make sense for all of them."""
        read = filters.expression(self._args, self._faults)
        found, senseless = {}, {}
        for layer in layers:
            wrong: list[Fault] = []
            filter = filters.checked(read, layer.layer, wrong)
            if filter is not None:
                found[layer.id] = filter
            elif wrong:
                senseless[layer.id] = wrong
        if senseless and found:
            self._faults.append(_senseless(tuple(found), tuple(senseless)))
        elif senseless and read is not None:
            # The faults of the layer that the filter seems to be meant for: the one that has most of its names.
            names = read.names
            meant = max(
                (layer for layer in layers if layer.id in senseless),
                key=lambda layer: len(names & {field.name for field in layer.layer.fields}),
            )
            self._faults += senseless[meant.id]
        return found


def _where(
    layer: PublishedLayer, time: Interval | None, equals: tuple[tuple[str, Value], ...], filter: Filter | None
) -> Where | None:
    """Conditions on a layer; a layer without times has all of its features at any time (17-069r4 7.15.4)."""
    interval = time if layer.layer.temporal_fields else None
    where = Where(interval=interval, equals=equals, filter=filter)
    return None if where.everything else where


def collections(text: str, manifest: Manifest) -> tuple[str, ...]:
    """The ids of a choice of collections, each once, in its order; Wrong when one of them is none."""
    known = tuple(layer.id for layer in manifest.layers)
    return _names(text, known, Text(zh="没有图层", en="there is no collection"))


def _names(text: str, known: tuple[str, ...], none: Text) -> tuple[str, ...]:
    """Names parted by commas, each of them known."""
    names = tuple(dict.fromkeys(text.split(",")))
    wrong = [name for name in names if name not in known]
    if not wrong:
        return names
    shown = ", ".join(repr(name[:40]) for name in wrong[:8])
    near = [found for name in wrong if (found := nearest(name[:80], known)) is not None]
    listed = ", ".join(dict.fromkeys(near or known))
    raise Wrong(
        Text(zh=f"{none.zh} {shown}", en=f"{none.en} {shown}"),
        Text(zh=f"以逗号分隔的名称，如 {listed}", en=f"names with commas between, such as {listed}"),
    )


def _senseless(sensible: tuple[str, ...], senseless: tuple[str, ...]) -> Fault:
    """The fault of a filter that some layers of a dataset cannot be asked."""
    names, choice = ", ".join(senseless), ",".join(sensible)
    return Fault(
        "filter",
        Text(zh=f"对这些图层没有意义：{names}", en=f"makes no sense for the collections {names}"),
        Text(zh=f"选择图层，如 collections={choice}", en=f"a choice of collections, as collections={choice}"),
    )


def parts(plain: tuple[Part, ...], manifest: Manifest, query: TileQuery) -> tuple[Part, ...]:
    """What a tile is made of when a query is put to it, from what it is made of without; BadRequest when no
    level of a layer can answer.
    """
    found, faults = [], []
    for part in query.chosen(plain):
        layer = manifest.layer(part.layer)
        where, needed = query.of(layer.id), query.needed(layer)
        level = _level(layer, part.level, where, needed)
        if level is None:
            faults.append(_lost(layer, part.level, where, needed))
        else:
            found.append(part._replace(level=level, where=where, properties=query.properties))
    if faults:
        raise BadRequest(*faults)
    return tuple(found)


def _level(
    layer: PublishedLayer, own: PublishedLevel, where: Where | None, needed: tuple[str, ...]
) -> PublishedLevel | None:
    """The level of the zoom if it can answer, else the next finer one that can: a level whose features were
    united tells nothing of the fields that it lost, and one whose points were thinned would lose matches.
    """
    return next((level for level in layer.levels[own.index :] if _answers(level, where, needed)), None)


def _answers(level: PublishedLevel, where: Where | None, needed: tuple[str, ...]) -> bool:
    if not set(needed) <= set(level.fields):
        return False
    if where is None or level.reduction == "none":
        return True
    # Of the features united in one, each has its own geometry; of those thinned out, any may match.
    return level.reduction == "dissolved" and not (where.filter and where.filter.spatial)


def _lost(layer: PublishedLayer, own: PublishedLevel, where: Where | None, needed: tuple[str, ...]) -> Fault:
    names = ", ".join(needed) or "geometry"
    able = ", ".join(
        f"{level.zoom_min}-{level.zoom_max}" for level in layer.levels if _answers(level, where, needed)
    )
    zooms = f"{own.zoom_min}-{own.zoom_max}"
    return Fault(
        "filter" if where else "properties",
        Text(
            zh=f"图层 {layer.id} 在级别 {zooms} 没有 {names}",
            en=f"{layer.id} has no {names} at zooms {zooms}",
        ),
        Text(zh=f"级别 {able}" if able else "其他字段", en=f"zooms {able}" if able else "other fields"),
    )
