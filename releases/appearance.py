"""How a release looks: the shared style, its sprites, and the glyphs that its labels need.

Style and sprites are files of the release, so that a map of an old release looks as it did. Glyphs are not: a
font's ranges are the same for every release that names its digest, and lie in the glyph store of the cache.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

import styles
from config.models import Service
from releases.manifest import PublishedStyle
from releases.progress import Progress
from releases.table import Candidate
from styles import fonts
from styles.glyphs import ranges_for
from styles.glyphstore import GlyphStore
from styles.palette import painted
from styles.sprites import sprites

STYLE = "style/blueprint.json"
SPRITES = {1: "style/sprite", 2: "style/sprite@2x"}
#: What the style is made from, in the room's own folder.
SOURCES = ("*.json", "*.yml", "icons/*.svg", "patterns/*.svg")
#: Processes that make glyphs: a range is about a second of pure computing.
GLYPH_MAKERS = 2


def describe() -> PublishedStyle:
    """The style as the manifest has it; the digest is that of its sources."""
    folder = Path(styles.__file__).parent
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in folder.glob(pattern)):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        found.update(content)
    return PublishedStyle(
        digest=found.hexdigest(),
        file=STYLE,
        sprites=tuple(f"{name}.{kind}" for name in SPRITES.values() for kind in ("json", "png")),
        fonts={name: font.digest for name, font in fonts.fonts().items()},
    )


def write(release: Path) -> None:
    """Write style and sprites below a release's folder."""
    (release / STYLE).parent.mkdir()
    (release / STYLE).write_bytes(_source())
    for ratio, name in SPRITES.items():
        image, index = sprites(ratio)
        (release / f"{name}.png").write_bytes(image)
        (release / f"{name}.json").write_bytes(orjson.dumps(index, option=orjson.OPT_SORT_KEYS))


def prepare(candidate: Candidate, service: Service, progress: Progress) -> None:
    """Make the glyphs of every label of the candidate ahead; any other is made when it is first asked for."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for font, texts in _labels(orjson.loads(_source()), candidate):
        wanted[font] |= ranges_for(texts)
    GlyphStore(service.cache).prepare(wanted, GLYPH_MAKERS, progress)


def _source() -> bytes:
    """The style with its colours filled in."""
    return painted((Path(styles.__file__).parent / "blueprint.json").read_text("utf-8")).encode()


def _labels(style: Any, candidate: Candidate) -> Iterator[tuple[str, set[str]]]:
    """For each text of the style on a layer that we have: its font, and what is written in it."""
    for drawn in style["layers"]:
        layout = drawn.get("layout", {})
        table = candidate.table(drawn.get("source-layer", ""))
        if "text-field" in layout and table is not None:
            texts = set(_words(layout["text-field"]))
            for field in texts & table.values.keys():
                texts |= {value for value in table.values[field] if isinstance(value, str)}
            yield layout["text-font"][0], texts


def _words(expression: Any) -> Iterator[str]:
    """Every string in an expression: texts, names of fields, and a few operators, which cost nothing."""
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, list):
        for part in expression:
            yield from _words(part)
