"""`filter` and `filter-lang` as every resource takes them (OGC 19-079r2, 8): CQL2 as text, the default, or JSON."""

from __future__ import annotations

from typing import Final

from werkzeug.datastructures import MultiDict

from config.models import Layer, Text
from releases import cql2
from releases.cql2 import Expression, Filter, FilterError
from server.problems import Fault

PARAMETERS: Final = ("filter", "filter-lang")
#: What GDAL writes, with OGR_OAPIF_ALLOW_CQL_TEXT, has the name that drafts of Part 3 gave it, and is CQL2 all the same.
_OLD_NAMES: Final = {"cql-text": "cql2-text"}


def expression(args: MultiDict[str, str], faults: list[Fault]) -> Expression | None:
    """The filter of a query string, read but not checked; None without one or when `faults` says why."""
    asked = args.get("filter-lang", cql2.LANGS[0])
    lang = next((lang for lang in cql2.LANGS if lang == _OLD_NAMES.get(asked, asked)), None)
    if lang is None:
        known = ", ".join(cql2.LANGS)
        message = Text(zh=f"没有过滤语言 {asked[:40]!r}", en=f"no filter language {asked[:40]!r}")
        faults.append(Fault("filter-lang", message, Text(zh=known, en=known)))
        return None
    if "filter" not in args:
        return None
    try:
        return cql2.parse(args["filter"], lang)
    except FilterError as error:
        faults += _told(error)
        return None


def checked(
    read: Expression | None, layer: Layer, faults: list[Fault], crs: str = "OGC:CRS84"
) -> Filter | None:
    """The filter checked against a layer, its geometries in a CRS; None without one or when `faults` says why."""
    if read is None:
        return None
    try:
        return cql2.check(read, layer, crs)
    except FilterError as error:
        faults += _told(error)
        return None


def _told(error: FilterError) -> list[Fault]:
    return [Fault("filter", one.message, one.expected) for one in error.faults]
