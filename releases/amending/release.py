"""A release made from its parent: what differs is amended, all else is the parent's files under another name.

find what differs ─ gate on what is near ─ describe ─ link and amend ─ seal
     `─────────────────┴──── NotInPlace: the whole publish has its turn ─┘
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from config.models import Service
from releases import appearance, description, gate, staging, tilematrixsets
from releases.amending import differences, layers, neighbourhood, reuse
from releases.amending.differences import Amendment, Differences, NotInPlace
from releases.findings import capped
from releases.manifest import Manifest, PublishedLayer, PublishedService
from releases.progress import Progress
from releases.release import Release
from releases.report import files, names
from releases.report.examined import Examined
from releases.table import Candidate

#: What is told of a source or of the look, and is found again however little is read.
_ASIDE: Final = frozenset(rule.id for rule in gate.RULES.values() if rule.subject in ("source", "appearance"))


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A release that can be made from its parent.

    `examined` is the candidate as far as it had to be read, and what was told while it was.
    """

    parent: Release
    differences: Differences
    examined: Examined

    @property
    def amended(self) -> tuple[str, ...]:
        """The layers that differ."""
        return tuple(one.layer.id for one in self.differences.amendments)


def prepare(service: Service, parent: Release, progress: Progress) -> Prepared:
    """Find what differs from a release and whether it may be published; NotInPlace when only a whole publish can tell."""
    _alike(service, parent)
    found = differences.find(service, parent, progress)
    candidate = neighbourhood.candidate(service, parent, found)
    if found.amendments:
        _pass(service, candidate, parent, found, progress)
    findings = capped(gate.Rules.of(service.gate).judged(found.findings), service.gate.listed)
    for layer in parent.manifest.layers:
        terms = description.terms(candidate, service.layer(layer.id))
        if any(getattr(layer, name) != value for name, value in terms.items()):
            raise NotInPlace(f"{layer.id} 的说明有变", f"what is said of {layer.id} has changed")
    return Prepared(parent, found, Examined(service, candidate, findings, ()))


def write(prepared: Prepared, folder: Path, progress: Progress) -> tuple[PublishedLayer, ...]:
    """Write all files of the release but its manifest, and seal nothing; what its layers have become."""
    service, parent = prepared.examined.service, prepared.parent
    amendments = {one.layer.id: one for one in prepared.differences.amendments}
    made = []
    for done, layer in enumerate(parent.manifest.layers):
        progress(f"write: {layer.id}", done, len(parent.manifest.layers))
        amendment = amendments.get(layer.id)
        if amendment is None:
            reuse.link(layer, parent.path, folder)
            made.append(layer)
        else:
            made.append(layers.write(amendment, parent.path, folder, service))
    _appear(prepared, folder, tuple(amendments.values()), progress)
    files.write(folder / names.FOLDER, prepared.examined)
    return tuple(made)


def seal(prepared: Prepared, folder: Path, manifest: Manifest, progress: Progress) -> Manifest:
    """Seal the files of the release; NotInPlace when one of the parent's is not what it was sealed as."""
    sealed = staging.seal(folder, progress)
    was = prepared.parent.manifest.files
    for name, file in sealed.items():
        linked = name in was and os.path.samefile(folder / name, prepared.parent.path / name)
        if linked and file != was[name]:
            raise NotInPlace(f"上一版次的 {name} 已损坏", f"{name} of the release before is damaged")
    return manifest.model_copy(update={"files": sealed})


def _pass(
    service: Service, candidate: Candidate, parent: Release, found: Differences, progress: Progress
) -> None:
    """NotInPlace when the gate finds anything near what has changed."""
    inspected = gate.inspect(candidate, service, progress, parent, neighbourhood.window(found))
    asked = (*inspected, *appearance.inspect(candidate, service), *tilematrixsets.inspect(service))
    if asked:
        raise NotInPlace(f"质检发现 {asked[0].rule}", f"the gate finds {asked[0].rule}")


def _alike(service: Service, parent: Release) -> None:
    """NotInPlace when the configuration, the style or the findings of the parent are a matter for the whole publish."""
    said = parent.manifest
    if PublishedService.of(service) != said.service or appearance.describe() != said.style:
        raise NotInPlace("配置或样式有变", "the configuration or the style has changed")
    if [layer.id for layer in said.layers] != [layer.id for layer in service.layers]:
        raise NotInPlace("图层有增减", "there are other layers")
    if any(rule not in _ASIDE for rule in _found(parent)):
        raise NotInPlace("上一版次有检查发现", "there are findings in the release before")


def _found(parent: Release) -> Iterator[str]:
    report = orjson.loads((parent.path / parent.manifest.report.file).read_bytes())
    return (finding["rule"] for finding in report["findings"])


def _appear(prepared: Prepared, folder: Path, amendments: tuple[Amendment, ...], progress: Progress) -> None:
    """The style with its names, the sprites, and the glyphs of what is called otherwise now."""
    candidate, parent = prepared.examined.candidate, prepared.parent
    named = appearance.named()
    if not any(one.layer.id in named for one in amendments):
        style = parent.manifest.style
        for name in (style.file, *style.sprites):
            (folder / name).parent.mkdir(exist_ok=True)
            os.link(parent.path / name, folder / name)
    elif all(layer.count <= neighbourhood.SMALL for layer in parent.manifest.layers if layer.id in named):
        appearance.write(folder, candidate)
    else:
        raise NotInPlace("样式中的注记需要重做", "the names in the style have to be made anew")
    appearance.prepare(candidate, parent.manifest, prepared.examined.service, progress)
