"""What tiles are of: one collection, the whole dataset, or those of its collections that a client selects (OGC 20-057, 12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from config.models import Box
from releases.manifest import PublishedLayer
from server import params
from server.ask import Ask
from server.problems import BadRequest, Fault
from server.tile_query import COLLECTIONS, collections


@dataclass(frozen=True, slots=True)
class Origin:
    """The layers of a tileset in the order of its tiles.

    `layer` is the collection that the tileset belongs to, None for the dataset's; `selected` says that its
    layers were asked for by `collections`.
    """

    layer: PublishedLayer | None
    layers: tuple[PublishedLayer, ...]
    selected: bool = False

    @property
    def id(self) -> str | None:
        """The collection's id, None for the dataset."""
        return self.layer.id if self.layer else None

    @property
    def collections(self) -> str | None:
        """The selection as the parameter `collections` writes it, None without one."""
        return ",".join(layer.id for layer in self.layers) if self.selected else None

    @property
    def extent(self) -> Box | None:
        """West, south, east, north in degrees round the layers; None when none of their features has a geometry."""
        boxes = [layer.extent for layer in self.layers if layer.extent]
        if not boxes:
            return None
        west, south, east, north = zip(*boxes)
        return min(west), min(south), max(east), max(north)

    def title(self, ask: Ask) -> str:
        """The collection's or the dataset's title."""
        return ask.text(self.layer.layer.title if self.layer else ask.manifest.service.title)

    def description(self, ask: Ask) -> str:
        """The collection's or the dataset's description."""
        return ask.text(self.layer.layer.description if self.layer else ask.manifest.service.description)

    def attribution(self, ask: Ask) -> str:
        """Whom to name, each once."""
        return "; ".join(_once(ask.text(layer.attribution) for layer in self.layers))

    def licence(self, ask: Ask) -> str:
        """The licences, each once."""
        return "; ".join(_once(layer.licence.id or ask.text(layer.licence.title) for layer in self.layers))

    def keywords(self, ask: Ask) -> list[str]:
        """Keywords of the collection, or of the dataset."""
        words = self.layer.layer.keywords if self.layer else ask.manifest.service.keywords
        return [ask.text(word) for word in words]


def of(ask: Ask, layer_id: str | None) -> Origin:
    """The origin that a request's path and its `collections` name; BadRequest for a collection there is not."""
    if layer_id is not None:
        layer = ask.manifest.layer(layer_id)
        return Origin(layer, (layer,))
    if COLLECTIONS not in ask.args:
        return Origin(None, ask.manifest.layers)
    faults: list[Fault] = []
    chosen = params.read(ask.args, COLLECTIONS, partial(collections, manifest=ask.manifest), faults)
    if faults:
        raise BadRequest(*faults)
    return Origin(None, tuple(map(ask.manifest.layer, chosen)), selected=True)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
