"""The ids and digests of a layer as it was published: from a release's folder, or from the server that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import orjson

from releases.manifest import PublishedLayer
from releases.progress import Progress, silent
from releases.proof import fetching
from releases.proof.comparison import Known, known
from releases.proof.copies import geojson, jsontext
from releases.proof.copies.rows import Rows
from releases.proof.fetching import FetchFailed
from releases.proof.tree import Tree
from releases.store import ReleaseDamaged

#: What stands before and behind the id in a published text (`releases.featuretext`).
_BEFORE, _BEHIND = b'{"type":"Feature","id":', b',"geometry":'
#: Features asked for at once.
PAGE: Final = 1_000_000


def in_folder(folder: Path, layer: PublishedLayer) -> Known:
    """From the tree and the text of a release. ReleaseDamaged when they are not the layer's."""
    tree = Tree(folder / layer.tree, layer.count)
    if tree.root.hex() != layer.root:
        raise ReleaseDamaged(folder / layer.tree, "its root is not the one in the manifest")
    with (folder / layer.file).open("rb") as file:
        ids = [orjson.loads(line[len(_BEFORE) : line.index(_BEHIND)]) for line in file]
    if len(ids) != layer.count:
        raise ReleaseDamaged(folder / layer.file, f"it has {len(ids)} features, expected {layer.count}")
    return Known(ids, tree.leaves())


def at_server(release: str, layer: PublishedLayer, progress: Progress = silent) -> Known:
    """From the features that a server shows at a release's address. FetchFailed, also when they are not the layer's."""
    address = f"{release}/collections/{quote(layer.id)}/items?f=geojsonseq&limit={PAGE}"
    found = known(layer, _pages(address, layer) if layer.count else (), progress)
    if len(found.ids) != layer.count:
        said = len(found.ids), layer.count
        raise FetchFailed(
            "{}：有 {} 个要素，应为 {}".format(address, *said),
            "{}: {} features, expected {}".format(address, *said),
        )
    return found


def _pages(first: str, layer: PublishedLayer) -> Iterator[Rows]:
    address: str | None = first
    while address:
        with fetching.opened(address) as answer:
            for texts in jsontext.objects(answer.body):
                yield geojson.parsed(texts, layer.layer)
            address = answer.following
