"""One layer of a release made from the parent's: linked when nothing in it differs, else with its features amended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np

from config.models import Box, Service
from releases import attributes
from releases.amending import attributes as amended
from releases.amending import flatgeobuf, geoparquet, levels, package, search, texts
from releases.amending.differences import Amendment, NotInPlace
from releases.attributes import Attribute
from releases.manifest import PublishedLayer, PublishedLevel
from releases.proof import canonical
from releases.proof.tree import Tree
from tiles import columnfile

#: Files written at the same time: the disk works on one, the interpreter on another.
WRITERS = 2
#: Columns' units in a degree.
UNITS = 1e7


def write(amendment: Amendment, parent: Path, release: Path, service: Service) -> PublishedLayer:
    """Write all files of a layer whose features differ; what it has become. NotInPlace when a part cannot be amended.

    `parent` and `release` are the folders of the release before and of the new one.
    """
    was = amendment.layer
    if was.attributes is None:
        raise NotInPlace(f"{was.id} 没有属性列", f"{was.id} has no columns of attributes")
    (release / "features").mkdir(exist_ok=True)
    work = _Work(amendment, parent, release, service)
    with ThreadPoolExecutor(WRITERS) as threads:
        leveling, texting = threads.submit(work.levels), threads.submit(work.text)
        layer = was.model_copy(update=texting.result())
        jobs = [threads.submit(work.parquet, layer)]
        now, leveled = leveling.result()
        box, span = _measured(release / leveled[-1].file)
        layer = layer.model_copy(
            update={
                "extent": box,
                "span": span,
                "temporal": _temporal(was, now),
                "values": _values(was, amendment, now),
                "levels": leveled,
            }
        )
        jobs += [threads.submit(one, layer) for one in (work.package, work.geobuf)]
        jobs.append(threads.submit(work.search, now))
        for job in jobs:
            job.result()
    return layer


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """The files of one layer, each written by itself."""

    amendment: Amendment
    parent: Path
    release: Path
    service: Service

    def levels(self) -> tuple[Mapping[str, Attribute], tuple[PublishedLevel, ...]]:
        """The attributes as they are now, and the levels, whose classes are made of them."""
        after, name = self.amendment.after, str(self.amendment.layer.attributes)
        known = attributes.read(self.parent / name, after.layer)
        now = amended.write(known, self.amendment.before, after, self.amendment.keys, self.release / name)
        return now, levels.write(self.amendment, self.parent, self.release, now, self.service.tiles)

    def text(self) -> dict[str, str]:
        """The digest of the text, and the root of the tree."""
        was, keys, after = self.amendment.layer, self.amendment.keys, self.amendment.after
        before = self.parent / was.file, self.parent / was.offsets
        texts.write(*before, after, keys, self.release / was.file, self.release / was.offsets)
        leaves = canonical.leaves(after)
        changed = {key: leaves[i].tobytes() for i, key in enumerate(keys.tolist())}
        root = Tree(self.parent / was.tree, was.count).update(changed, self.release / was.tree)
        with (self.release / was.file).open("rb") as file:
            return {"root": root.hex(), "digest": file_digest(file, "sha256").hexdigest()}

    def package(self, layer: PublishedLayer) -> None:
        """The GeoPackage."""
        was, keys, after = self.amendment.layer, self.amendment.keys, self.amendment.after
        path, crs = self.release / was.package, self.service.crs
        package.write(self.parent / was.package, after, keys, layer.extent, crs, path)

    def parquet(self, layer: PublishedLayer) -> None:
        """The GeoParquet."""
        was, name = self.amendment.layer, self.amendment.layer.downloads["geoparquet"]
        pair = self.parent / name, self.release / name
        geoparquet.write(was, pair[0], layer, self.amendment.after, pair[1], self.service.language)

    def geobuf(self, layer: PublishedLayer) -> None:
        """The FlatGeobuf."""
        was, name = self.amendment.layer, self.amendment.layer.downloads["flatgeobuf"]
        flatgeobuf.write(
            (was, self.parent / name, self.amendment.before),
            (layer, self.release / name, self.amendment.after),
            self.parent / was.downloads["geoparquet"],
            self.service.language,
        )

    def search(self, now: Mapping[str, Attribute]) -> None:
        """The index of texts, the parent's when nothing is called otherwise."""
        name, after = self.amendment.layer.search, self.amendment.after
        if name is None:
            return
        if search.touched(after.layer, self.amendment.before, after):
            search.write(after.layer, now, self.service.codelists, self.release / name)
        else:
            os.link(self.parent / name, self.release / name)


def _measured(exact: Path) -> tuple[Box | None, tuple[float, float] | None]:
    """The extent of a layer, and the width and height that none of its features exceeds, from its exact columns."""
    columns = columnfile.read(exact)
    if not len(columns.row_kind):
        return None, None
    # A feature of several rows is as wide as they are together.
    order = np.argsort(columns.row_feature, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(columns.row_feature[order]) != 0])
    bounds = columns.row_bounds[order]
    # Divided, not multiplied: so they are the very doubles that the geometry has.
    low = np.minimum.reduceat(bounds[:, :2], first) / UNITS
    high = np.maximum.reduceat(bounds[:, 2:], first) / UNITS
    (west, south), (east, north) = low.min(axis=0).tolist(), high.max(axis=0).tolist()
    size = (high - low).max(axis=0).tolist()
    return (west, south, east, north), (size[0], size[1])


def _temporal(was: PublishedLayer, now: Mapping[str, Attribute]) -> tuple[str | None, str | None] | None:
    """Earliest start and latest end, as `description` has them of a whole table."""
    names = was.layer.temporal_fields
    if not names:
        return None
    start, end = now[names[0]], now[names[-1]]
    timed = (start.codes < len(start.values)) | (end.codes < len(end.values))
    if not timed.any():
        return None
    # Behind all values stands null: a missing end means that something holds until further notice.
    first, last = int(start.codes[timed].min()), int(end.codes[timed].max())
    open_start = bool((start.codes[timed] == len(start.values)).any())
    begun = None if open_start else start.values[first].as_py()
    return begun, end.values[last].as_py() if last < len(end.values) else None


def _values(
    was: PublishedLayer, amendment: Amendment, now: Mapping[str, Attribute]
) -> dict[str, tuple[str, ...]]:
    """The codes that occur in each field with a code list."""
    found: dict[str, tuple[str, ...]] = {}
    for field in was.layer.fields:
        if field.codelist is None:
            continue
        if field.name in now:
            found[field.name] = tuple(sorted(map(str, now[field.name].values.to_pylist())))
        elif amendment.before.values[field.name].tolist() == amendment.after.values[field.name].tolist():
            found[field.name] = was.values[field.name]
        else:
            raise NotInPlace(f"字段 {field.name} 是数组", f"the field {field.name} holds arrays")
    return found
