"""How a release looks: the shared style, its sprites, and the glyphs that its labels need.

Style and sprites are files of the release, so that a map of an old release looks as it did. Glyphs are
not: a font's ranges are the same for every release that names its digest, and lie in the glyph store of
the cache.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from config.models import Service, Text
from releases.description import codes
from releases.findings import Finding
from releases.manifest import Manifest, PublishedStyle
from releases.progress import Progress
from releases.table import Candidate, Table
from styles import fonts, names, style
from styles.check import Problem, check
from styles.expressions import fields
from styles.glyphs import ranges_for
from styles.glyphstore import GlyphStore
from styles.sprites import sprites

STYLE = "style/blueprint.json"
SPRITES = {1: "style/sprite", 2: "style/sprite@2x"}
#: Processes that make glyphs: a range is some 25 ms of pure computing.
GLYPH_MAKERS = 2


def describe() -> PublishedStyle:
    """The style as the manifest has it; FontMissing when set-up has not installed the fonts."""
    return PublishedStyle(
        digest=style.digest(),
        file=STYLE,
        sprites=tuple(f"{name}.{kind}" for name in SPRITES.values() for kind in ("json", "png")),
        fonts={name: font.digest for name, font in fonts.fonts().items()},
    )


def inspect(candidate: Candidate, service: Service) -> tuple[Finding, ...]:
    """Where the style and the candidate do not fit together: warnings, since data count more than their look.

    Only what the style says of our layers is looked at: layers that it does not know get a plain look.
    """
    source = style.load()
    tables = {table.layer.id: table for table in candidate.tables}
    ours = [one for one in source["layers"] if one.get("source-layer", "") in ("", *tables)]
    hidden = [name for name in source["metadata"]["blueprint:hidden"] if name in tables]
    known = [tables[name] for name in dict.fromkeys(one.get("source-layer", "") for one in ours) if name]
    problems = check(
        {**source, "layers": ours, "metadata": {**source["metadata"], "blueprint:hidden": hidden}},
        [table.layer for table in known],
        service.codelists,
        {(table.layer.id, name): seen for table in known for name, seen in codes(table).items()},
    )
    layers = {one["id"]: one.get("source-layer") for one in ours}
    return tuple(_finding(problem, layers.get(problem.layer)) for problem in problems)


def _finding(problem: Problem, layer: str | None) -> Finding:
    where = problem.layer
    message = Text(zh=f"样式 {where}：{problem.message.zh}", en=f"style {where}: {problem.message.en}")
    return Finding("style", message, layer=layer)


def named() -> frozenset[str]:
    """The layers whose areas the style names by points of its own."""
    return frozenset(names.layers(style.load()))


def write(release: Path, candidate: Candidate) -> None:
    """Write the style, with the names of areas as points, and the sprites below a release's folder."""
    (release / STYLE).parent.mkdir()
    (release / STYLE).write_bytes(orjson.dumps(names.with_names(style.load(), candidate.tables)))
    for ratio, name in SPRITES.items():
        image, index = sprites(ratio)
        (release / f"{name}.png").write_bytes(image)
        (release / f"{name}.json").write_bytes(orjson.dumps(index, option=orjson.OPT_SORT_KEYS))


def prepare(candidate: Candidate, manifest: Manifest, service: Service, progress: Progress) -> None:
    """Make the glyphs of every label of a release ahead; any other is made when it is first asked for."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for drawn in _drawn(manifest):
        layout = drawn.get("layout", {})
        if "text-field" in layout:
            table = candidate.table(drawn["source-layer"])
            wanted[layout["text-font"][0]] |= ranges_for(_texts(layout["text-field"], table))
    GlyphStore(service.cache).prepare(wanted, GLYPH_MAKERS, progress)


def _drawn(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """The style's layers as clients will get them, in both languages."""
    source = style.load()
    for lang in ("zh", "en"):
        addresses = {"tilejson_url": "", "glyphs_url": "", "sprite_url": ""}
        yield from style.render(source, lang=lang, **addresses, layers=manifest.layers)["layers"]


def _texts(expression: Any, table: Table | None) -> Iterator[str]:
    """What a label may say: the expression's own words, and the values of the fields that it reads."""
    yield orjson.dumps(expression).decode()
    if table is not None:
        for field in fields(expression) & table.values.keys():
            yield from {value for value in table.values[field] if isinstance(value, str)}
