"""Build a dirty demo: the clean deliveries, then case by case what is wrong with them, and an index of it all.

    dirty/planted.json       the cases: the configuration to check each with, and how much was planted in it
    dirty/clean/             the ordinary demo
    dirty/features/          the main delivery: faults of features, of every rule that a feature can break
    dirty/sources/ …         faults that would hide others (`cases`)
    dirty/history/           what only the release before shows; `before/` is to be published first

Everything follows from the seed, the number of zones and the number of faults.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.models import Service, Text
from releases.demo.boundaries import boundaries
from releases.demo.builder import SEED, deliveries_of
from releases.demo.dirty import features, history, planted
from releases.demo.dirty.cases import CASES
from releases.demo.dirty.ground import Ground
from releases.demo.dirty.site import Documents, Site, documents
from releases.demo.notes import write_note
from releases.demo.rows import Rows
from releases.demo.writing import Deliveries
from releases.progress import Progress, silent

FAULTS, FEWEST, MOST = 500, 50, 100_000
#: All rows are held at once, before and after, so there cannot be as many as in the ordinary demo.
ZONES, MOST_ZONES = 20_000, 40_000
MAIN = Text(zh="要素的错误", en="faults of features")
PAST = Text(zh="与前一版次相比的错误", en="faults that the release before shows")


@dataclass(frozen=True, slots=True)
class DirtyReport:
    """What was built: faults by rule, consequences apart; folders of the cases in their order, with what each is."""

    out: Path
    zones: int
    seed: int
    cases: Mapping[str, Text]
    planted: Mapping[str, int]
    consequences: int
    seconds: float


class NotDirty(Exception):
    """A folder that holds something else than a dirty demo, and so is not replaced; its path."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds something else than a dirty demo: expected an empty or a new folder"
        )
        self.message = Text(zh=f"{folder} 中不是脏数据演示，不予替换；请指定空文件夹或新文件夹", en=str(self))


def build(
    configuration: Path,
    service: Service,
    out: Path,
    dirt: int,
    zones: int = ZONES,
    faults: int = FAULTS,
    seed: int = SEED,
    progress: Progress | None = None,
    offline: bool | None = None,
) -> DirtyReport:
    """Write a dirty demo below `out`, in the place of an earlier one.

    configuration : the service.yml that `service` was read from
    dirt, seed : the seeds of the faults and of the data
    faults : how many faults of features at least; those of sources come on top
    Raises ValueError for numbers out of bounds and where there is no room for as many faults, NotDirty where `out`
    holds something else.
    """
    if not FEWEST <= faults <= MOST:
        raise ValueError(f"{faults} faults: expected {FEWEST} to {MOST}")
    if not 2_000 <= zones <= MOST_ZONES:
        raise ValueError(f"{zones} zones: expected 2000 to {MOST_ZONES} in a dirty demo")
    if out.exists() and any(out.iterdir()) and not (out / planted.NAME).is_file():
        raise NotDirty(out)
    progress, start = progress or silent, time.monotonic()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".dirty-") as name:
        sites = _built(Path(name), configuration, service, dirt, zones, faults, seed, progress, offline)
        _index(Path(name), dirt, zones, sites)
        made = Path(name) / "made"
        made.mkdir()
        for path in sorted(Path(name).iterdir()):
            if path != made:
                os.replace(path, made / path.name)
        shutil.rmtree(out, ignore_errors=True)
        os.replace(made, out)
    every = [one for site in sites for one in site.planted]
    counts = Counter(one.rule for one in every if one.consequence_of is None)
    followed = sum(one.consequence_of is not None for one in every)
    seconds = time.monotonic() - start
    return DirtyReport(out, zones, dirt, {site.id: site.title for site in sites}, counts, followed, seconds)


def _built(
    folder: Path,
    configuration: Path,
    service: Service,
    dirt: int,
    zones: int,
    faults: int,
    seed: int,
    progress: Progress,
    offline: bool | None,
) -> list[Site]:
    found = boundaries(service.cache, offline)
    portions: defaultdict[tuple[str, str], list[Rows]] = defaultdict(list)
    for layer, authority, some in deliveries_of(service, found, zones, seed, progress):
        portions[layer, authority].append(some)
    rows = {source: Rows.joined(parts) for source, parts in portions.items()}
    settings = documents(configuration, service.cache)
    clean = Site(folder / "clean", Text(zh="干净的数据", en="the clean data"), service, settings, dirt)
    _deliver(clean, rows)
    for deliverer in service.authorities:
        write_note(service, deliverer, found, clean.data)

    work = len(CASES) + 2
    progress("features", 0, work)
    sites = [_features(folder, service, settings, clean, rows, dirt, faults)]
    for done, case in enumerate(CASES, start=1):
        progress(case.id, done, work)
        site = Site(folder / case.id, case.title, service, settings, dirt)
        site.link(clean.data)
        case.spoil(site, rows)
        sites.append(site)
    progress("history", work - 1, work)
    sites.append(_history(folder, service, settings, clean, rows, dirt))
    for site in (clean, *sites):
        site.finish()
    progress("", work, work)
    return sites


def _features(
    folder: Path,
    service: Service,
    settings: Documents,
    clean: Site,
    rows: dict[tuple[str, str], Rows],
    dirt: int,
    faults: int,
) -> Site:
    site = Site(folder / "features", MAIN, service, settings, dirt)
    ground = Ground(site.service, rows, dirt)
    features.plant(ground, faults)
    _deliver(site, ground.rows)
    site.say(clean.data)
    site.planted = ground.planted
    return site


def _history(
    folder: Path,
    service: Service,
    settings: Documents,
    clean: Site,
    rows: dict[tuple[str, str], Rows],
    dirt: int,
) -> Site:
    site = Site(folder / "history", PAST, service, settings, dirt)
    before = Site(site.folder / "before", PAST, service, settings, dirt)
    before.link(clean.data)
    before.published = "../published"
    before.write_configuration()
    ground = Ground(service, rows, dirt)
    history.plant(ground, 10)
    site.planted = ground.planted
    history.lose(site, ground.rows, ground.chance("lost-features"))
    _deliver(site, {source: part for source, part in ground.rows.items() if source[0] != history.VANISHED})
    site.say(clean.data)
    return site


def _deliver(site: Site, rows: Mapping[tuple[str, str], Rows]) -> None:
    with Deliveries(site.service, site.data) as deliveries:
        for (layer, authority), part in rows.items():
            deliveries.add(layer, authority, part)


def _index(folder: Path, dirt: int, zones: int, sites: list[Site]) -> None:
    cases = [
        {
            "id": site.id,
            "title": {"zh": site.title.zh, "en": site.title.en},
            "service": f"{site.id}/service.yml",
            "before": f"{site.id}/before/service.yml" if (site.folder / "before").exists() else None,
            "planted": len(site.planted),
        }
        for site in sites
    ]
    text = json.dumps({"seed": dirt, "zones": zones, "cases": cases}, ensure_ascii=False, indent=2)
    (folder / planted.NAME).write_text(text + "\n", "utf-8")
