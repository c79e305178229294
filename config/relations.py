"""How the features of the layers stand to each other on the ground, as far as the gate is to see to it.

Every name here is a layer's, and every layer one of polygons; `faults` in `consistency` asks for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field as Constraint
from pydantic import model_validator

from config.values import FieldName, Frozen, Identifier, fault

#: Where a name stands below `gate`, and what it names: a layer, or a field of the layer named third.
Name = tuple[tuple[str | int, ...], Literal["layer", "field"], str, str | None]


class Nesting(Frozen):
    """A feature of `layer` lies in one of `within`: the one whose id its field `by` holds."""

    layer: Identifier
    within: Identifier
    by: FieldName


class Apart(Frozen):
    """No feature of one of these layers overlaps one of another."""

    layers: Annotated[tuple[Identifier, ...], Constraint(min_length=2)]

    @model_validator(mode="after")
    def _different(self) -> Self:
        if len(set(self.layers)) < len(self.layers):
            raise fault("互不相同的图层", "layers that are not the same")
        return self


class Filling(Frozen):
    """The features of `layer` together cover those of `extent`: the ones of these ids, or all."""

    layer: Identifier
    extent: Identifier
    features: tuple[str, ...] = ()


class Relations(Frozen):
    """What holds between features.

    coverage : layers whose features neither overlap nor leave a gap between them
    disjoint : layers whose features do not overlap but need not touch
    nest, apart, fill : see each
    reference : layer -> another one whose edges it has, so that it can be told when all of it is out of place
    """

    coverage: tuple[Identifier, ...] = ()
    disjoint: tuple[Identifier, ...] = ()
    nest: tuple[Nesting, ...] = ()
    apart: tuple[Apart, ...] = ()
    fill: tuple[Filling, ...] = ()
    reference: Mapping[Identifier, Identifier] = {}

    def names(self) -> Iterator[Name]:
        """Every name of a layer or a field, and where it stands."""
        for key in ("coverage", "disjoint"):
            for i, layer in enumerate(getattr(self, key)):
                yield (key, i), "layer", layer, None
        for i, nest in enumerate(self.nest):
            yield ("nest", i, "layer"), "layer", nest.layer, None
            yield ("nest", i, "within"), "layer", nest.within, None
            yield ("nest", i, "by"), "field", nest.by, nest.layer
        for i, apart in enumerate(self.apart):
            for j, layer in enumerate(apart.layers):
                yield ("apart", i, "layers", j), "layer", layer, None
        for i, fill in enumerate(self.fill):
            yield ("fill", i, "layer"), "layer", fill.layer, None
            yield ("fill", i, "extent"), "layer", fill.extent, None
        for layer, other in self.reference.items():
            yield ("reference", layer), "layer", layer, None
            yield ("reference", layer), "layer", other, None
