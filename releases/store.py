"""The contract of a store: where a release's features and columns live. Files and databases keep it alike.

Eight methods are enough, because titles, fields, extents, counts and code lists are in the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from config.models import Box, Text
from releases.query import Feature, Keys, Located, Page, Query, Where
from tiles.columns import Columns


class Window(NamedTuple):
    """The columns of a layer's level and the rows of them that may touch a box."""

    columns: Columns
    rows: NDArray[np.int64]


class NotFound(LookupError):
    """There is no such release, layer or feature."""

    def __init__(self, kind: Literal["release", "layer", "feature"], name: str) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class ReleaseGone(LookupError):
    """A release was opened and its files are no longer there: somebody deleted them from under the server."""

    def __init__(self, path: Path) -> None:
        self.message = Text(
            zh=f"{path} 已不存在，而发布记录中仍有此版次",
            en=f"{path} is gone, though its release is in the history",
        )
        super().__init__(self.message.en)
        self.path = path


class ReleasePruned(LookupError):
    """A release that is no longer kept: its folder was removed. `successor` took its place, and `current` is the one
    that leads now.
    """

    def __init__(self, name: str, successor: str, current: str) -> None:
        self.message = Text(
            zh=f"版次 {name} 已移除，由 {successor} 接替；当前版次为 {current}",
            en=f"the release {name} was removed: {successor} took its place, and {current} is the current one",
        )
        super().__init__(self.message.en)
        self.name = name
        self.successor = successor
        self.current = current


class ReleaseTagged(LookupError):
    """A name that a release was given, where its id is asked for: `release_id` is what the name stands for."""

    def __init__(self, name: str, release_id: str) -> None:
        super().__init__(f"{name!r} is the release {release_id}")
        self.name = name
        self.release_id = release_id


class ReleaseDamaged(Exception):
    """What is in a release's folder is not what its manifest, or its name, says."""

    def __init__(self, path: Path, why: str) -> None:
        self.message = Text(zh=f"{path} 已损坏：{why}", en=f"{path} is damaged: {why}")
        super().__init__(self.message.en)
        self.path = path


class Store(Protocol):
    """The features and columns of one release; every method may be called from many threads at once."""

    def window(self, layer_id: str, level: int, box: Box, where: Where | None = None) -> Window:
        """Find the rows of a level that may touch a box: xmin, ymin, xmax, ymax in degrees, x is lon.

        With `where`, which has no boxes, only rows of features that match; a row of several features that were
        dissolved is judged by the first of them.
        """
        ...

    def page(self, layer_id: str, query: Query) -> Page:
        """Find one page of features."""
        ...

    def item(self, layer_id: str, feature_id: str) -> Feature:
        """Find the feature of that id, NotFound when there is none."""
        ...

    def sealed(self, name: str) -> Path:
        """A file of the release by its name in the manifest, as it was sealed; ReleaseDamaged when it is not any more."""
        ...

    def leaves(self, layer_id: str) -> NDArray[np.uint8]:
        """The digest of each feature, (n, 32), in the order of ids (`releases.proof`)."""
        ...

    def ids(self, layer_id: str, keys: Keys) -> pa.Array:
        """The ids of the features of some keys, in their order."""
        ...

    def texts(self, layer_id: str, keys: Keys) -> Iterator[list[bytes]]:
        """The published texts of the features of some keys, in their order, in lists read as they are asked for."""
        ...

    def find(self, layer_id: str, feature_id: str) -> Located | None:
        """The feature of that id with its digest, or None: `item` for whoever asks a release once and never again."""
        ...

    def file(self, layer_id: str, form: str) -> Path:
        """The file of a whole layer in a form; KeyError for a form that the release does not have."""
        ...
