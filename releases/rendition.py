"""How features are shown, whatever they were found by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rendition:
    """What of each feature is shown, and in which coordinates.

    Parameters
    ----------
    crs : code of the CRS of coordinates
    fields : the attributes shown, in the layer's order; None: all of them
    geometry : False: every geometry is null
    zoom : of WebMercatorQuad, 256 pixels a tile and fractions allowed: geometry as simple as a map of that zoom may
        have it (OGC 24-020); None: as published
    """

    crs: str = "OGC:CRS84"
    fields: tuple[str, ...] | None = None
    geometry: bool = True
    zoom: float | None = None

    @property
    def plain(self) -> bool:
        """True when the published text will do as it is."""
        return self == PLAIN


#: Features as they were published.
PLAIN = Rendition()
