"""Features read one by one, each compared with its digest: what is needed of a few before their file was compared as
a whole.

To compare a file with its seal takes a second for each gigabyte. A feature is sealed by itself as well, by its leaf in
the layer's tree (`releases.proof`), and that by its path to the root, which stands in the manifest. So a feature, or
that there is none of an id, is known for certain after some forty small reads, whatever the size of the layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
from shapely.errors import ShapelyError

from config.models import Layer
from releases import geometrytext
from releases.featuretext import FeatureText
from releases.positions import BEFORE
from releases.proof import canonical, merkle
from releases.proof.tree import Tree
from releases.query import Keys, Located
from releases.records import parted
from releases.store import ReleaseDamaged

_ID: Final = b'{"type":"Feature","id":'
#: Bytes in which the id of nearly every feature stands.
_HEAD: Final = 256


class ProvenText:
    """The text of a layer, of which nothing is handed out that is not what the tree says; safe for many threads.

    Parameters
    ----------
    layer, root : as the manifest has them
    text, tree : as they lie on the disk, perhaps altered; where the lines of the text begin is known to be right
    path : of the text, to be told
    """

    def __init__(self, layer: Layer, text: FeatureText, tree: Tree, root: str, path: Path) -> None:
        self._layer = layer
        self._text = text
        self._tree = tree
        self._root = bytes.fromhex(root)
        self._path = path

    def stream(self, keys: Keys) -> Iterator[list[bytes]]:
        """The features of keys in their order, in lists; the tree has to be known to be right."""
        known = iter(keys.tolist())
        for texts in self._text.stream(keys):
            for leaf, key in zip(self._leaves(texts), known):
                if leaf != self._tree.leaf(key):
                    raise self._damaged(key)
            yield texts

    def find(self, sought: str | int) -> Located | None:
        """The feature of an id, None when it is certain that there is none."""
        low, high = 1, len(self._text) + 1
        while low < high:
            middle = (low + high) // 2
            if self._id(middle) < sought:
                low = middle + 1
            else:
                high = middle
        # Between its neighbours a stranger would have to be: both are what was published, and lie side by side.
        beside = [self._proven(key) for key in (low - 1, low) if 1 <= key <= len(self._text)]
        named = [(orjson.loads(found.json)["id"], found) for found in beside]
        for name, found in named:
            if name == sought:
                return found
        if any((name < sought) != (found.key < low) for name, found in named):
            raise ReleaseDamaged(self._path, "its features are not in the order of ids")
        return None

    def _id(self, key: int) -> Any:
        head = self._text.head(key, _HEAD)
        end = head.find(BEFORE)
        if end < 0:
            head = self._text.one(key)
            end = head.find(BEFORE)
        try:
            found = orjson.loads(head[len(_ID) : end])
        except orjson.JSONDecodeError as fault:
            raise self._damaged(key) from fault
        if type(found) is not (int if self._layer.id_field.type == "integer" else str):
            raise self._damaged(key)
        return found

    def _proven(self, key: int) -> Located:
        text, leaf = self._text.one(key), self._tree.leaf(key)
        root = merkle.climb(leaf, key - 1, self._tree.size, self._tree.path(key))
        if root != self._root or self._leaves([text]) != [leaf]:
            raise self._damaged(key)
        return Located(key, leaf, text)

    def _damaged(self, key: int) -> ReleaseDamaged:
        return ReleaseDamaged(self._path, f"line {key} is not the feature that was published")

    def _leaves(self, texts: list[bytes]) -> list[bytes]:
        try:
            heads, shapes = parted(texts)
            features = orjson.loads(b"[" + b",".join(heads) + b"]")
            names = [field.name for field in self._layer.fields]
            values = {name: [feature["properties"][name] for feature in features] for name in names}
            geometry = canonical.wkb(geometrytext.read(shapes))
            ids = [feature["id"] for feature in features]
        except (ValueError, LookupError, TypeError, ShapelyError) as fault:
            raise ReleaseDamaged(self._path, "it holds what is no feature of ours") from fault
        return list(map(merkle.leaf, canonical.entries(self._layer, ids, values, geometry)))
