"""Layers that are what they were: their files are the parent's, the same bytes on the disk under another name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.models import Service
from releases.amending import snapshot
from releases.manifest import Manifest, PublishedLayer
from releases.release import Release
from releases.seals import Seals
from releases.store import ReleaseDamaged, ReleaseGone

#: Of the service's description, what files of layers are made by.
_MADE_BY: Final = ("language", "crs", "codelists", "tiles", "precision")


def files(layer: PublishedLayer) -> tuple[str, ...]:
    """All files of a layer, relative to the release."""
    some = (layer.file, layer.offsets, layer.tree, layer.package, layer.search, layer.attributes)
    every = (*some, *layer.downloads.values(), *(level.file for level in layer.levels))
    return tuple(dict.fromkeys(name for name in every if name))


def link(layer: PublishedLayer, parent: Path, release: Path) -> None:
    """Have a layer's files in another release as well."""
    for name in files(layer):
        place = release / name
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(parent / name, place)


def layers(service: Service, parent: Release, manifest: Manifest) -> Mapping[str, PublishedLayer]:
    """The parent's layers that a release has as they are, by id: the same content, made by the same program.

    Their files are compared with their seals, so that damage is not handed on.
    """
    said = parent.manifest.service
    alike = all(getattr(said, name) == getattr(manifest.service, name) for name in _MADE_BY)
    if not alike or not snapshot.is_of(service, parent.id):
        return {}
    before = {layer.id: layer for layer in parent.manifest.layers}
    same = {
        layer.id: was
        for layer in manifest.layers
        if (was := before.get(layer.id)) and was.model_copy(update={"levels": ()}) == layer
    }
    # Lines that follow another layer's edges are as it is.
    followers = {
        name: layer for name, layer in same.items() if layer.layer.generalise.layer not in (None, *same)
    }
    seals = Seals(parent.path, parent.manifest.files)
    return {name: layer for name, layer in same.items() if name not in followers and _sound(layer, seals)}


def _sound(layer: PublishedLayer, seals: Seals) -> bool:
    try:
        for name in files(layer):
            seals.path(name)
    except (ReleaseDamaged, ReleaseGone):
        return False
    return True
