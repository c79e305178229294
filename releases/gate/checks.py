"""The list of checks, and the walk of a candidate through them. A new check is a new file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config.models import Service, Text
from releases.findings import Finding
from releases.gate.border import border
from releases.gate.codes import codes
from releases.gate.coordinates import coordinates
from releases.gate.format import format_of_text
from releases.gate.identity import identity
from releases.gate.kind import kind
from releases.gate.mandatory import mandatory
from releases.gate.validity import validity
from releases.progress import Progress, silent
from releases.table import Candidate, Table


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one table. `rules` are those its findings may name."""

    title: Text
    rules: tuple[str, ...]
    run: Callable[[Table, Service], Iterable[Finding]]


CHECKS: tuple[Check, ...] = (
    Check(Text(zh="标识唯一", en="ids are unique"), ("missing-id", "duplicate-id", "tile-id"), identity),
    Check(Text(zh="必填字段", en="mandatory fields"), ("mandatory",), mandatory),
    Check(Text(zh="代码值", en="code lists"), ("code-list",), codes),
    Check(Text(zh="文字格式", en="form of texts"), ("pattern", "max-length", "damaged-text"), format_of_text),
    Check(
        Text(zh="几何类型", en="kind of geometry"),
        ("geometry-missing", "geometry-empty", "geometry-kind"),
        kind,
    ),
    Check(Text(zh="坐标", en="coordinates"), ("not-finite", "swapped-axes", "outside-region"), coordinates),
    Check(Text(zh="几何有效", en="validity of geometry"), ("geometry-invalid",), validity),
    Check(
        Text(zh="两地接边", en="the border is one line"),
        ("border-apart", "border-mismatch", "border-gap"),
        border,
    ),
)


def inspect(candidate: Candidate, service: Service, progress: Progress = silent) -> tuple[Finding, ...]:
    """All findings, check by check and layer by layer; empty when the candidate is without fault."""
    found: list[Finding] = []
    work = [(check, table) for check in CHECKS for table in candidate.tables]
    for done, (check, table) in enumerate(work):
        progress(f"{check.title.en}: {table.layer.id}", done, len(work))
        found += check.run(table, service)
    progress("", len(work), len(work))
    return tuple(found)
