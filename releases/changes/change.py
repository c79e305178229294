"""One feature that differs between two releases, and in what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from releases.records import parted

Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a feature.

    Parameters
    ----------
    kind : "removed" leaves a tombstone: the id, and what was there before
    id : of the feature
    fields : of a changed one the names of the properties that differ, in the order of the layer's fields, then those
        that the layer has no longer
    geometry : whether the geometry of a changed one differs
    before, after : its published GeoJSON text in either release, None where it is not there
    """

    kind: Kind
    id: str | int
    fields: tuple[str, ...]
    geometry: bool
    before: bytes | None
    after: bytes | None


def change(before: bytes | None, after: bytes | None) -> Change:
    """The change from one published text to another, of the same feature; one of them at least is there."""
    if before is None or after is None:
        text = after if after is not None else before
        assert text is not None
        [head], _ = parted([text])
        return Change(
            "added" if before is None else "removed", orjson.loads(head)["id"], (), False, before, after
        )
    [head_before, head_after], [shape_before, shape_after] = parted([before, after])
    then, now = orjson.loads(head_before), orjson.loads(head_after)
    fields = _differing(then["properties"], now["properties"])
    return Change("changed", now["id"], fields, shape_before != shape_after, before, after)


def _differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    names = (*after, *(name for name in before if name not in after))
    return tuple(
        name for name in names if (name in before) != (name in after) or not _same(before[name], after[name])
    )


def _same(before: Any, after: Any) -> bool:
    """Whether two values are the same JSON: 1 and 1.0 are, true and 1 are not, though Python says so."""
    return before == after and isinstance(before, bool) == isinstance(after, bool)
