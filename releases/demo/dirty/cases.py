"""The cases of a dirty demo: what would hide other faults has a folder and a configuration of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import shapely

from config.models import Text
from releases import history
from releases.demo.dirty import shifts, sources
from releases.demo.dirty.site import Site
from releases.demo.rows import Rows
from releases.demo.writing import WRITTEN
from releases.history import Entry, History

Clean = Mapping[tuple[str, str], Rows]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its folder's name, what it is, and the faults of its sources, tables or configuration.

    `spoil` changes a site that holds the clean deliveries, and plants what it did.
    """

    id: str
    title: Text
    spoil: Callable[[Site, Clean], None]


def settings(site: Site, clean: Clean) -> None:
    """Ask for what the deliveries do not give, and for a set of tile matrices that is none."""
    _border(site, clean)
    _appearance(site, clean)
    _gone(site)


def _border(site: Site, clean: Clean) -> None:
    """Ask two authorities' towns to meet at the border, where they do not."""
    pairs: list[dict[str, object]] = site.documents["service"]["borders"]
    pairs.append({"layer": "czkfbj", "between": ["sichuan", "chongqing"]})
    towns = clean["czkfbj", "chongqing"]
    theirs = shapely.union_all(clean["czkfbj", "sichuan"].geometry)
    shapely.prepare(theirs)
    # A town that happens to lie at the border goes: a thousandth of a degree is some hundred metres.
    away = ~shapely.dwithin(towns.geometry, theirs, 1e-3)
    if not away.all():
        site.rewrite("czkfbj", "chongqing", towns.where(away))
    site.plant("border-apart", None, "czkfbj", "两地数据互不相接", "data of two authorities that do not meet")


def _appearance(site: Site, clean: Clean) -> None:
    """Name what a release cannot be shown with: a code without a look, a set of tile matrices that is none."""
    codes = next(one for one in site.documents["codelists"]["codelists"] if one["id"] == "lhlx")["codes"]
    codes.append({"value": "09", "title": {"zh": "演示类型", "en": "A class for this case"}})
    lines = clean["stbhhx", "sichuan"]
    kinds = lines.values["LHLX"].copy()
    kinds[0] = "09"
    site.rewrite("stbhhx", "sichuan", Rows(lines.geometry, {**lines.values, "LHLX": kinds}))
    site.plant("style", None, "stbhhx", "出现样式没有规则的代码", "a code that the style has no rule for")
    file = site.folder / "sets.json"
    file.write_text(json.dumps({"id": "Crooked", "tileMatrices": []}), "utf-8")
    site.documents["service"]["own_tile_matrix_sets"] = [file.name]
    site.plant(
        "tile-matrix-set", None, None, "自定义瓦片矩阵集无效", "a tile matrix set of one's own that is none"
    )


def _gone(site: Site) -> None:
    """Leave a history whose one release is nowhere."""
    published = site.folder / site.published
    published.mkdir()
    entry = Entry(id="0" * 64, published=WRITTEN.replace(".000Z", "Z"), manifest="0" * 64)
    history.write(published, History(releases=(entry,)))
    site.plant(
        "previous-unreadable", None, None, "前一版次的文件已丢失", "a release before whose files are gone"
    )


CASES: Final = (
    Case("sources", Text(zh="文件、数据表与字段", en="files, tables and fields"), sources.broken),
    Case(
        "references", Text(zh="坐标系标注", en="labels of coordinate reference systems"), sources.references
    ),
    Case("positions", Text(zh="坐标与标注不符", en="coordinates that belie their label"), sources.positions),
    Case("shifts", Text(zh="GCJ-02 与 BD-09 偏移", en="shifts of GCJ-02 and BD-09"), shifts.shifted),
    Case("settings", Text(zh="与配置不符", en="what the configuration asks in vain"), settings),
)
