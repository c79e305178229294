"""A case in the making: a folder with a configuration of its own, the clean deliveries in it, and what is planted.

    features/service.yml, layers.yml, codelists.yml   the configuration, for `BLUEPRINT_CONFIG`
    features/data/…                                   the deliveries
    features/planted.json                             what is wrong with them

Files that a case does not change are the clean ones (hard links where the disk allows), so a case costs what it
changes. Every delivery note says what these data are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import shapely
import yaml

from config.models import Service, Text
from releases.demo.dirty import planted
from releases.demo.dirty.planted import Party, Planted
from releases.demo.writing import Deliveries

Documents = Mapping[str, Any]
FILES = ("layers", "codelists")
#: A report on faults that were planted lists each of them.
LISTED = 1_000_000
SAID = Text(
    zh="脏数据演示：其中按随机种子 {seed} 植入了错误，只用于检验质检，不得作其他用途。",
    en="A dirty demo: faults were planted in it by the seed {seed}, to try a gate with and for nothing else.",
)


class Site:
    """A case: where it lies, its configuration as documents to be changed, its data folder, its faults.

    `service` is the configuration as it was before any change: of what is written, and in which form.
    """

    def __init__(self, folder: Path, title: Text, service: Service, documents: Documents, seed: int) -> None:
        self.folder = folder
        self.title = title
        self.service = service
        self.documents: dict[str, Any] = deepcopy(dict(documents))
        self.seed = seed
        self.published = "published"
        self.planted: list[Planted] = []
        self.data.mkdir(parents=True)

    @property
    def id(self) -> str:
        """The case's name, which is its folder's."""
        return self.folder.name

    @property
    def data(self) -> Path:
        """The folder of its deliveries."""
        return self.folder / "data"

    def link(self, clean: Path) -> None:
        """Take the clean deliveries over, all but the notes."""
        for path in sorted(path for path in clean.rglob("*") if path.is_file()):
            place = self.data / path.relative_to(clean)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, place)
            except OSError:
                shutil.copy2(path, place)
        self.say(clean)

    def own(self, name: str) -> Path:
        """A file of the case that may be changed: no other case has a part in it."""
        path = self.data / name
        copy = path.with_name(path.name + ".own")
        shutil.copyfile(path, copy)
        os.replace(copy, path)
        return path

    def say(self, clean: Path) -> None:
        """Write the delivery notes: those of the clean data, and that these are dirty and nothing real."""
        layers = [layer["id"] for layer in self.documents["layers"]["layers"]]
        told = {"zh": SAID.zh.format(seed=self.seed), "en": SAID.en.format(seed=self.seed)}
        for authority in self.documents["service"]["authorities"]:
            name = authority.get("delivery")
            if name is None:
                continue
            note = yaml.safe_load((clean / name).read_text("utf-8"))
            note["layers"] = {layer: note["layers"][layer] for layer in layers if layer in note["layers"]}
            for about in note["layers"].values():
                before = about.get("note", {"zh": "", "en": ""})
                about["nature"] = "synthetic"
                about["note"] = {
                    "zh": told["zh"] + before["zh"],
                    "en": " ".join(filter(None, (told["en"], before["en"]))),
                }
            self.write_note(name, {**note, "note": told})

    def write_note(self, name: str, note: Any) -> None:
        """Write a delivery note in the place of the one that is there."""
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(yaml.safe_dump(note, allow_unicode=True, sort_keys=False, width=120), "utf-8")

    def layer(self, name: str) -> dict[str, Any]:
        """A layer of the configuration, to be changed."""
        return next(one for one in self.documents["layers"]["layers"] if one["id"] == name)

    def source(self, layer: str, authority: str) -> dict[str, Any]:
        """A source of a layer in the configuration, to be changed."""
        return next(one for one in self.layer(layer)["sources"] if one["authority"] == authority)

    def rewrite(self, layer: str, authority: str, rows: Any, **changes: Any) -> None:
        """Write one source anew, from rows, with something about the source changed for this once."""
        wanted = self.service.layer(layer)
        sources = [
            source.model_copy(update=changes) for source in wanted.sources if source.authority == authority
        ]
        path = self.data / sources[0].path
        if path.suffix == ".gpkg":
            self.own(sources[0].path)  # which holds other tables too
        else:
            remove(path)
        one = wanted.model_copy(update={"sources": tuple(sources)})
        with Deliveries(self.service.model_copy(update={"layers": (one,)}), self.data) as deliveries:
            deliveries.add(layer, authority, rows)

    def plant(
        self,
        rule: str,
        authority: str | None,
        layer: str | None,
        zh: str,
        en: str,
        field: str | None = None,
        shape: shapely.Geometry | None = None,
        feature: str | None = None,
        row: int | None = None,
        others: tuple[Party, ...] = (),
        consequence_of: int | None = None,
    ) -> int:
        """Write down a fault of a source, a layer or a feature; its number."""
        parties, number = (Party(authority, layer, feature, row), *others), len(self.planted) + 1
        text = Text(zh=zh, en=en)
        self.planted.append(Planted(number, rule, parties, text, field, shape, consequence_of))
        return number

    def write_configuration(self) -> None:
        """Write the three files of the configuration."""
        for name in FILES:
            _write(self.folder / f"{name}.yml", self.documents[name])
        service = {
            **self.documents["service"],
            "data": "data",
            "published": self.published,
            **{name: f"{name}.yml" for name in FILES},
        }
        service["gate"] = {**(service.get("gate") or {}), "listed": LISTED}
        _write(self.folder / "service.yml", service)

    def finish(self) -> None:
        """Write the configuration and planted.json."""
        self.write_configuration()
        planted.write(self.folder, self.id, self.seed, self.planted)


def documents(path: Path, cache: Path) -> dict[str, Any]:
    """The three files of a configuration as they are written, with paths that hold wherever they are copied to."""
    path = path.resolve()
    service = yaml.safe_load(path.read_text("utf-8"))
    files = {name: path.parent / service.get(name, f"{name}.yml") for name in FILES}
    own = service.get("own_tile_matrix_sets") or []
    if own:
        service["own_tile_matrix_sets"] = [str((path.parent / name).resolve()) for name in own]
    service["cache"] = str(cache)
    return {
        "service": service,
        **{name: yaml.safe_load(file.read_text("utf-8")) for name, file in files.items()},
    }


def remove(path: Path) -> None:
    """Take a source's file away, of a shapefile all its parts."""
    beside = path.parent.glob(f"{path.stem}.*") if path.suffix == ".shp" else [path]
    for file in list(beside):
        file.unlink(missing_ok=True)


def _write(path: Path, document: Any) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120), "utf-8")
