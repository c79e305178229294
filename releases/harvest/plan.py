"""What a harvest has to do: for each layer one step, from what is held to what is published."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

from releases.harvest.failure import NoLayer
from releases.harvest.state import State, about_digest, schema_digest
from releases.manifest import Manifest, PublishedLayer

Act = Literal["keep", "change", "whole", "drop"]


class Step(NamedTuple):
    """What becomes of a layer; `layer` is None for one that is dropped."""

    act: Act
    id: str
    layer: PublishedLayer | None


def chosen(manifest: Manifest, wanted: tuple[str, ...] | None) -> tuple[PublishedLayer, ...]:
    """The layers wanted, all when that is None. NoLayer names those that the release does not have."""
    there = {layer.id for layer in manifest.layers}
    missing = [name for name in wanted or () if name not in there]
    if missing:
        names, known = ", ".join(missing), ", ".join(sorted(there))
        raise NoLayer(
            f"版次 {manifest.id} 没有图层 {names}（有：{known}）；用 --layers 另选",
            f"release {manifest.id} has no collection {names} (there are: {known}); choose others by --layers",
        )
    return tuple(layer for layer in manifest.layers if wanted is None or layer.id in wanted)


def steps(state: State | None, layers: tuple[PublishedLayer, ...], whole: Collection[str] = ()) -> list[Step]:
    """A step for each layer held or wanted, in the order of the manifest, dropped ones last.

    `whole` are layers whose changes are known not to do.
    """
    held = state.layers if state else {}
    found = []
    for layer in layers:
        before = held.get(layer.id)
        if before is None or before.schema_digest != schema_digest(layer) or layer.id in whole:
            act: Act = "whole"
        elif before.root != layer.root or before.about_digest != about_digest(layer):
            act = "change"
        else:
            act = "keep"
        found.append(Step(act, layer.id, layer))
    wanted = {layer.id for layer in layers}
    return [*found, *(Step("drop", name, None) for name in sorted(held) if name not in wanted)]
