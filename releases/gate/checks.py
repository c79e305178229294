"""The list of checks, and the walk of a candidate through them. A new check is a new file and a line here.

A check looks at one table at a time (`Check`), or at all layers together and what was published before (`Survey`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import shapely

from config.models import Service, Text
from releases.findings import Finding
from releases.gate.areas import areas
from releases.gate.border import border
from releases.gate.codes import codes
from releases.gate.coordinates import coordinates
from releases.gate.dates import dates
from releases.gate.format import format_of_text
from releases.gate.gap import fill, gap
from releases.gate.identity import identity
from releases.gate.kind import kind
from releases.gate.mandatory import mandatory
from releases.gate.nest import nest
from releases.gate.numbers import numbers
from releases.gate.overlap import apart, overlap
from releases.gate.past import past
from releases.gate.pieces import pieces
from releases.gate.points import points
from releases.gate.rules import Rules
from releases.gate.scene import Previous, Scene
from releases.gate.shift import shift
from releases.gate.spikes import spikes
from releases.gate.twins import twins
from releases.gate.uniqueness import uniqueness
from releases.gate.units import orphans, units
from releases.gate.validity import validity
from releases.gate.zone import zone
from releases.progress import Progress, silent
from releases.table import Candidate, Table


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one table. `rules` are those its findings may name."""

    title: Text
    rules: tuple[str, ...]
    run: Callable[[Table, Service], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Survey:
    """One check of the whole candidate. `rules` are those its findings may name."""

    title: Text
    rules: tuple[str, ...]
    run: Callable[[Scene], Iterable[Finding]]


CHECKS: tuple[Check | Survey, ...] = (
    Check(Text(zh="标识唯一", en="ids are unique"), ("missing-id", "duplicate-id", "tile-id"), identity),
    Check(Text(zh="必填字段", en="mandatory fields"), ("mandatory",), mandatory),
    Check(Text(zh="代码值", en="code lists"), ("code-list",), codes),
    Check(Text(zh="文字格式", en="form of texts"), ("pattern", "max-length", "damaged-text"), format_of_text),
    Check(Text(zh="整数范围", en="range of integers"), ("number-range",), numbers),
    Check(Text(zh="起止日期", en="order of dates"), ("dates-order",), dates),
    Check(Text(zh="行政区代码", en="codes of units"), ("code-authority", "code-parent"), units),
    Survey(Text(zh="上级行政区", en="units above"), ("code-orphan",), orphans),
    Survey(Text(zh="全库唯一", en="unique values"), ("unique",), uniqueness),
    Check(
        Text(zh="几何类型", en="kind of geometry"),
        ("geometry-missing", "geometry-empty", "geometry-kind"),
        kind,
    ),
    Check(Text(zh="坐标", en="coordinates"), ("not-finite", "swapped-axes", "outside-region"), coordinates),
    Check(Text(zh="几何有效", en="validity of geometry"), ("geometry-invalid",), validity),
    Check(Text(zh="重复几何", en="geometries told twice"), ("duplicate-geometry",), twins),
    Check(Text(zh="重复点", en="repeated vertices"), ("duplicate-points",), points),
    Check(Text(zh="碎面与微小环", en="slivers and tiny rings"), ("sliver", "tiny-ring"), pieces),
    Check(Text(zh="尖锐角", en="spikes"), ("spike",), spikes),
    Check(Text(zh="填报面积", en="stated areas"), ("area-stated",), areas),
    Survey(
        Text(zh="两地接边", en="the border is one line"),
        ("border-apart", "border-mismatch", "border-gap"),
        border,
    ),
    Survey(Text(zh="同层不重叠", en="features of a layer keep apart"), ("overlap",), overlap),
    Survey(Text(zh="同层无缝隙", en="no gaps in a coverage"), ("gap",), gap),
    Survey(Text(zh="图层互不重叠", en="layers keep apart"), ("apart",), apart),
    Survey(Text(zh="要素在所属单元内", en="features lie in their unit"), ("nest-unit", "nest"), nest),
    Survey(Text(zh="范围覆盖完整", en="the extent is filled"), ("fill",), fill),
    Survey(Text(zh="整体偏移", en="parts out of place"), ("shift-gcj02", "shift-bd09"), shift),
    Survey(Text(zh="分带", en="zones of coordinates"), ("wrong-zone",), zone),
    Survey(
        Text(zh="与上一版次比较", en="the release before"),
        ("layer-vanished", "lost-features", "id-reused", "area-jump", "previous-unreadable"),
        past,
    ),
)


def inspect(
    candidate: Candidate,
    service: Service,
    progress: Progress = silent,
    previous: Previous = None,
    window: shapely.Geometry | None = None,
) -> tuple[Finding, ...]:
    """All findings, check by check and layer by layer; empty when the candidate is without fault.

    A check whose rules are all off does not run. With a `window` only what meets it is in the candidate's tables
    (`Scene`).
    """
    scene = Scene(candidate, service, Rules.of(service.gate), previous, window)
    found: list[Finding] = []
    work = [one for check in CHECKS if scene.on(*check.rules) for one in _runs(check, scene)]
    for done, (name, run) in enumerate(work):
        progress(name, done, len(work))
        found += run()
    progress("", len(work), len(work))
    return tuple(found)


def _runs(check: Check | Survey, scene: Scene) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
    """What there is to do for a check: a name to show, and the doing."""
    if isinstance(check, Survey):
        yield check.title.en, partial(check.run, scene)
        return
    for table in scene.candidate.tables:
        yield f"{check.title.en}: {table.layer.id}", partial(check.run, table, scene.service)
