"""What a page of the report shows, in the order in which it is read: who has to do what, counts, map, findings by rule.

Nothing here is in a language: texts are chosen by the template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from config.models import RuleSetting, Severity, Text
from releases.findings import Finding
from releases.gate import RULES, Rule, Rules
from releases.manifest import Waiver
from releases.report.closeup import Album, CloseUp
from releases.report.examined import SEVERITIES, Examined
from releases.report.ground import Ground
from releases.report.overview import Overview, overview
from releases.report.places import Drawn, Subjects
from releases.report.view import View

#: Findings of one rule, authority and layer that a page shows one by one, and pictures of all.
SHOWN: Final = 20
PICTURES: Final = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding on the page; `number` is its place in the JSON and in the GeoPackage."""

    number: int
    finding: Finding
    picture: CloseUp | None


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of a rule in one layer of one authority; `rest` are those that are not shown."""

    authority: str | None
    layer: str | None
    count: int
    shown: tuple[Shown, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class Section:
    """A rule, what was set for it, who accepted its findings, and the findings."""

    rule: Rule
    severity: Severity
    limit: float | None
    setting: RuleSetting | None
    waiver: Waiver | None
    count: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What one authority has to do: its counts, and its rules with their counts, the gravest first."""

    authority: str | None
    counts: dict[Severity, int]
    open_warnings: int
    rules: tuple[tuple[str, Severity, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `picture` False where it stands for what was counted only."""

    layer: str | None
    rule: str
    severity: Severity
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """Everything on the page but its words."""

    examined: Examined
    tasks: tuple[Task, ...]
    table: tuple[tuple[str | None, tuple[Row, ...]], ...]
    map: Overview
    locator: View
    silhouette: list[str]
    sections: tuple[Section, ...]
    changed: tuple[tuple[Rule, RuleSetting], ...]
    features: int

    @classmethod
    def of(cls, examined: Examined) -> Contents:
        """Sort the findings and draw their pictures."""
        base = Ground.of(examined)
        numbered = list(enumerate(examined.findings, start=1))
        shown = [one for _, members in _kinds(numbered) for one in _listed(members)]
        layers = {one.layer for _, one in shown}
        tables = [table for table in examined.candidate.tables if table.layer.id in layers]
        album = Album(
            base,
            Subjects.of(examined.candidate, [one for _, one in shown]),
            {table.layer.id: Drawn.of(table) for table in tables},
        )
        settings = examined.service.gate.rules
        return cls(
            examined=examined,
            tasks=tuple(_tasks(examined)),
            table=tuple(_table(examined)),
            map=overview(base, examined.findings),
            locator=album.locator,
            silhouette=[path for one in base.outline if shown and (path := album.locator.path(one, 200))],
            sections=tuple(_sections(examined, numbered, album)),
            changed=tuple((RULES[name], setting) for name, setting in settings.items()),
            features=sum(record.count for record in examined.candidate.sources),
        )


_Numbered = list[tuple[int, Finding]]
_Kind = tuple[str, str | None, str | None]


def _kinds(numbered: _Numbered) -> list[tuple[_Kind, _Numbered]]:
    """The findings by rule, authority and layer: the gravest rules first, else in the order of the rules."""
    found: dict[_Kind, _Numbered] = {}
    for number, one in numbered:
        found.setdefault((one.rule, one.authority, one.layer), []).append((number, one))
    order = list(RULES)

    def place(item: tuple[_Kind, _Numbered]) -> tuple[int, int]:
        return SEVERITIES.index(item[1][0][1].severity), order.index(item[0][0])

    return sorted(found.items(), key=place)


def _listed(members: _Numbered) -> _Numbered:
    """The first of a kind; one that only counts is none to look at."""
    return [(number, one) for number, one in members if one.count == 1][:SHOWN]


def _sections(examined: Examined, numbered: _Numbered, album: Album) -> Iterator[Section]:
    settings, rules = examined.service.gate.rules, Rules.of(examined.service.gate)
    waivers = {waiver.rule: waiver for waiver in examined.waivers}
    kinds = _kinds(numbered)
    left = PICTURES
    for name in dict.fromkeys(rule for (rule, _, _), _ in kinds):
        groups = []
        for (named, authority, layer), members in kinds:
            if named != name:
                continue
            listed = _listed(members)
            pictures = [album.closeup(one) if place < left else None for place, (_, one) in enumerate(listed)]
            left -= sum(picture is not None for picture in pictures)
            count = sum(one.count for _, one in members)
            shown = tuple(Shown(number, one, picture) for (number, one), picture in zip(listed, pictures))
            groups.append(Group(authority, layer, count, shown, count - len(shown)))
        rule = RULES[name]
        yield Section(
            rule=rule,
            severity=rules.severity(name),
            limit=None if rule.limit is None else rules.limit(name),
            setting=settings.get(name),
            waiver=waivers.get(name),
            count=sum(group.count for group in groups),
            groups=tuple(groups),
        )


def _tasks(examined: Examined) -> Iterator[Task]:
    """A task for each authority, in the order of the configuration; then what is no single one's."""
    accepted = {waiver.rule for waiver in examined.waivers}
    for authority in (*(one.id for one in examined.service.authorities), None):
        counted = Counter[tuple[str, Severity]]()
        for one in examined.findings:
            if one.authority == authority:
                counted[one.rule, one.severity] += one.count
        if authority is None and not counted:
            continue
        ranked = sorted(
            counted.items(), key=lambda item: (SEVERITIES.index(item[0][1]), -item[1], item[0][0])
        )
        yield Task(
            authority=authority,
            counts={
                severity: sum(count for (_, one), count in ranked if one == severity)
                for severity in SEVERITIES
            },
            open_warnings=sum(
                count for (rule, one), count in ranked if one == "warn" and rule not in accepted
            ),
            rules=tuple((rule, severity, count) for (rule, severity), count in ranked),
        )


def _table(examined: Examined) -> Iterator[tuple[str | None, tuple[Row, ...]]]:
    """The counts of each authority, by layer in the order of the configuration and by rule, the gravest first."""
    layers = [layer.id for layer in examined.service.layers]
    rules = list(RULES)
    for authority in (*(one.id for one in examined.service.authorities), None):
        counted = Counter[tuple[str | None, str, Severity]]()
        for one in examined.findings:
            if one.authority == authority:
                counted[one.layer, one.rule, one.severity] += one.count
        if counted:
            rows = (Row(*key, count) for key, count in counted.items())

            def place(row: Row) -> tuple[int, int, int]:
                known = layers.index(row.layer) if row.layer in layers else len(layers)
                return known, SEVERITIES.index(row.severity), rules.index(row.rule)

            yield authority, tuple(sorted(rows, key=place))


#: What a rule is about -> how a reader is told.
SUBJECTS: Final[dict[str, Text]] = {
    "source": Text(zh="文件与读取", en="Files and reading"),
    "attributes": Text(zh="属性", en="Attributes"),
    "geometry": Text(zh="几何", en="Geometry"),
    "relations": Text(zh="空间关系", en="Relations"),
    "coordinates": Text(zh="坐标", en="Coordinates"),
    "history": Text(zh="与上一版次比较", en="Against the release before"),
    "appearance": Text(zh="样式与瓦片", en="Style and tiles"),
}
