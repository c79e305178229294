"""What was planted: each fault with its rule, its place and what was done, so that a gate can be measured by it.

A fault may have consequences that nobody can help: a gap in a zoning is also a part of the extent that is not filled.
Each is planted too, and names the fault that it follows from.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from config.models import Text

NAME = "planted.json"
#: Metres from a fault's shape within which a finding's place is the fault's.
WITHIN = 50.0


@dataclass(frozen=True, slots=True)
class Party:
    """A feature that has a part in a fault, or a whole source or layer where feature and row are None.

    feature : its id as text, None where it has none
    row : 1-based row in its source
    """

    authority: str | None
    layer: str | None
    feature: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault.

    number : from 1, within its case
    parties : the feature at fault comes first, then those that a gate might name as well
    field : the field at fault, under our name
    shape : where it is, lon, lat in degrees; of a fault between features its own outline
    what : what was done
    consequence_of : number of the fault that this one follows from
    """

    number: int
    rule: str
    parties: tuple[Party, ...]
    what: Text
    field: str | None = None
    shape: shapely.Geometry | None = None
    consequence_of: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The fault as an entry of planted.json."""
        first = self.parties[0]
        return {
            "number": self.number,
            "rule": self.rule,
            "authority": first.authority,
            "layer": first.layer,
            "feature": first.feature,
            "row": first.row,
            "field": self.field,
            "place": _place(self.shape),
            "shape": json.loads(shapely.to_geojson(self.shape)) if self.shape is not None else None,
            "others": [
                {"authority": p.authority, "layer": p.layer, "feature": p.feature, "row": p.row}
                for p in self.parties[1:]
            ],
            "consequenceOf": self.consequence_of,
            "what": {"zh": self.what.zh, "en": self.what.en},
        }

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Planted:
        """The fault of an entry of planted.json."""
        parties = [entry, *entry["others"]]
        return cls(
            entry["number"],
            entry["rule"],
            tuple(Party(p["authority"], p["layer"], p["feature"], p["row"]) for p in parties),
            Text(**entry["what"]),
            entry["field"],
            shapely.from_geojson(json.dumps(entry["shape"])) if entry["shape"] else None,
            entry["consequenceOf"],
        )


def write(folder: Path, case: str, seed: int, planted: Iterable[Planted]) -> None:
    """Write planted.json into a case's folder, a fault a line."""
    faults = list(planted)
    head = {"case": case, "seed": seed, "count": len(faults), "rules": Counter(one.rule for one in faults)}
    lines = ",\n".join(json.dumps(one.as_json(), ensure_ascii=False) for one in faults)
    text = json.dumps(head, ensure_ascii=False)[:-1] + f', "planted": [\n{lines}\n]}}\n'
    (folder / NAME).write_text(text, encoding="utf-8")


def read(folder: Path) -> tuple[Planted, ...]:
    """What was planted in a case."""
    return tuple(map(Planted.of, json.loads((folder / NAME).read_text("utf-8"))["planted"]))


def _place(shape: shapely.Geometry | None) -> list[float] | None:
    if shape is None:
        return None
    point = shapely.point_on_surface(shape)
    return [round(point.x, 7), round(point.y, 7)]
