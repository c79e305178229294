"""Whether a release in its place is what was published: every byte, every digest, the signature and both chains.

history.json ─ entry ─ manifest.json ─┬─ manifest.sig ─ keys.json
                                      ├─ files: all bytes
                                      ├─ layers: text ─ leaves ─ tree ─ root ─┐
                                      ├─ configuration, style, report ────────┴─ root of the release
                                      └─ parent ─ its root
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from releases import history, manifest
from releases.history import History
from releases.manifest import Manifest, PublishedLayer
from releases.progress import Progress, silent
from releases.proof import comparison, keys, signature
from releases.proof import release as proof
from releases.proof.comparison import Known
from releases.proof.copies import geojson
from releases.proof.copies.rows import CopyUnreadable
from releases.proof.keys import KeyUnusable
from releases.proof.merkle import Digests
from releases.proof.release import ManifestUnusable
from releases.proof.tree import Tree
from releases.store import ReleaseDamaged


def faults(folder: Path, said: Manifest, past: History, progress: Progress = silent) -> Iterator[str]:
    """What of a release is not as it should be, one line each; nothing when all is.

    `folder` is its place in the published folder, `said` its manifest, whose seal was compared when it was opened.
    """
    yield from _files(folder, said, progress)
    yield from _signature(folder, said, past)
    for done, layer in enumerate(said.layers):
        progress(f"digests: {layer.id}", done, len(said.layers))
        yield from _layer(folder, layer)
    yield from _parts(said)
    yield from _parent(folder, said, past)
    place = past.broken()
    if place is not None:
        yield f"{history.NAME}: entry {place + 1} does not follow from the one before"


def _files(folder: Path, said: Manifest, progress: Progress) -> Iterator[str]:
    for done, (name, sealed) in enumerate(said.files.items()):
        progress(name, done, len(said.files))
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield f"{name}: missing"
            continue
        if found != sealed.sha256:
            yield f"{name}: sha256 is {found}, expected {sealed.sha256}"
    listed = {*said.files, manifest.NAME, signature.NAME}
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(present - listed):
        yield f"{name}: not in the manifest"


def _signature(folder: Path, said: Manifest, past: History) -> Iterator[str]:
    try:
        known = keys.read(folder.parent.parent)
    except KeyUnusable as fault:
        yield f"{keys.NAME}: {fault}"
        return
    found = signature.check((folder / manifest.NAME).read_bytes(), signature.read(folder), known)
    if found.state == "wrong":
        yield f"{signature.NAME}: it is not the signature of this manifest"
    if found.state == "unknown":
        yield f"{signature.NAME}: nobody knows the key {found.kid}"
    if found.state == "unsigned":
        # What was published before there was a key has none.
        entry, first = past.entry(said.id), min((key.created or "" for key in known.keys), default=None)
        if entry is not None and first is not None and entry.published >= first:
            yield f"{signature.NAME}: missing, though releases were signed when it was published"


def _layer(folder: Path, layer: PublishedLayer) -> Iterator[str]:
    try:
        tree = Tree(folder / layer.tree, layer.count)
        leaves = tree.leaves()
        found = comparison.known(layer, geojson.read(folder / layer.file, layer.layer) if layer.count else ())
    except (FileNotFoundError, ReleaseDamaged, CopyUnreadable) as fault:
        yield f"{layer.id}: {fault}"
        return
    if tree.root.hex() != layer.root:
        yield f"{layer.tree}: its root is {tree.root.hex()}, expected {layer.root}"
    yield from _leaves(layer, found, leaves)


def _leaves(layer: PublishedLayer, found: Known, leaves: Digests) -> Iterator[str]:
    if len(found.ids) != layer.count:
        yield f"{layer.file}: {len(found.ids)} features, expected {layer.count}"
        return
    wrong = np.flatnonzero((found.leaves != leaves).any(axis=1))
    if len(wrong):
        yield f"{layer.tree}: {len(wrong)} digests are not those of the features, the first of {found.ids[wrong[0]]!r}"


def _parts(said: Manifest) -> Iterator[str]:
    if proof.root(said) != said.root:
        yield f"{manifest.NAME}: the root over its parts is {proof.root(said)}, not {said.root}"
    sealed = {name: file.sha256 for name, file in said.files.items()}
    claimed = {said.report.file: said.report.digest, **{layer.file: layer.digest for layer in said.layers}}
    for name, digest in claimed.items():
        if sealed.get(name) != digest:
            yield f"{manifest.NAME}: it gives {name} two digests"


def _parent(folder: Path, said: Manifest, past: History) -> Iterator[str]:
    """The release before, as far as it is still there."""
    if said.parent is None or said.parent.id in past.pruned:
        return
    path = folder.parent / said.parent.id / manifest.NAME
    try:
        before = proof.read(path.read_bytes(), str(path))
    except FileNotFoundError:
        yield f"parent {said.parent.id}: it is not there"
    except ManifestUnusable as fault:
        yield f"parent {said.parent.id}: {fault}"
    else:
        if before.root != said.parent.root:
            yield f"parent {said.parent.id}: its root is {before.root}, expected {said.parent.root}"
