"""The proof that a feature is in a release: from its canonical bytes to the layer's root, by some twenty digests."""

from __future__ import annotations

from dataclasses import dataclass

from releases.manifest import PublishedLayer
from releases.proof import merkle
from releases.proof.copies import geojson
from releases.proof.copies.rows import entries
from releases.proof.tree import Tree
from releases.store import ReleaseDamaged, Store


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A feature's place in its layer's tree.

    Parameters
    ----------
    entry : its canonical bytes (`canonical`)
    shape : how many of them, at their end, are its geometry
    leaf : their digest
    index, size : which leaf of how many, from 0
    path : from its neighbour upwards, as RFC 9162 2.1.3.1 has it
    """

    entry: bytes
    shape: int
    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]


def inclusion(store: Store, layer: PublishedLayer, feature_id: str) -> Inclusion:
    """The proof of a feature; NotFound when the layer has none of that id, ReleaseDamaged when it proves nothing."""
    found = store.item(layer.id, feature_id)
    rows = geojson.parsed([found.json], layer.layer)
    _, [entry] = entries(layer.layer, rows)
    path = store.sealed(layer.tree)
    tree = Tree(path, layer.count)
    leaf, index = merkle.leaf(entry), found.key - 1
    way = tuple(tree.path(found.key))
    if merkle.climb(leaf, index, tree.size, way).hex() != layer.root:
        raise ReleaseDamaged(path, f"it does not lead from the feature {feature_id} to the layer's root")
    return Inclusion(entry, len(rows.shapes[0]), leaf, index, tree.size, way)
