"""Walks over the features of a layer by chance, past those that are taken meanwhile.

What plants faults is a generator that is asked for one fault at a time, and so are these: between two steps of a walk
other planters take features, which the walk then leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator

from releases.demo.dirty.ground import Ground, Spot


def shuffled(ground: Ground, rule: str, layer: str) -> Iterator[Spot]:
    """The features of a layer by chance; one that has been taken meanwhile is left out."""
    spots = ground.spots(layer)
    for k in ground.chance(f"{rule} {layer}").permutation(len(spots)).tolist():
        if ground.free([spots[k]]):
            yield spots[k]


def some(ground: Ground, rule: str, layer: str, share: float) -> Iterator[Spot]:
    """The same of a share of the layer's features, so that other layers have theirs."""
    spots = list(shuffled(ground, rule, layer))
    yield from (spot for spot in spots[: int(share * len(spots))] if ground.free([spot]))


def in_turn(ground: Ground, rule: str, layers: tuple[str, ...], *authorities: str) -> Iterator[Spot]:
    """Features with a geometry, of all authorities or some, the layers taking turns."""
    yield from mixed(*(_with_geometry(ground, rule, layer, authorities) for layer in layers))


def _with_geometry(ground: Ground, rule: str, layer: str, authorities: tuple[str, ...]) -> Iterator[Spot]:
    for spot in shuffled(ground, rule, layer):
        if ground.geometry(spot) is not None and (not authorities or spot.authority in authorities):
            yield spot


def pairs_in_turn(ground: Ground, rule: str, layers: tuple[str, ...]) -> Iterator[tuple[Spot, Spot]]:
    """Two features of the same layer, the layers taking turns."""
    yield from mixed(*(_pairs(ground, rule, layer) for layer in layers))


def _pairs(ground: Ground, rule: str, layer: str) -> Iterator[tuple[Spot, Spot]]:
    spots = shuffled(ground, rule, layer)
    for one in spots:
        other = next(spots, None)
        if other is not None and ground.free([one, other]):
            yield one, other


def mixed[T](*walks: Iterator[T]) -> Iterator[T]:
    """What several walks yield, in turn, as long as any has something."""
    going = list(walks)
    while going:
        for walk in list(going):
            try:
                yield next(walk)
            except StopIteration:
                going.remove(walk)
