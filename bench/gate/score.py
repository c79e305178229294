"""Findings held against what was planted: found, missed, false.

A finding is a planted fault's when it is of the same rule and names one of its features (layer, authority, id or row),
or, of a fault between features, a place within `WITHIN` metres of its shape; of a source or a layer as a whole, when it
names no feature and the same layer, authority and field. Whatever is no fault's is false. What was planted as a
consequence counts like anything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import cos, radians

import numpy as np
import shapely

from releases.demo.dirty.planted import WITHIN, Party, Planted
from releases.findings import Finding

#: Metres of a degree of latitude.
DEGREE = 111_200.0


@dataclass(slots=True)
class Score:
    """What became of one rule's faults. `matched` counts findings that are some fault's."""

    planted: int = 0
    consequences: int = 0
    found: int = 0
    matched: int = 0
    missed: list[Planted] = field(default_factory=list)
    false: list[Finding] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Planted faults that were found, by all."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Findings that are of something planted, by all."""
        told = self.matched + len(self.false)
        return self.matched / told if told else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.planted + other.planted,
            self.consequences + other.consequences,
            self.found + other.found,
            self.matched + other.matched,
            self.missed + other.missed,
            self.false + other.false,
        )


def score(planted: Sequence[Planted], findings: Iterable[Finding]) -> dict[str, Score]:
    """The score of each rule of which something was planted or found."""
    scores: defaultdict[str, Score] = defaultdict(Score)
    by_key: defaultdict[tuple[str | int | None, ...], list[Planted]] = defaultdict(list)
    shaped: defaultdict[tuple[str, str | None], list[Planted]] = defaultdict(list)
    for fault in planted:
        one = scores[fault.rule]
        one.planted += 1
        one.consequences += fault.consequence_of is not None
        for party in fault.parties:
            for key in _of_party(fault, party):
                by_key[key].append(fault)
        if fault.shape is not None:
            for layer in {party.layer for party in fault.parties}:
                shaped[fault.rule, layer].append(fault)
    near = {key: _Places(faults) for key, faults in shaped.items()}
    told: set[int] = set()
    for finding in findings:
        mine = [fault for key in _of_finding(finding) for fault in by_key.get(key, ())]
        # A place tells one fault from another at the same feature, and stands for those that name none.
        if finding.place is not None and (finding.rule, finding.layer) in near:
            mine += near[finding.rule, finding.layer].within(finding.place)
        if mine:
            scores[finding.rule].matched += finding.count
            told.update(fault.number for fault in mine)
        else:
            scores[finding.rule].false.append(finding)
    for fault in planted:
        if fault.number in told:
            scores[fault.rule].found += 1
        else:
            scores[fault.rule].missed.append(fault)
    return dict(scores)


def _of_party(fault: Planted, party: Party) -> Iterator[tuple[str | int | None, ...]]:
    """Keys under which a finding may name a party: by id, by row, or by neither."""
    if party.feature is not None:
        yield fault.rule, party.layer, party.authority, "id", party.feature
    if party.row is not None:
        yield fault.rule, party.layer, party.authority, "row", party.row
    if party.feature is None and party.row is None:
        yield fault.rule, party.layer, party.authority, "whole", fault.field


def _of_finding(finding: Finding) -> Iterator[tuple[str | int | None, ...]]:
    head = (finding.rule, finding.layer, finding.authority)
    if finding.feature is not None:
        yield *head, "id", finding.feature
    if finding.row is not None:
        yield *head, "row", finding.row
    if finding.feature is None and finding.row is None:
        yield *head, "whole", finding.field
        # A fault of a source as a whole is planted without a field.
        if finding.field is not None:
            yield *head, "whole", None


class _Places:
    """Shapes of faults, to be asked which lie near a place."""

    def __init__(self, faults: Sequence[Planted]) -> None:
        self._faults = faults
        self._tree = shapely.STRtree([fault.shape for fault in faults])

    def within(self, place: tuple[float, float]) -> list[Planted]:
        """Those within `WITHIN` metres."""
        degrees = WITHIN / (DEGREE * cos(radians(place[1])))
        found = self._tree.query(shapely.Point(place), predicate="dwithin", distance=degrees)
        return [self._faults[k] for k in np.sort(found).tolist()]
