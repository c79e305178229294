"""The store of a release in files: GeoJSON text, a GeoPackage and columns for each layer.

Everything is opened on first use and shared by all threads: text and columns because reading them changes
nothing, database connections by lending each to one thread at a time. Its seal is compared then (`seals`).
What was opened is closed when the last one who holds the store lets go of it, never under a reader.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import quote

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from config.models import Box, Layer
from releases import attributes
from releases.attributes import Attribute
from releases.connections import Connections
from releases.featuretext import FeatureText
from releases.manifest import Manifest, PublishedLayer
from releases.proof.merkle import Digests
from releases.proof.tree import Tree
from releases.proven import ProvenText
from releases.query import Feature, Keys, Located, Page, Query, SortKey, Where
from releases.records import parted
from releases.residency import Residency
from releases.seals import Seals
from releases.search import SCHEMA
from releases.selection import key_of, select
from releases.selections import Selections
from releases.store import NotFound, ReleaseDamaged, ReleaseGone, Window
from tiles import columnfile, search
from tiles.columnfile import ColumnFileError
from tiles.columns import Columns

#: So many features are compared with their digests sooner than a large file with its seal.
FEW: Final = 10_000
#: And of so many the ids are read out of their texts sooner than a file of columns is.
FEWER: Final = 2_500


class FileStore:
    """A `Store` on a release's folder."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self._path = path
        self._manifest = manifest
        self._seals = Seals(path, manifest.files)
        self._lock = Lock()
        self._texts: dict[str, FeatureText] = {}
        self._columns: dict[tuple[str, int], Columns] = {}
        self._connections = {
            layer.id: Connections(partial(_connect, path / layer.package)) for layer in manifest.layers
        }
        self._searching = {
            layer.id: Connections(partial(_connect, path / layer.package, path / layer.search))
            for layer in manifest.layers
            if layer.search
        }
        self._selections = Selections()
        self._attributes: dict[str, Mapping[str, Attribute]] = {}
        self._proven: dict[str, ProvenText] = {}
        self._asked: dict[str, int] = {}
        self._residency = Residency()

    def window(self, layer_id: str, level: int, box: Box, where: Where | None = None) -> Window:
        """Find the rows of a level that may touch a box, of features that match."""
        columns = self._columns.get((layer_id, level))
        if columns is None:
            columns = self._read_columns(self._manifest.layer(layer_id), level)
        self._residency.look(self._columns)
        rows = search.rows(columns, box)
        if where is not None and len(rows):
            keys = self._selected(self._manifest.layer(layer_id), where)
            rows = rows[_among((columns.row_feature[rows] + 1).astype(keys.dtype), keys)]
        return Window(columns, rows)

    def page(self, layer_id: str, query: Query) -> Page:
        """Find one page of features."""
        layer = self._manifest.layer(layer_id)
        text = self._text(layer)
        end = query.start + query.limit
        if query.where.everything and not query.order:
            keys = text.keys[query.start : end]
            return Page(layer.count, keys, text.stream(keys))
        found = self._selected(layer, query.where, query.order)
        keys = found[query.start : end]
        return Page(len(found), keys, text.stream(keys))

    def item(self, layer_id: str, feature_id: str) -> Feature:
        """Find the feature of that id, NotFound when there is none."""
        layer = self._manifest.layer(layer_id)
        sought = _sought(layer.layer, feature_id)
        with self._database(layer).lent() as connection:
            key = key_of(connection, layer.layer, sought)
        if key is None:
            raise NotFound("feature", feature_id)
        return Feature(self._text(layer).one(key), key)

    def leaves(self, layer_id: str) -> Digests:
        """The digest of each feature (n, 32), in the order of ids."""
        layer = self._manifest.layer(layer_id)
        return Tree(self._seals.path(layer.tree), layer.count).leaves()

    def ids(self, layer_id: str, keys: Keys) -> pa.Array:
        """The ids of the features of some keys, in their order."""
        layer = self._manifest.layer(layer_id)
        name = layer.layer.id_field.name
        if layer.id not in self._attributes and len(keys) <= FEWER:
            kind = pa.int64() if layer.layer.id_field.type == "integer" else pa.string()
            heads, _ = parted([text for some in self.texts(layer_id, keys) for text in some])
            return pa.array((orjson.loads(head)["id"] for head in heads), kind)
        known = self._attributes_of(layer)[name]
        return known.values.take(pa.array(known.codes[keys - 1]))

    def texts(self, layer_id: str, keys: Keys) -> Iterator[list[bytes]]:
        """The published texts of the features of some keys, in their order, in lists read as they are asked for."""
        layer = self._manifest.layer(layer_id)
        # Who walks over a layer page by page asks for all of it in the end.
        asked = self._asked[layer.id] = self._asked.get(layer.id, 0) + len(keys)
        if layer.id in self._texts or asked > FEW:
            return self._text(layer).stream(keys)
        self._seals.path(layer.tree)
        return self._proven_text(layer).stream(keys)

    def find(self, layer_id: str, feature_id: str) -> Located | None:
        """The feature of that id with its digest, or None: the same as `item`, for who asks once and never again."""
        layer = self._manifest.layer(layer_id)
        try:
            sought = _sought(layer.layer, feature_id)
        except NotFound:
            return None
        return self._proven_text(layer).find(sought)

    def sealed(self, name: str) -> Path:
        """A file of the release by its name, compared with its seal when it is asked for first."""
        return self._seals.path(name)

    def file(self, layer_id: str, form: str) -> Path:
        """The file of a whole layer in a form; KeyError for a form that the release does not have."""
        return self._seals.path(self._manifest.layer(layer_id).downloads[form])

    def _selected(self, layer: PublishedLayer, where: Where, order: tuple[SortKey, ...] = ()) -> Keys:
        def find() -> Keys:
            database = self._index(layer) if where.words else self._database(layer)
            known = self._attributes_of(layer) if order or where.of_attributes else {}
            with database.lent() as connection:
                return select(connection, layer.layer, where, order, known)

        return self._selections.get((layer.id, where.digest, order), find)

    def _database(self, layer: PublishedLayer) -> Connections:
        self._seals.path(layer.package)
        return self._connections[layer.id]

    def _index(self, layer: PublishedLayer) -> Connections:
        """The layer's database and the index of its texts beside it; KeyError for a layer without one."""
        searching = self._searching[layer.id]
        for name in (layer.package, layer.search):
            self._seals.path(str(name))
        return searching

    def _text(self, layer: PublishedLayer) -> FeatureText:
        text = self._texts.get(layer.id)
        if text is None:
            file, offsets = self._seals.path(layer.file), self._seals.path(layer.offsets)
            with self._lock:
                if layer.id not in self._texts:
                    self._texts[layer.id] = FeatureText(file, offsets)
                text = self._texts[layer.id]
        return text

    def _proven_text(self, layer: PublishedLayer) -> ProvenText:
        found = self._proven.get(layer.id)
        if found is None:
            path, tree = self._path / layer.file, self._path / layer.tree
            try:
                text = FeatureText(path, self._seals.path(layer.offsets))
                branches = Tree(tree, layer.count)
            except FileNotFoundError as fault:
                raise ReleaseGone(self._path) from fault
            found = self._proven[layer.id] = ProvenText(layer.layer, text, branches, layer.root, path)
        return found

    def _attributes_of(self, layer: PublishedLayer) -> Mapping[str, Attribute]:
        known = self._attributes.get(layer.id)
        if known is None:
            path = self._seals.path(layer.attributes) if layer.attributes else None
            known = self._attributes[layer.id] = attributes.read(path, layer.layer) if path else {}
        return known

    def _read_columns(self, layer: PublishedLayer, level: int) -> Columns:
        path = self._seals.path(layer.levels[level].file)
        with self._lock:
            name = (layer.id, level)
            if name not in self._columns:
                try:
                    self._columns[name] = columnfile.read(path)
                except ColumnFileError as fault:
                    raise ReleaseDamaged(path, str(fault)) from fault
            return self._columns[name]


def _sought(layer: Layer, feature_id: str) -> str | int:
    """An id of the id field's type; NotFound for a text that is none."""
    if layer.id_field.type != "integer":
        return feature_id
    try:
        sought = int(feature_id)
    except ValueError:
        raise NotFound("feature", feature_id) from None
    # One resource has one address: "007", "+7" and full-width digits are not the id 7.
    if str(sought) != feature_id or not -(2**63) <= sought < 2**63:
        raise NotFound("feature", feature_id)
    return sought


def _among(sought: Keys, keys: Keys) -> NDArray[np.bool_]:
    """Which keys are among ascending ones: a search for each, since a window is small and a layer is not."""
    if not len(keys):
        return np.zeros(len(sought), dtype=bool)
    found: NDArray[np.bool_] = keys[np.minimum(np.searchsorted(keys, sought), len(keys) - 1)] == sought
    return found


def _connect(package: Path, index: Path | None = None) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            _address(package), uri=True, isolation_level=None, check_same_thread=False
        )
        if index is not None:
            connection.execute(f"ATTACH ? AS {SCHEMA}", (_address(index),))
        return connection
    except sqlite3.OperationalError as fault:
        for path in (package, index):
            if path is not None and not path.exists():
                raise ReleaseGone(path) from fault
        raise


def _address(path: Path) -> str:
    # immutable: no lock is taken and no change looked for, which is right for a release and for nothing else.
    return f"file:{quote(str(path))}?mode=ro&immutable=1"
