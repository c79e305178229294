"""One layer of a release made from the parent's: linked when nothing in it differs, else with its features amended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from config.models import Box, Service
from releases import attributes
from releases.amending import attributes as amended
from releases.amending import flatgeobuf, geoparquet, levels, package, search, texts
from releases.amending.differences import Amendment, NotInPlace
from releases.attributes import Attribute
from releases.manifest import PublishedLayer
from releases.proof import canonical
from releases.proof.tree import Tree
from releases.release import Release
from tiles import columnfile

#: Columns' units in a degree.
UNITS = 1e7


def write(
    amendment: Amendment, described: PublishedLayer, parent: Release, release: Path, service: Service
) -> PublishedLayer:
    """Write all files of a layer whose features differ; what it has become.

    `described` is the layer with what its delivery notes say now, and else as the parent has it. NotInPlace when a
    part of it cannot be amended.
    """
    was, keys, after = amendment.layer, amendment.keys, amendment.after
    if was.attributes is None or was.null_geometries != described.null_geometries:
        raise NotInPlace(f"{was.id} 没有属性列", f"{was.id} has no columns of attributes")
    (release / "features").mkdir(exist_ok=True)
    now = amended.write(
        attributes.read(parent.path / was.attributes, after.layer),
        amendment.before,
        after,
        keys,
        release / was.attributes,
    )
    texts.write(
        parent.path / was.file,
        parent.path / was.offsets,
        after,
        keys,
        release / was.file,
        release / was.offsets,
    )
    leaves = canonical.leaves(after)
    changed = {key: leaves[i].tobytes() for i, key in enumerate(keys.tolist())}
    root = Tree(parent.path / was.tree, was.count).update(changed, release / was.tree)
    leveled = levels.write(amendment, parent.path, release, now, service.tiles)
    box, span = _measured(release / leveled[-1].file)
    with (release / was.file).open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    layer = described.model_copy(
        update={
            "root": root.hex(),
            "digest": digest,
            "extent": box,
            "span": span,
            "temporal": _temporal(was, now),
            "values": _values(was, amendment, now),
            "levels": leveled,
        }
    )
    _forms(amendment, layer, parent, release, service, now)
    return layer


def _forms(
    amendment: Amendment,
    layer: PublishedLayer,
    parent: Release,
    release: Path,
    service: Service,
    now: Mapping[str, Attribute],
) -> None:
    was, after, lang = amendment.layer, amendment.after, service.language
    package.write(
        parent.path / was.package, after, amendment.keys, layer.extent, service.crs, release / was.package
    )
    parquet, geobuf = was.downloads["geoparquet"], was.downloads["flatgeobuf"]
    flatgeobuf.write(
        (was, parent.path / geobuf, amendment.before),
        (layer, release / geobuf, after),
        parent.path / parquet,
        lang,
    )
    geoparquet.write(was, parent.path / parquet, layer, after, release / parquet, lang)
    if was.search is None:
        return
    if search.touched(after.layer, amendment.before, after):
        search.write(after.layer, now, service.codelists, release / was.search)
    else:
        os.link(parent.path / was.search, release / was.search)


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
            found[field.name] = tuple(sorted({str(value) for value in _plain(now[field.name].values)}))
        elif amendment.before.values[field.name].tolist() == amendment.after.values[field.name].tolist():
            found[field.name] = was.values[field.name]
        else:
            raise NotInPlace(f"字段 {field.name} 是数组", f"the field {field.name} holds arrays")
    return found


def _plain(values: Any) -> list[Any]:
    plain: list[Any] = pc.drop_null(values).to_pylist()
    return plain
