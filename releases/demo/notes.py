"""The delivery notes: what each authority says about its layers, as delivery.yml beside the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from config.models import Authority, Layer, Licence, Nature, Service, Text
from releases.demo.boundaries import Boundaries

#: Layers that draw the boundaries or are cut by them.
BOUNDED = frozenset(
    {
        "xzq_province",
        "xzq_prefecture",
        "xzq_county",
        "xzqjx",
        "plan_extent",
        "plan_structure",
        "cooperation_platforms",
        "yjjbnt",
        "stbhhx",
        "czkfbj",
        "ghfq",
    }
)
CC_BY = Licence(
    title=Text(zh="知识共享 署名 4.0", en="Creative Commons Attribution 4.0"),
    url="https://creativecommons.org/licenses/by/4.0/",
    id="CC-BY-4.0",
)
MADE_UP = Text(
    zh="演示用合成数据，由程序按随机种子生成，不是规划成果，不得作为任何依据。",
    en="Synthetic data for demonstration, generated from a seed; no plan, and no basis for anything.",
)
SCHEMATIC = Text(
    zh="示意数据：名称公开，位置与状态未经核实。",
    en="Schematic data: names are public, positions and states are unverified.",
)


def write_note(service: Service, authority: Authority, found: Boundaries, folder: Path) -> Path | None:
    """Write the note of an authority; None where the configuration gives it no place."""
    if authority.delivery is None:
        return None
    layers = [layer for layer in service.layers if any(s.authority == authority.id for s in layer.sources)]
    # No note on the whole delivery: it would stand for layers that have nothing to do with boundaries, too.
    document = {"authority": authority.id, "layers": {layer.id: _about(layer, found) for layer in layers}}
    path = folder / authority.delivery
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8"
    )
    return path


def _about(layer: Layer, found: Boundaries) -> dict[str, Any]:
    stand_in = found.nature == "synthetic" and layer.id in BOUNDED
    nature: Nature = "synthetic" if stand_in else layer.nature
    attribution = found.attribution if stand_in else layer.attribution
    licence = CC_BY if stand_in else layer.licence
    notes = [MADE_UP] if layer.nature == "synthetic" else [SCHEMATIC] if layer.nature == "schematic" else []
    notes += [found.attribution] if stand_in else []
    about: dict[str, Any] = {
        "nature": nature,
        "attribution": attribution.model_dump(),
        "licence": licence.model_dump(exclude_none=True),
    }
    if notes:
        about["note"] = {"zh": "".join(note.zh for note in notes), "en": " ".join(note.en for note in notes)}
    return about
