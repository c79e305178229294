"""An imaginary service that publishes editions: what each of them holds is written down here, feature by feature.

Edition by edition: 0 the beginning; 1 features changed, moved, added and removed; 2 a new layer; 3 a new field of posts;
4 another title of parcels and nothing else; 5 times among the dates of posts; 6 the new layer is gone; 7 as in the
beginning.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import config
from config.gate import Gate, RuleSetting
from config.models import Service, Text
from config.rules import RULES
from releases import history
from releases.history import History
from releases.proof import keys
from releases.publication import publish

EDITIONS = 8

SERVICE = """
id: elsewhere
title: {zh: 别处, en: Elsewhere}
description: {zh: 另一个地区, en: Another region}
provider: {name: {zh: 测绘院, en: The survey}}
contact: {}
licence: {title: {zh: 开放, en: Open}}
data: data
published: published
cache: %s
layers: layers.yml
codelists: codelists.yml
region: {title: {zh: 别处, en: Elsewhere}, bbox: [-10, -10, 10, 10], centre: [0, 0], zoom: 5}
authorities:
  - {id: north, title: {zh: 北, en: North}}
"""
LAYERS = """
groups:
  - {id: base, title: {zh: 基础, en: Base}}
layers:
"""
LAYER = """
  - id: %(id)s
    title: {zh: %(title)s, en: %(title)s}
    description: {zh: 图层, en: A layer}
    group: base
    geometry: %(geometry)s
    geometry_required: false
    fields:
%(fields)s
    sources:
      - {authority: north, path: %(id)s.geojson, crs: "OGC:CRS84"}
    zoom: {min: 0, max: 4}
    licence: {title: {zh: 开放, en: Open}, id: CC-BY-4.0}
    attribution: {zh: 测绘院, en: The survey}
    nature: real
"""
PARCEL_FIELDS = {
    "CODE": "type: string, role: id, mandatory: true",
    "NAME": "type: string, role: title",
    "AREA": "type: number",
    "TAGS": "type: array",
}
POST_FIELDS = {
    "NUMBER": "type: integer, role: id, mandatory: true",
    "LIT": "type: boolean",
    "HEIGHT": "type: number",
    "SET": "type: date, role: temporal",
}
TREE_FIELDS = {"NUMBER": "type: integer, role: id, mandatory: true", "KIND": "type: string"}

Rows = dict[Any, tuple[dict[str, Any], Any]]


def square(x: float, y: float, size: float = 0.25) -> dict[str, Any]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def parcels(edition: int) -> Rows:
    """Id -> (properties, geometry)."""
    rows: Rows = {}
    for i in range(2200):
        code = f"P-{i:04}地"
        tags = [None, [], ["a", 'b "quoted", with \\'], ["一", "二"]][i % 4]
        area = [None, 0.1 * i, float(i), 1e21, -0.0, 1e-7][i % 6]
        properties = {"CODE": code, "NAME": f"tab\there {i}" if i % 7 else None, "AREA": area, "TAGS": tags}
        rows[code] = (properties, None if i == 7 else square(i % 60 / 4 - 8, i // 60 / 4 - 6))
    if 1 <= edition < 7:
        for i in range(0, 2200, 100):
            rows[f"P-{i:04}地"][0]["NAME"] = f"changed in edition {3 if edition == 4 else edition}"
        for i in range(50, 2200, 500):
            code = f"P-{i:04}地"
            rows[code] = (rows[code][0], square(i % 60 / 4 - 8, i // 60 / 4 - 6, 0.125))
        rows["P-0007地"] = (rows["P-0007地"][0], square(9, 9, 0.1))
        rows["P-0008地"] = (rows["P-0008地"][0], None)
        for i in (3, 1500, 2199):
            del rows[f"P-{i:04}地"]
        for code in ("A-first", "P-1500Z", "Z-last", "龙"):
            rows[code] = (
                {"CODE": code, "NAME": "new\n新", "AREA": None, "TAGS": ["new"]},
                square(9, -9, 0.1),
            )
    return rows


def posts(edition: int) -> Rows:
    """Id -> (properties, geometry)."""
    rows: Rows = {}
    for i in range(60):
        properties = {
            "NUMBER": i * 3 - 30,
            "LIT": [None, True, False][i % 3],
            "HEIGHT": i / 4,
            "SET": None if i % 5 else f"2020-01-{i % 28 + 1:02}",
        }
        rows[i * 3 - 30] = (properties, None if i == 7 else point(i / 10, 0.1))
    if 3 <= edition < 7:
        for number, (properties, _) in rows.items():
            properties["OWNER"] = f"owner of {number}"
    if 5 <= edition < 7:
        rows[0][0]["SET"] = "2021-05-05T12:00:00Z"
    return rows


def trees(edition: int) -> Rows:
    """Id -> (properties, geometry)."""
    return {i: ({"NUMBER": i, "KIND": f"kind {edition}"}, point(i / 10, 1)) for i in range(5)}


def contents(edition: int) -> dict[str, Rows]:
    """Layer -> what it holds in an edition."""
    found = {"parcels": parcels(edition), "posts": posts(edition)}
    return found | {"trees": trees(edition)} if 2 <= edition < 6 else found


def write(folder: Path, edition: int, cache: Path) -> Service:
    """Write an edition's configuration and deliveries into a folder."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    fields = {"parcels": PARCEL_FIELDS, "posts": dict(POST_FIELDS), "trees": TREE_FIELDS}
    if 3 <= edition < 7:
        fields["posts"]["OWNER"] = "type: string"
    kinds = {"parcels": "MultiPolygon", "posts": "Point", "trees": "Point"}
    layers = LAYERS
    for name, rows in contents(edition).items():
        lines = "\n".join(
            f"      - {{name: {one}, {said}, title: {{zh: {one}, en: {one}}}}}"
            for one, said in fields[name].items()
        )
        title = "renamed" if name == "parcels" and edition >= 4 else name
        layers += LAYER % {"id": name, "title": title, "geometry": kinds[name], "fields": lines}
        features = [
            {"type": "Feature", "geometry": geometry, "properties": properties}
            for properties, geometry in rows.values()
        ]
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (folder / "data" / f"{name}.geojson").write_text(text, "utf-8")
    (folder / "layers.yml").write_text(layers, "utf-8")
    (folder / "codelists.yml").write_text("codelists: []\n")
    (folder / "service.yml").write_text(SERVICE % cache, "utf-8")
    return lenient(config.load(folder / "service.yml", {}))


def lenient(service: Service) -> Service:
    """The service with a gate that lets everything pass that can be published: what it says has tests of its own."""
    reason = Text(zh="与采集无关", en="no matter of harvests")
    rules = {
        name: RuleSetting(severity="off", reason=reason)
        for name, rule in RULES.items()
        if rule.severity == "warn" or name == "layer-vanished"
    }
    return service.model_copy(update={"gate": Gate(rules=rules)})


class World:
    """All editions published once, in one folder; `show` makes one of them the current one for every server on it."""

    contents = staticmethod(contents)

    def __init__(self, folder: Path, cache: Path, editions: int = EDITIONS) -> None:
        self.ids: list[str] = []
        self.key = keys.make(folder / "keys" / "signing.pem", history.now()).public
        for edition in range(editions):
            signed = {"signing_key": folder / "keys" / "signing.pem"}
            self.service = write(folder, edition, cache).model_copy(update=signed)
            outcome = publish(self.service)
            assert outcome.status == "published", [str(one) for one in outcome.findings][:5]
            self.ids.append(str(outcome.release_id))
        self._all = history.read(self.service.published).releases

    def show(self, edition: int) -> str:
        """Go to an edition, as if those behind it had not been published yet; its id."""
        history.write(self.service.published, History(releases=self._all[: edition + 1]))
        return self.ids[edition]

    def keep(self, entries: tuple[int, ...]) -> None:
        """Have the history know of some editions alone, the last of them current."""
        history.write(self.service.published, History(releases=tuple(self._all[place] for place in entries)))
