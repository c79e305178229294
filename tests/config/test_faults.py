"""Every fault stops the start, with file, line, key, what was expected and the nearest right name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import config
from config.models import Service

LAYERS, SERVICE, CODELISTS = "layers.yml", "service.yml", "codelists.yml"
CODE = '{name: code, type: string, role: id, title: {zh: 代码, en: Code}, pattern: "^[NS][0-9]{2}$"}'
NAME_OF_LAKE = "{name: name, type: string, role: title, title: {zh: 名称, en: Name}, mandatory: true}"
EXTRA = "{name: made, type: date, title: {zh: a, en: a}}"
SECOND_LIST = "  - {id: land_use, title: {zh: a, en: a}, codes: [{value: a, title: {zh: a, en: a}}]}\n"
NORLAND_PARISHES = '{authority: norland, path: norland/parishes.geojson, crs: "OGC:CRS84"}'

# fmt: off
#: file, what stands there, what is put there, key, a part of what is told in English, nearest name
FAULTS: dict[str, tuple[str, str, str, str, str, str | None]] = {
    "an unknown key of the service": (
        SERVICE, "language: en", "langauge: en", "langauge", "unknown key", "language",
    ),
    "an unknown key of a layer": (
        LAYERS, "generalise: {rule: coverage}", "generalize: {rule: coverage}",
        "layers[0].generalize", "unknown key", "generalise",
    ),
    "an unknown key of a field": (
        LAYERS, "unit: m,", "units: m,", "layers[1].fields[2].units", "unknown key", "unit",
    ),
    "an unknown key of a code": (
        CODELISTS, "{value: town, title", "{value: town, titel: {zh: a, en: b}, title",
        "codelists[0].codes[2].titel", "unknown key", "title",
    ),
    "an unknown key at the top of layers.yml": (
        LAYERS, "groups:", "grups: []\ngroups:", "grups", "unknown key", "groups",
    ),
    "groups in service.yml": (SERVICE, "language: en", "groups: []\nlanguage: en", "groups", "unknown key", None),
    "a key that stands twice": (
        SERVICE, "crs: EPSG:4326", "crs: EPSG:4326\nlanguage: zh", "language", "stands here twice", None,
    ),
    "a text where a number is expected": (
        LAYERS, "zoom: {min: 0, max: 12}", 'zoom: {min: "0", max: 12}',
        "layers[0].zoom.min", "expected a whole number", None,
    ),
    "a fraction where a whole number is expected": (
        LAYERS, "zoom: {min: 0, max: 12}", "zoom: {min: 0.5, max: 12}",
        "layers[0].zoom.min", "expected a whole number", None,
    ),
    "a number where a text is expected": (
        CODELISTS, "{value: town,", "{value: 0101,", "codelists[0].codes[2].value", "codes in quotes", None,
    ),
    "a text where true or false is expected": (
        LAYERS, "geometry_required: false", 'geometry_required: "no"',
        "layers[1].geometry_required", "true or false", None,
    ),
    "a word where a list is expected": (
        SERVICE, "bbox: [1.0, -3.0, 4.0, 0.0]", "bbox: everywhere", "region.bbox", "a list", None,
    ),
    "a word where keys are expected": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: four", "layers[1].zoom", "a mapping of keys", None,
    ),
    "a number that is not finite": (
        SERVICE, "zoom: 7", "zoom: .nan", "region.zoom", "a finite number", None,
    ),
    "a text in one language only": (
        LAYERS, "title: {zh: 湖泊, en: Lakes}", "title: {zh: 湖泊}", "layers[1].title.en", "missing", None,
    ),
    "an empty text": (
        LAYERS, "title: {zh: 湖泊, en: Lakes}", 'title: {zh: 湖泊, en: ""}',
        "layers[1].title.en", "not empty", None,
    ),
    "a box with a number too few": (
        SERVICE, "bbox: [1.0, -3.0, 4.0, 0.0]", "bbox: [1.0, -3.0, 4.0]", "region.bbox[3]", "item 4 is missing", None,
    ),
    "a box with latitude first": (
        SERVICE, "bbox: [1.0, -3.0, 4.0, 0.0]", "bbox: [-3.0, 4.0, 0.0, 1.0]", "region", "longitude before", None,
    ),
    "a centre outside the box": (
        SERVICE, "centre: [2.5, -1.5]", "centre: [-1.5, 2.5]", "region", "within bbox", None,
    ),
    "a zoom range upside down": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: {min: 12, max: 4}", "layers[1].zoom", "12 and 4", None,
    ),
    "a zoom beyond the set": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: {min: 4, max: 23}", "layers[1].zoom.max", "at most 22", None,
    ),
    "a zoom below zero": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: {min: -1, max: 12}", "layers[1].zoom.min", "at least 0", None,
    ),
    "a type nobody knows": (
        LAYERS, "{name: fish, type: array,", "{name: fish, type: aray,", "layers[1].fields[3].type", "string or", "array",
    ),
    "a geometry nobody knows": (
        LAYERS, "geometry: Point", "geometry: Piont", "layers[1].geometry", "Point or", "Point",
    ),
    "a tile matrix set nobody knows": (
        SERVICE, "language: en", "tile_matrix_sets: [WebMercatorQuad, WebMercatorSquad]\nlanguage: en",
        "tile_matrix_sets[1]", "WebMercatorQuad", "WebMercatorQuad",
    ),
    "an id that is no id": (
        LAYERS, "- id: lakes", "- id: Great Lakes", "layers[1].id", "lower-case letters", None,
    ),
    "a field name that is no name": (
        LAYERS, "- {name: salt,", "- " + EXTRA.replace("made", "鱼") + "\n      - {name: salt,",
        "layers[1].fields[4].name", "a field name", None,
    ),
    "a pattern that is no pattern": (
        LAYERS, '"^[NS][0-9]{2}$"', '"^[NS[0-9]{2}$("', "layers[0].fields[0].pattern", "a regular expression", None,
    ),
    "a text search in numbers": (
        LAYERS, "unit: m,", "unit: m, searchable: true,", "layers[1].fields[2]", "searchable only for string or array", None,
    ),
    "a pattern for numbers": (
        LAYERS, "unit: m,", 'unit: m, pattern: "^1",', "layers[1].fields[2]", "only for string or array", None,
    ),
    "a code list for numbers": (
        LAYERS, "unit: m,", "unit: m, codelist: land_use,", "layers[1].fields[2]", "a code list only", None,
    ),
    "a CRS that is not written as one": (
        LAYERS, 'crs: "EPSG:4326"', "crs: WGS84", "layers[0].sources[1].crs", "a CRS such as", None,
    ),
    "a CRS that does not exist": (
        LAYERS, 'crs: "EPSG:4326"', 'crs: "EPSG:45240"', "layers[0].sources[1].crs", "no CRS EPSG:45240", None,
    ),
    "a CRS of heights": (
        LAYERS, 'crs: "EPSG:4326"', 'crs: "EPSG:5737"', "layers[0].sources[1].crs", "geographic or projected", None,
    ),
    "an encoding nobody knows": (
        LAYERS, 'crs: "EPSG:4326"', 'crs: "EPSG:4326"\n        encoding: GBKK',
        "layers[0].sources[1].encoding", "text encoding", None,
    ),
    "a path out of the data folder": (
        LAYERS, "path: suderland/parishes.geojson", "path: ../suderland/parishes.geojson",
        "layers[0].sources[1].path", "inside the data folder", None,
    ),
    "a path of one machine": (
        LAYERS, "path: suderland/parishes.geojson", "path: /srv/parishes.geojson",
        "layers[0].sources[1].path", "inside the data folder", None,
    ),
    "a file whose format nobody can tell": (
        LAYERS, "path: suderland/parishes.geojson", "path: suderland/parishes.dat",
        "layers[0].sources[1].path", "a format", None,
    ),
    "an address that is none": (
        SERVICE, "language: en", "url: example.org\nlanguage: en", "url", "begins with http", None,
    ),
    "a port beyond all ports": (
        SERVICE, "language: en", "server: {port: 65536}\nlanguage: en", "server.port", "at most 65535", None,
    ),
    "a page larger than the largest": (
        SERVICE, "language: en", "limits: {items_default: 50, items_max: 20}\nlanguage: en",
        "limits", "not above items_max (20)", None,
    ),
    "a list of nothing": (
        SERVICE, "language: en", "tile_matrix_sets: []\nlanguage: en", "tile_matrix_sets", "at least 1", None,
    ),
    "coverage for points": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: {min: 4, max: 12}\n    generalise: {rule: coverage}",
        "layers[1]", "MultiPolygon", None,
    ),
    "a rule to follow nobody": (
        LAYERS, "generalise: {rule: coverage}", "generalise: {rule: follow}",
        "layers[0].generalise", "the layer that is followed", None,
    ),
    "points that follow": (
        LAYERS, "geometry: Point", "geometry: Point\n    generalise: {rule: follow, layer: parishes}",
        "layers[1]", "MultiLineString", None,
    ),
    "following what has no edges": (
        LAYERS, "geometry: Point", "geometry: MultiLineString\n    generalise: {rule: follow, layer: lakes}",
        "layers[1].generalise.layer", "no edges to follow", None,
    ),
    "following nobody": (
        LAYERS, "geometry: Point", "geometry: MultiLineString\n    generalise: {rule: follow, layer: parrishes}",
        "layers[1].generalise.layer", "no layer", "parishes",
    ),
    "dissolving what is no coverage": (
        LAYERS, "generalise: {rule: coverage}", "generalise: {rule: alone, dissolve: [use]}",
        "layers[0].generalise", "only with the rule coverage", None,
    ),
    "dissolving by a field that is not there": (
        LAYERS, "generalise: {rule: coverage}", "generalise: {rule: coverage, dissolve: [usse]}",
        "layers[0].generalise.dissolve[0]", "no field", "use",
    ),
    "thinning by a field that is not there": (
        LAYERS, "zoom: {min: 4, max: 12}", "zoom: {min: 4, max: 12}\n    generalise: {thin: {rank: dept}}",
        "layers[1].generalise.thin.rank", "no field", "depth",
    ),
    "thinning areas": (
        LAYERS, "generalise: {rule: coverage}", "generalise: {rule: coverage, thin: {rank: use}}",
        "layers[0]", "Point or MultiPoint", None,
    ),
    "a cell that is no quarter of another": (
        LAYERS, "zoom: {min: 4, max: 12}",
        "zoom: {min: 4, max: 12}\n    generalise: {thin: {rank: depth, pixels: 24}}",
        "layers[1].generalise.thin.pixels", "a power of two", None,
    ),
    "no budget": (
        SERVICE, "language: en", "tiles: {budget_kb: 0}\nlanguage: en", "tiles.budget_kb", "", None,
    ),
    "a group nobody defined": (LAYERS, "group: water", "group: watre", "layers[1].group", "no group", "water"),
    "an authority nobody defined": (
        LAYERS, NORLAND_PARISHES, NORLAND_PARISHES.replace("authority: norland", "authority: noorland"),
        "layers[0].sources[0].authority", "no authority", "norland",
    ),
    "a code list nobody defined": (
        LAYERS, "codelist: land_use", "codelist: landuse", "layers[0].fields[2].codelist", "no code list", "land_use",
    ),
    "an alias for a field that is not there": (
        LAYERS, "nummer: code", "nummer: coed", "layers[0].sources[1].aliases.nummer", "no field", "code",
    ),
    "two aliases for one field": (
        LAYERS, "nummer: code,", "nummer: code, number: code,",
        "layers[0].sources[1].aliases.number", "used twice", None,
    ),
    "a constant for a field that is not there": (
        LAYERS, "constants: {use: wood}", "constants: {uses: wood}",
        "layers[0].sources[1].constants.uses", "no field", "use",
    ),
    "a constant that is not in the code list": (
        LAYERS, "constants: {use: wood}", "constants: {use: woods}",
        "layers[0].sources[1].constants.use", "no code", "wood",
    ),
    "a constant of another type": (
        LAYERS, "constants: {use: wood}", "constants: {use: true}",
        "layers[0].sources[1].constants.use", "not of the field's type", None,
    ),
    "two id fields": (
        LAYERS, NAME_OF_LAKE, NAME_OF_LAKE.replace("role: title", "role: id"),
        "layers[1].fields[1].role", "2 id fields", None,
    ),
    "an id that may be null": (
        LAYERS, CODE, CODE.replace("role: id", "role: id, mandatory: false"),
        "layers[0].fields[0]", "never null", None,
    ),
    "an id that is a date": (
        LAYERS, "{name: number, type: integer,", "{name: number, type: date,",
        "layers[1].fields[0]", "string or integer", None,
    ),
    "a title that is a number": (
        LAYERS, NAME_OF_LAKE, NAME_OF_LAKE.replace("type: string", "type: number"),
        "layers[1].fields[1]", "type string for a title", None,
    ),
    "a time that is a text": (
        LAYERS, "{name: since, type: date,", "{name: since, type: string,",
        "layers[0].fields[3]", "type date for a temporal", None,
    ),
    "a field that stands twice": (
        LAYERS, "- {name: salt,", "- " + EXTRA.replace("made", "depth") + "\n      - {name: salt,",
        "layers[1].fields[4].name", "used twice", None,
    ),
    "a validity beside a temporal field": (
        LAYERS, "    fields:\n      - {name: code",
        "    validity: [since, made]\n    fields:\n      - " + EXTRA + "\n      - {name: code",
        "layers[0].validity", "there is a validity and a temporal field", None,
    ),
    "two layers of one id": (LAYERS, "- id: lakes", "- id: parishes", "layers[1].id", "used twice", None),
    "two groups of one id": (
        LAYERS, "- {id: water,", "- {id: land, title: {zh: a, en: a}}\n  - {id: water,",
        "groups[1].id", "used twice", None,
    ),
    "two authorities of one id": (
        SERVICE, "- {id: suderland,", "- {id: norland, title: {zh: a, en: a}}\n  - {id: suderland,",
        "authorities[1].id", "used twice", None,
    ),
    "a value that stands twice in a code list": (
        CODELISTS, "{value: town,", "{value: wood,", "codelists[0].codes[2].value", "used twice", None,
    ),
    "two code lists of one id": (
        CODELISTS, "      - {value: town, title: {zh: 城镇, en: Town}}\n",
        "      - {value: town, title: {zh: 城镇, en: Town}}\n" + SECOND_LIST, "codelists[1].id", "used twice", None,
    ),
    "a border of a layer that is not there": (
        SERVICE, "{layer: parishes,", "{layer: parish,", "borders[0].layer", "no layer", "parishes",
    ),
    "a border of an authority with itself": (
        SERVICE, "between: [norland, suderland]", "between: [norland, norland]", "borders[0]", "two different", None,
    ),
    "a border with an authority that is not there": (
        SERVICE, "between: [norland, suderland]", "between: [norland, zuiderland]",
        "borders[0].between[1]", "no authority", "suderland",
    ),
    "a coverage of a layer that is not there": (
        SERVICE, "language: en", "gate: {coverage: [parish]}\nlanguage: en", "gate.coverage[0]", "no layer", "parishes",
    ),
    "a coverage of points": (
        SERVICE, "language: en", "gate: {coverage: [lakes]}\nlanguage: en",
        "gate.coverage[0]", "not one of polygons", None,
    ),
    "nesting by a field that the layer does not have": (
        SERVICE, "language: en", "gate: {nest: [{layer: parishes, within: parishes, by: usee}]}\nlanguage: en",
        "gate.nest[0].by", "no field", "use",
    ),
    "a layer apart from itself": (
        SERVICE, "language: en", "gate: {apart: [{layers: [parishes, parishes]}]}\nlanguage: en",
        "gate.apart[0]", "not the same", None,
    ),
    "a layer that fills one that is not there": (
        SERVICE, "language: en", "gate: {fill: [{layer: parishes, extent: extent}]}\nlanguage: en",
        "gate.fill[0].extent", "no layer", None,
    ),
    "a reference that is not there": (
        SERVICE, "language: en", "gate: {reference: {parishes: lake}}\nlanguage: en",
        "gate.reference.parishes", "no layer", "lakes",
    ),
    "a rule that is not there": (
        SERVICE, "language: en", "gate: {rules: {slivers: {severity: note, reason: {zh: a, en: a}}}}\nlanguage: en",
        "gate.rules.slivers", "there is no rule", "sliver",
    ),
    "a limit of a rule that measures nothing": (
        SERVICE, "language: en", "gate: {rules: {unique: {limit: 2, reason: {zh: a, en: a}}}}\nlanguage: en",
        "gate.rules.unique.limit", "no limit, only a severity", None,
    ),
    "a limit below zero": (
        SERVICE, "language: en", "gate: {rules: {sliver: {limit: -1, reason: {zh: a, en: a}}}}\nlanguage: en",
        "gate.rules.sliver.limit", "at least 0", None,
    ),
    "a severity that there is not": (
        SERVICE, "language: en", "gate: {rules: {sliver: {severity: warm, reason: {zh: a, en: a}}}}\nlanguage: en",
        "gate.rules.sliver.severity", "will not do", "warn",
    ),
    "a setting of a rule that changes nothing": (
        SERVICE, "language: en", "gate: {rules: {sliver: {reason: {zh: a, en: a}}}}\nlanguage: en",
        "gate.rules.sliver", "a severity or a limit", None,
    ),
    "a setting of a rule without a reason": (
        SERVICE, "language: en", "gate: {rules: {sliver: {limit: 2}}}\nlanguage: en",
        "gate.rules.sliver.reason", "missing", None,
    ),
    "codes of an authority that are no texts": (
        SERVICE, "{id: norland, title: {zh: 北国（虚构）, en: Norland (imaginary)}}",
        "{id: norland, title: {zh: a, en: a}, codes: [51]}", "authorities[0].codes[0]", "codes in quotes", None,
    ),
    "codes of an authority that are no beginnings of codes": (
        SERVICE, "{id: norland, title: {zh: 北国（虚构）, en: Norland (imaginary)}}",
        "{id: norland, title: {zh: a, en: a}, codes: [N-]}", "authorities[0].codes[0]", "at most twelve digits", None,
    ),
    "a code of units in a field that is not there": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: cod}",
        "layers[0].units.code", "there is no field of type string 'cod'", "code",
    ),
    "a code of units that is no text": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: since}",
        "layers[0].units.code", "there is no field of type string", None,
    ),
    "a code above in a field that is not there": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: code, parent: nam}",
        "layers[0].units.parent", "there is no field of type string", "name",
    ),
    "units above in a layer that is not there": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: code, parent: name, layer: lake}",
        "layers[0].units.layer", "there is no layer", "lakes",
    ),
    "units above in a layer without units": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: code, parent: name, layer: lakes}",
        "layers[0].units.layer", "a layer with units of its own", None,
    ),
    "a layer of units above without the code above": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: code, layer: lakes}",
        "layers[0].units", "layer only together with parent", None,
    ),
    "a unit that is above itself": (
        LAYERS, "geometry: MultiPolygon", "geometry: MultiPolygon\n    units: {code: code, parent: code}",
        "layers[0].units", "two different fields", None,
    ),
    "a unique list": (
        LAYERS, "{name: fish, type: array,", "{name: fish, type: array, unique: true,",
        "layers[1].fields[3]", "unique only for string or integer", None,
    ),
    "an area in a unit of length": (
        LAYERS, "{name: depth, type: number, unit: m,", "{name: depth, type: number, unit: m, measure: area,",
        "layers[1].fields[2]", "in m2, har, km2", None,
    ),
    "an area of points": (
        LAYERS, "{name: depth, type: number, unit: m,", "{name: depth, type: number, unit: m2, measure: area,",
        "layers[1]", "only in a layer that has polygons", None,
    ),
    "a measure that there is not": (
        LAYERS, "{name: depth, type: number, unit: m,", "{name: depth, type: number, unit: m, measure: aera,",
        "layers[1].fields[2].measure", "will not do", "area",
    ),
    "a CRS that is not written as authority and code": (
        SERVICE, "language: en", "coordinate_reference_systems: [EPSG:3857, zone37]\nlanguage: en",
        "coordinate_reference_systems[1]", "a CRS by its authority and code", None,
    ),
    "a CRS that cannot show the region": (
        SERVICE, "language: en", "coordinate_reference_systems: [EPSG:4525]\nlanguage: en",
        "coordinate_reference_systems[0]", "cannot show the whole region", None,
    ),
    "a CRS of heights to show features in": (
        SERVICE, "language: en", "coordinate_reference_systems: [EPSG:32631, EPSG:5773]\nlanguage: en",
        "coordinate_reference_systems[1]", "a vertical CRS", None,
    ),
    "an epoch of a frame that does not move": (
        SERVICE, "crs: EPSG:4326", "crs: EPSG:4490\ncrs_epoch: 2020.5", "", "no crs_epoch", None,
    ),
    "two folders in one place": (
        SERVICE, "cache: ../../../var/cache", "cache: data", "", "three different folders", None,
    ),
    "a source that stands twice": (
        LAYERS, NORLAND_PARISHES, NORLAND_PARISHES + "\n      - " + NORLAND_PARISHES,
        "layers[0].sources[1]", "stands here twice", None,
    ),
}

# fmt: on


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place_and_remedy(broken: Any, fault: str) -> None:
    name, old, new, key, told, nearest = FAULTS[fault]
    broken.edit(name, old, new)
    problem = broken.problem()
    assert (problem.file, problem.key) == (broken.path.parent / name, key)
    assert told in problem.of("en")
    assert problem.nearest == nearest
    line = problem.file.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert mentions(line, key, "missing" in told), line


def mentions(line: str, key: str, missing: bool) -> bool:
    """Whether a line shows a key: names it, or for what is missing what it is missing from."""
    parts = re.findall(r"[^.\[\]]+", key)
    names = [part for part in (parts[:-1] if missing else parts) if not part.isdecimal()]
    return key == "" or names[-1] in line or ("- " in line and key.endswith("]"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_chinese_without_english_words_of_explanation(broken: Any, fault: str) -> None:
    name, old, new, *_ = FAULTS[fault]
    broken.edit(name, old, new)
    problem = broken.problem()
    assert re.search(r"[\u4e00-\u9fff]", problem.message.zh)
    assert not re.search(r"\b(the|is|should|must|expected|valid|input)\b", problem.message.zh)
    if problem.expected is not None:
        assert not re.search(r"\b(the|is|should|must|expected|valid|input)\b", problem.expected.zh)


def test_the_exact_line_of_a_wrong_value_is_told(broken: Any) -> None:
    line = broken.edit("layers.yml", "group: water", "group: watre")
    assert broken.problem().line == line
    assert str(broken.problem()).startswith(f"{broken.path.parent / 'layers.yml'}:{line}: layers[1].group: ")


def test_a_missing_key_is_told_at_the_line_of_what_it_is_missing_from(broken: Any) -> None:
    line = broken.edit("layers.yml", "  - id: lakes", "  - id: lakes")
    broken.edit("layers.yml", "    group: water\n", "")
    assert broken.problem().line == line


def test_every_fault_of_all_files_is_told_at_once(broken: Any) -> None:
    lines = [
        ("codelists.yml", broken.edit("codelists.yml", "{value: town,", "{value: wood,")),
        ("layers.yml", broken.edit("layers.yml", "use: wood}", "uze: wood}")),
        ("layers.yml", broken.edit("layers.yml", "group: water", "group: watre")),
        ("layers.yml", broken.edit("layers.yml", "unit: m,", "unit: 5,")),
        ("service.yml", broken.edit("service.yml", "language: en", "language: nl")),
        ("service.yml", broken.edit("service.yml", "{layer: parishes,", "{layer: parish,")),
    ]
    found = [(problem.file.name, problem.line) for problem in broken.problems()]
    assert found == lines


def test_a_faulty_field_does_not_make_its_layer_unknown(broken: Any) -> None:
    broken.edit("layers.yml", "{name: since, type: date,", "{name: since, type: dat,")
    assert [problem.key for problem in broken.problems()] == ["layers[0].fields[3].type"]


def test_a_faulty_source_is_not_told_again_by_the_border_that_needs_it(broken: Any) -> None:
    broken.edit("layers.yml", 'crs: "EPSG:4326"', "crs: WGS84")
    assert [problem.key for problem in broken.problems()] == ["layers[0].sources[1].crs"]


def test_a_fault_in_an_anchored_value_is_told_once_and_where_it_stands(broken: Any) -> None:
    line = broken.edit("layers.yml", "licence: &own", "licence: &own\n      licensor: nobody")
    problem = broken.problem()
    assert (problem.line, problem.key) == (line + 1, "layers[0].licence.licensor")


def test_an_alias_of_itself_is_told_and_not_followed_for_ever(broken: Any) -> None:
    broken.edit(
        "layers.yml", "fields:\n      - {name: number", "fields: &all\n      - *all\n      - {name: number"
    )
    assert any("holds the alias" in str(problem) for problem in broken.problems())


def test_a_border_needs_both_authorities_to_deliver_the_layer(broken: Any) -> None:
    text = broken.path.read_text(encoding="utf-8")
    text = text.replace("authorities:\n", "authorities:\n  - {id: eastland, title: {zh: 东, en: East}}\n")
    text = text.replace("between: [norland, suderland]", "between: [norland, eastland]")
    broken.path.write_text(text, encoding="utf-8")
    problem = broken.problem()
    assert problem.key == "borders[0].between[1]"
    assert "delivers" in str(problem) and "norland, suderland" in str(problem)


def test_a_shapefile_has_no_field_names_of_more_than_ten_bytes(broken: Any) -> None:
    broken.edit(
        "layers.yml",
        'path: suderland/lakes.geojson, crs: "OGC:CRS84", aliases: {nummer: number,',
        'path: suderland/lakes.shp, encoding: GBK, crs: "OGC:CRS84", aliases: {湖泊的编号: number, longer_than_ten: salt,',
    )
    keys = {problem.key: problem.message.en for problem in broken.problems()}
    assert "too long" in keys["layers[1].sources[1].aliases.longer_than_ten"]
    assert "layers[1].sources[1].aliases.湖泊的编号" not in keys  # five characters are ten bytes of GBK


def test_a_long_field_needs_an_alias_in_a_shapefile(broken: Any) -> None:
    broken.edit(
        "layers.yml",
        "- {name: salt,",
        "- {name: temperature, type: number, title: {zh: 水温, en: Temperature}}\n      - {name: salt,",
    )
    broken.edit("layers.yml", "path: suderland/lakes.geojson", "path: suderland/lakes.shp")
    problem = broken.problem()
    assert problem.key == "layers[1].sources[1].aliases" and "'temperature' has no alias" in str(problem)


@pytest.mark.parametrize("name", ["service.yml", "layers.yml", "codelists.yml"])
@pytest.mark.parametrize(
    "content, line, told",
    [
        (b"a: [1, 2\nb: 3\n", 2, "no valid YAML"),
        (b"a: 1\n\tb: 2\n", 2, "no valid YAML"),
        (b"title: \xcb\xc4\xb4\xa8\n", 1, "no UTF-8 text"),
        (b"", 1, "no mapping of keys"),
        (b"- a\n- b\n", 1, "no mapping of keys"),
    ],
)
def test_a_file_that_is_no_yaml_mapping_is_told_as_such(
    broken: Any, name: str, content: bytes, line: int, told: str
) -> None:
    file = broken.path.parent / name
    file.write_bytes(content)
    problem = broken.problem()
    assert (problem.file, problem.line) == (file, line)
    assert told in str(problem)


def test_files_that_are_not_there_are_all_told(broken: Any) -> None:
    for name in ("layers.yml", "codelists.yml"):
        (broken.path.parent / name).unlink()
    assert [(p.file.name, p.message.en) for p in broken.problems()] == [
        ("codelists.yml", "there is no such file"),
        ("layers.yml", "there is no such file"),
    ]


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError) as caught:
        config.load(tmp_path)
    assert "cannot be read" in str(caught.value)


@pytest.mark.parametrize("name, key", [("layers.yml", "layers"), ("codelists.yml", "codelists")])
def test_a_sibling_without_its_list_lacks_a_key(broken: Any, name: str, key: str) -> None:
    (broken.path.parent / name).write_text("{}\n", encoding="utf-8")
    assert any(p.key == key and "missing" in str(p) and p.file.name == name for p in broken.problems())


def test_a_sibling_is_named_by_a_file_name(broken: Any) -> None:
    broken.edit("service.yml", "language: en", "layers: [layers.yml]\nlanguage: en")
    assert "a file name such as layers.yml" in str(broken.problem())


def test_a_missing_source_is_told_with_the_file_that_is_likely_meant(broken: Any) -> None:
    line = broken.edit("layers.yml", "suderland/parishes.geojson", "suderland/parish.geojson")
    problem = broken.problem(check_sources=True)
    assert (problem.line, problem.key) == (line, "layers[0].sources[1].path")
    assert problem.nearest == "parishes.geojson"


def test_a_missing_delivery_note_is_told(broken: Any) -> None:
    broken.edit("service.yml", "- {id: norland,", "- {id: norland, delivery: norland/note.yml,")
    assert broken.problem(check_sources=True).key == "authorities[0].delivery"


def test_a_missing_data_folder_is_told_once_and_not_for_each_file(broken: Any, tmp_path: Path) -> None:
    problem = broken.problem({"BLUEPRINT_DATA": str(tmp_path / "nowhere")}, check_sources=True)
    assert (problem.file, problem.key) == (None, "BLUEPRINT_DATA")


def test_a_configuration_without_faults_is_a_service(lakes: Path) -> None:
    assert isinstance(config.load(lakes), Service)
