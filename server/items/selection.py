"""What of each feature is shown: `properties` (OGC 24-019, draft), `zoom-level` (OGC 24-020, draft), and two of our own
beside them, `exclude-properties` and `skipGeometry`.

The names are those of the collection's schema, where the geometry is the property "geometry": who selects properties and
not that one gets none (24-019 /req/properties/response B). The `id` of a feature is always there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from werkzeug.datastructures import MultiDict

from config.models import Text
from config.nearest import nearest
from releases.manifest import PublishedLayer
from releases.rendition import Rendition
from server.items import reference
from server.params import read, truth
from server.problems import Fault, Wrong

PARAMETERS: Final = ("properties", "exclude-properties", "skipGeometry", "zoom-level")
#: The name of the geometry in the schema of a layer.
GEOMETRY: Final = "geometry"
_ZOOM: Final = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


def rendition(
    args: MultiDict[str, str], layer: PublishedLayer, offered: Sequence[str], faults: list[Fault]
) -> Rendition:
    """How features are shown: their CRS, attributes and geometry."""
    code = reference.system(args, "crs", offered, faults)
    zoom = read(args, "zoom-level", _zoom, faults)
    known = (*(field.name for field in layer.layer.fields), GEOMETRY)
    chosen = read(args, "properties", partial(_names, known=known), faults)
    excluded = read(args, "exclude-properties", partial(_names, known=known), faults)
    if "properties" in args and "exclude-properties" in args:
        faults.append(Fault("exclude-properties", _TOGETHER, _EITHER))
    skipped = read(args, "skipGeometry", truth, faults) or False
    shown = [name for name in known if (chosen is None or name in chosen) and name not in (excluded or ())]
    fields = tuple(name for name in shown if name != GEOMETRY)
    everything = len(fields) == len(known) - 1
    if skipped or GEOMETRY not in shown:
        # Of what is not shown neither CRS nor zoom matters: one answer, one name.
        return Rendition(fields=None if everything else fields, geometry=False)
    return Rendition(code, None if everything else fields, zoom=zoom)


def for_people(rendition: Rendition) -> Rendition:
    """What a page shows: the attributes and, on a map, the geometry as it is, in the degrees that maps take.

    A page has no place for coordinates to read (18-058r1 6.4.2).
    """
    return replace(rendition, crs=reference.DEFAULT, zoom=None)


def _names(text: str, known: Sequence[str]) -> frozenset[str]:
    """Names of properties, parted by commas (24-019: style form, not exploded)."""
    names = text.split(",")
    strangers = [name for name in names if name not in known]
    if not strangers:
        return frozenset(names)
    shown = ", ".join(repr(name[:60]) if name.isprintable() else ascii(name[:60]) for name in strangers[:5])
    every = ", ".join(known)
    meant = nearest(strangers[0], tuple(known))
    raise Wrong(
        Text(zh=f"没有属性 {shown}", en=f"no property {shown}"),
        Text(
            zh=f"{every} 中的名称" + (f"；是否指 {meant}？" if meant else ""),
            en=f"names among {every}" + (f"; did you mean {meant}?" if meant else ""),
        ),
    )


def _zoom(text: str) -> float:
    expected = Text(zh="不小于 0 的数，如 7 或 7.5", en="a number from 0 on, such as 7 or 7.5")
    if not _ZOOM.fullmatch(text) or not math.isfinite(zoom := float(text)):
        raise Wrong.value(text, expected)
    return zoom


_TOGETHER: Final = Text(zh="与 properties 同时出现", en="is given together with properties")
_EITHER: Final = Text(
    zh="properties 与 exclude-properties 二者取一", en="properties or exclude-properties, not both"
)
