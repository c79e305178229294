"""What a check found: one fault of the delivered data, named so that whoever delivered it can mend it.

A finding is a value and never an exception: bad data is the ordinary case of a gate. Every finding names the rule,
and as much of authority, layer, feature, row and place as is known, in Chinese and in English. Rules repeat, so a
million equal faults become a few findings and one that counts the rest (`capped`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from config.models import Lang, Text

Severity = Literal["refuse", "warn", "note"]

#: How many findings of one rule in one layer of one authority are listed before the rest are only counted.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or several equal ones.

    Parameters
    ----------
    rule : a stable id such as "duplicate-id", the same in both languages
    severity : "refuse" keeps the candidate from being published, "warn" and "note" do not
    message : what is wrong, with the value, and what was expected
    authority, layer : whose data and which layer; None where the fault is not one authority's or one layer's
    feature : the feature's id as text, None where the fault is the file's or the id is missing
    row : 1-based row of the feature in its source
    place : lon, lat in degrees of the release's CRS, where the fault can be looked at on a map
    count : how many faults this finding stands for
    """

    rule: str
    severity: Severity
    message: Text
    authority: str | None = None
    layer: str | None = None
    feature: str | None = None
    row: int | None = None
    place: tuple[float, float] | None = None
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object; members that are not known are null."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "authority": self.authority,
            "layer": self.layer,
            "feature": self.feature,
            "row": self.row,
            "place": list(self.place) if self.place else None,
            "count": self.count,
            "message": {"zh": self.message.zh, "en": self.message.en},
        }

    def line(self, lang: Lang) -> str:
        """The finding as one line for a terminal, e.g. `[refuse] codelist chongqing/stbhhx 9500… (106.5, 29.5): …`."""
        where = "/".join(part for part in (self.authority, self.layer) if part)
        row = {"zh": "第{}行", "en": "row {}"}[lang].format(self.row) if self.row and not self.feature else None
        place = f"({self.place[0]:.7g}, {self.place[1]:.7g})" if self.place else None
        head = " ".join(part for part in (where, self.feature, row, place) if part)
        return f"[{self.severity}] {self.rule} {head}: {self.message.of(lang)}"

    def __str__(self) -> str:
        return self.line("en")


def refused(findings: Iterable[Finding]) -> bool:
    """True when any finding keeps the candidate from being published."""
    return any(finding.severity == "refuse" for finding in findings)


def capped(findings: Iterable[Finding], listed: int = LISTED) -> tuple[Finding, ...]:
    """The first `listed` findings of each rule, layer and authority in their order, then one that counts the rest.

    The sum of `count` stays what it was.
    """
    kept: dict[tuple[str, str | None, str | None], list[Finding]] = defaultdict(list)
    more: Counter[tuple[str, str | None, str | None]] = Counter()
    for finding in findings:
        key = (finding.rule, finding.layer, finding.authority)
        # A finding that counts others already is a summary: it is never swallowed as if it were one fault.
        if len(kept[key]) < listed and finding.count == 1:
            kept[key].append(finding)
        else:
            more[key] += finding.count
    return tuple(f for key, group in kept.items() for f in (*group, *_rest(key, group, more[key])))


def _rest(key: tuple[str, str | None, str | None], group: list[Finding], count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    rule, layer, authority = key
    text = Text(zh=f"此规则另有 {count} 处未逐一列出", en=f"{count} more of this rule are not listed one by one")
    severity = group[0].severity if group else "refuse"
    return (Finding(rule, severity, text, authority, layer, count=count),)
