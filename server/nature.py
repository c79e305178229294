"""How real data are, in words for readers: each page, document and legend that shows a layer says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from config.models import Nature, Text


class Words(NamedTuple):
    """A badge of one word, and a sentence that explains it."""

    title: Text
    meaning: Text


NATURES: Final[Mapping[Nature, Words]] = {
    "real": Words(
        Text(zh="真实", en="Real"),
        Text(zh="取自公开的权威或社区数据。", en="Taken from public data of an authority or a community."),
    ),
    "derived": Words(
        Text(zh="派生", en="Derived"),
        Text(zh="由真实数据计算得到。", en="Computed from real data."),
    ),
    "schematic": Words(
        Text(zh="示意", en="Schematic"),
        Text(zh="位置与形状仅为示意，未经核实。", en="Position and shape are schematic and unverified."),
    ),
    "synthetic": Words(
        Text(zh="合成", en="Synthetic"),
        Text(
            zh="由程序生成，不是规划成果，不得用作依据。",
            en="Made by a program; it is no plan and proves nothing.",
        ),
    ),
}
