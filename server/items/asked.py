"""The parameters of a page of items become one frozen value, or every fault of theirs at once; behind this file all is
trusted (OGC 17-069r4, 7.15).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from werkzeug.datastructures import MultiDict

from config.models import Text
from releases.formats.subject import Profile
from releases.manifest import PublishedLayer
from releases.query import Query, Where
from releases.rendition import PLAIN, Rendition
from server import downloads, filters
from server.ask import Ask, unknown
from server.items import ordering, profile, reference, selection, words
from server.items.cursor import Binding
from server.items.forms import ENDINGS
from server.moments import interval
from server.params import equals, read, truth
from server.problems import BadRequest, Fault, Wrong

#: Parameters of items beside the layer's own fields; a field of one of these names cannot be asked for.
PARAMETERS: Final = (
    *("f", "lang", "limit", "offset", "next", "datetime", "profile", "bom"),
    *reference.PARAMETERS,
    *selection.PARAMETERS,
    *filters.PARAMETERS,
    *words.PARAMETERS,
    *ordering.PARAMETERS,
)
#: Where a page may begin that names a place: who has read so many features follows `next`, which is bound to the release.
OFFSET_MAX: Final = 1_000_000
#: A page for people; a longer one takes a browser longer than anybody waits.
HTML_MAX: Final = 1_000
_WHOLE: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a layer's features, how they are shown, and what the page's cursors are bound to."""

    query: Query
    binding: Binding
    rendition: Rendition = PLAIN
    profile: Profile = "rfc7946"
    bom: bool = False


def asked(ask: Ask, layer: PublishedLayer) -> Asked:
    """Read the parameters of a page of items. BadRequest names every fault."""
    args, codelists = ask.args, ask.manifest.service.codelists
    fields = [field for field in layer.layer.fields if field.name not in PARAMETERS]
    faults = [*ask.faults, *unknown(args, (*PARAMETERS, *(field.name for field in fields)))]
    faults += downloads.refused(ask)

    limit = read(args, "limit", partial(whole, least=1, most=_longest(ask)), faults)
    offered = ask.manifest.service.coordinate_reference_systems
    place = reference.place(args, layer, offered, faults)
    filter_crs = reference.system(args, "filter-crs", offered, faults)
    expression = filters.expression(args, faults)
    where = Where(
        boxes=place.boxes,
        frames=place.frames,
        interval=read(args, "datetime", interval, faults),
        equals=equals(args, fields, codelists, faults),
        filter=filters.checked(expression, layer.layer, faults, filter_crs),
        words=words.parse(args, layer, faults),
    )
    rendition = selection.rendition(args, layer, offered, faults)
    shown = profile.parse(args, ask.form, faults)
    bom = read(args, "bom", truth, faults) or False
    order = ordering.parse(args, layer.layer, faults)
    query = Query(limit or _default(ask), where=where, order=order)
    binding = Binding(ask.release.id, layer.id, query, rendition)
    start = _start(args, binding, faults)
    if faults:
        raise BadRequest(*faults)
    return Asked(replace(query, start=start), binding, rendition, profile=shown, bom=bom)


def whole(text: str, least: int, most: int) -> int:
    """A whole number of digits alone, not below `least`; above `most` it is `most` (/req/core/fc-limit-response-1)."""
    digits = text.lstrip("0")
    # Compared by its length first: Python refuses to read numbers of thousands of digits.
    number = -1
    if _WHOLE.fullmatch(text):
        number = most if len(digits) > 18 else int(digits or "0")
    if number < least:
        raise Wrong.value(text, Text(zh=f"{least} 到 {most} 的整数", en=f"an integer from {least} to {most}"))
    return min(number, most)


def _default(ask: Ask) -> int:
    """A page for a program that reads on; a file, which says nothing of a next page, is as long as it may be."""
    longest = _longest(ask)
    return longest if ask.form in ENDINGS else min(ask.service.limits.items_default, longest)


def _longest(ask: Ask) -> int:
    longest = ask.service.limits.items_max
    return min(longest, HTML_MAX) if ask.form == "html" else longest


def _start(args: MultiDict[str, str], binding: Binding, faults: list[Fault]) -> int:
    if "next" in args and "offset" in args:
        one = Text(zh="next 与 offset 二者取一", en="next or offset, not both")
        faults.append(Fault("offset", Text(zh="与 next 同时出现", en="is given together with next"), one))
    # A cursor is bound to the conditions, so it makes no sense to judge it by wrong ones.
    if "next" in args and not faults:
        return int(read(args, "next", binding.start, faults) or 0)
    return int(read(args, "offset", _offset, faults) or 0)


def _offset(text: str) -> int:
    start = whole(text, 0, OFFSET_MAX + 1)
    if start > OFFSET_MAX:
        raise Wrong(
            Text(zh=f"超过 {OFFSET_MAX}", en=f"is above {OFFSET_MAX}"),
            Text(zh="沿 next 链接翻页", en="a walk along the next links"),
        )
    return start
