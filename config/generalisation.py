"""At which zooms a layer is in tiles, and how it is made simpler for small scales, as an operator describes it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Constraint

from config.values import FieldName, Frozen, Identifier, ZoomLevel, fault


def _power_of_two(pixels: int) -> int:
    if pixels & (pixels - 1):
        raise fault("2 的幂", "a power of two")
    return pixels


class Zoom(Frozen):
    """The zoom levels at which a layer is in tiles, both ends included."""

    min: ZoomLevel
    max: ZoomLevel

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise fault(
                f"min 不大于 max（现为 {self.min} 和 {self.max}）",
                f"min not above max (they are {self.min} and {self.max})",
            )
        return self


class Thin(Frozen):
    """Where points crowd, the first in rank stays: by the size of a field's values, or by a list of them.

    `pixels` is the width of the cell that a point has for itself, of a tile that is 512 pixels wide.
    """

    rank: FieldName
    order: Literal["ascending", "descending"] | Annotated[tuple[str, ...], Constraint(min_length=1)] = (
        "ascending"
    )
    pixels: Annotated[int, Constraint(ge=1, le=512), AfterValidator(_power_of_two)] = 16


class Generalise(Frozen):
    """How a layer is made simpler for small scales.

    rule : of geometry: "coverage" shared edges together, "alone" each geometry by itself, "follow" lines along
        the borders of another layer as that layer's edges, "none" nothing
    layer : which other layer is followed
    dissolve : fields by whose values polygons are united where they are too small or too many to be drawn; no
        other field is in tiles there
    thin : which points stay where they crowd
    """

    rule: Literal["coverage", "alone", "follow", "none"] = "none"
    layer: Identifier | None = None
    dissolve: tuple[FieldName, ...] = ()
    thin: Thin | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if (self.rule == "follow") != (self.layer is not None):
            raise fault(
                "follow 规则与 layer 同时给出", "the rule follow together with the layer that is followed"
            )
        if self.dissolve and self.rule != "coverage":
            raise fault("dissolve 只与 coverage 规则同用", "dissolve only with the rule coverage")
        return self
