"""What is asked of a layer, in words of no server's: each dialect writes it as its server wants it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ask:
    """A page of features, or with `item` one of them.

    Parameters
    ----------
    limit : features of the page
    place : how many features of the answer come before it
    box : west, south, east, north in degrees
    filter : CQL2 text with our names of fields; the geometry is `geometry`
    sort : field to sort by, with a minus before it from the largest on
    words : texts of which a feature's names hold one
    form : as our parameter `f` calls it
    item : id of a feature
    """

    limit: int = 10
    place: int = 0
    box: tuple[float, float, float, float] | None = None
    filter: str | None = None
    sort: str | None = None
    words: tuple[str, ...] = ()
    form: str = "geojson"
    item: str | None = None
