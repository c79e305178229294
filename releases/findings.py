"""What a check found: one fault of the delivered data, named so that whoever delivered it can mend it.

A finding is a value and never an exception: bad data is the ordinary case of a gate. Every finding names the
rule, and as much of authority, layer, feature, row and place as is known, in Chinese and in English. Rules
repeat, so a million equal faults become as many findings as are listed and one that counts the rest (`capped`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson
import shapely

from config.models import Lang, Severity, Text

_Key = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or several equal ones.

    Parameters
    ----------
    rule : a stable id such as "duplicate-id", the same in both languages
    message : what is wrong, with the value, and what was expected
    authority, layer : whose data and which layer; None where the fault is not one authority's or one layer's
    field : the field at fault, None where it is the geometry or the whole
    feature : the feature's id as text, None where the fault is the file's or the id is missing
    row : 1-based row of the feature in its source
    place : lon, lat in degrees of the release's CRS, where the fault can be looked at on a map
    count : how many faults this finding stands for
    geometry : the fault itself where it has a shape, such as an overlap or a gap; x = lon, y = lat
    others : ids of the other features that have a part in it, in the same layer unless `other_layer` says which
    measured : how large the fault is, in the unit of its rule
    severity : what its rule says once the gate has judged it; whoever finds a fault does not say
    """

    rule: str
    message: Text
    authority: str | None = None
    layer: str | None = None
    field: str | None = None
    feature: str | None = None
    row: int | None = None
    place: tuple[float, float] | None = None
    count: int = 1
    geometry: shapely.Geometry | None = None
    others: tuple[str, ...] = ()
    other_layer: str | None = None
    measured: float | None = None
    severity: Severity = "refuse"

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object; members that are not known are null."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "authority": self.authority,
            "layer": self.layer,
            "field": self.field,
            "feature": self.feature,
            "row": self.row,
            "place": list(self.place) if self.place else None,
            "count": self.count,
            "geometry": orjson.loads(shapely.to_geojson(self.geometry)) if self.geometry else None,
            "others": list(self.others),
            "otherLayer": self.other_layer,
            "measured": self.measured,
            "message": {"zh": self.message.zh, "en": self.message.en},
        }

    def line(self, lang: Lang) -> str:
        """The finding as a line, e.g. `[refuse] code-list east/zones 95… KIND (106.5, 29.5): …`."""
        where = "/".join(part for part in (self.authority, self.layer) if part)
        row = (
            {"zh": "第{}行", "en": "row {}"}[lang].format(self.row) if self.row and not self.feature else None
        )
        place = f"({self.place[0]:.7g}, {self.place[1]:.7g})" if self.place else None
        head = " ".join(part for part in (self.rule, where, self.feature, row, self.field, place) if part)
        return f"[{self.severity}] {head}: {self.message.of(lang)}"

    def __str__(self) -> str:
        return self.line("en")


def refused(findings: Iterable[Finding]) -> bool:
    """True when any finding keeps the candidate from being published."""
    return any(finding.severity == "refuse" for finding in findings)


def capped(findings: Iterable[Finding], listed: int) -> tuple[Finding, ...]:
    """The first of each rule, layer, authority and field, in their order, then one that counts the rest.

    The sum of `count` stays what it was.
    """
    kept: defaultdict[_Key, list[Finding]] = defaultdict(list)
    more: defaultdict[_Key, list[Finding]] = defaultdict(list)
    for finding in findings:
        key = (finding.rule, finding.layer, finding.authority, finding.field)
        # One that counts others already is never listed as if it were a fault of its own.
        (kept if len(kept[key]) < listed and finding.count == 1 else more)[key].append(finding)
    return tuple(finding for key in kept for finding in (*kept[key], *_rest(more[key])))


def rest(like: Finding, count: int) -> Finding:
    """The finding that stands for `count` more of the same rule, layer, authority and field."""
    text = Text(
        zh=f"此规则另有 {count} 处，未逐一列出", en=f"{count} more of this rule, not listed one by one"
    )
    return replace(
        like,
        message=text,
        feature=None,
        row=None,
        place=None,
        count=count,
        geometry=None,
        others=(),
        other_layer=None,
        measured=None,
    )


def _rest(more: list[Finding]) -> tuple[Finding, ...]:
    return (rest(more[0], sum(finding.count for finding in more)),) if more else ()
