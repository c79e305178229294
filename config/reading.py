"""A service.yml and the two files beside it become one `Service`, or every fault of theirs is told at once.

service.yml --+                          pydantic: values        +--> Service
layers.yml    +--> documents --> one --> consistency: between ---+
codelists.yml +    (form)      mapping   them                    +--> ConfigError: file, line, key, remedy
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from config.codelists import CodeList
from config.consistency import faults
from config.document import Document
from config.environment import overridden
from config.gate import RuleSetting
from config.generalisation import Generalise
from config.layers import Field, Source, Units
from config.models import Border, Service
from config.nearest import known_keys, nearest, unknown_key
from config.origins import Origins
from config.parts import Draft, Parts
from config.problems import ConfigError, Key, Problem
from config.reference import unfit
from config.relations import Relations
from config.values import Text

#: Keys of service.yml whose paths are relative to it.
PLACES = ("data", "published", "cache", "signing_key")
OWN_SETS = "own_tile_matrix_sets"
SYSTEMS = "coordinate_reference_systems"
#: Key of service.yml that names a file beside it -> the keys that file has.
SIBLINGS: Mapping[str, tuple[str, ...]] = {"layers": ("groups", "layers"), "codelists": ("codelists",)}
_CODELISTS = TypeAdapter(tuple[CodeList, ...])


def load(
    path: Path | str, environ: Mapping[str, str] | None = None, *, check_sources: bool = False
) -> Service:
    """Read a service.yml and the files that it names.

    Parameters
    ----------
    path : the service.yml; paths in it are relative to its folder
    environ : environment variables; those of `environment.OVERRIDES` win over the file
    check_sources : also ask that every file of a source exists, which only publishing needs

    Raises
    ------
    ConfigError : with every problem found, each with its file, line and key
    """
    path = Path(path).resolve()
    documents = _documents(path)
    raw = _gathered(documents)
    raw, replaced, problems = overridden(raw, environ or {})
    origins = Origins(documents, replaced)
    for document in documents.values():
        problems += document.problems
    problems += _strangers(documents)
    codelists, errors = _codelists(documents["codelists"])
    raw["codelists"] = {name: codelist.model_dump(mode="json") for name, codelist in codelists.items()}
    service: Service | None = None
    try:
        service = Service.model_validate_json(json.dumps(raw), strict=True)
    except ValidationError as error:
        errors += _own(error)
    problems += [origins.problem(error) for error in errors]
    parts = _parts(documents, codelists, service)
    problems += [origins.problem_of(fault) for fault in faults(parts)]
    if service is not None:
        problems += _missing_sets(service, origins)
        problems += _unfit_systems(service, origins)
    if service is not None and check_sources:
        problems += _missing_files(service, origins)
    if problems or service is None:
        raise ConfigError(_in_order(problems))
    return service


def _documents(path: Path) -> dict[str, Document]:
    """The three files by name; ConfigError naming all that cannot be read."""
    documents = {"service": Document(path)}
    problems: list[Problem] = []
    for name in SIBLINGS:
        file = documents["service"].value.get(name, f"{name}.yml")
        if not isinstance(file, str):
            message = Text(zh=f"{name} 不是文件名", en=f"{name} is no file name")
            expected = Text(zh=f"文件名，如 {name}.yml", en=f"a file name such as {name}.yml")
            problems.append(documents["service"].problem((name,), message, expected))
            continue
        try:
            documents[name] = Document(path.parent / file)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(_in_order(problems))
    return documents


def _gathered(documents: Mapping[str, Document]) -> dict[str, Any]:
    """All but the code lists as the one mapping that a Service is; paths made absolute."""
    service = documents["service"]
    raw = {key: value for key, value in service.value.items() if key not in {*SIBLINGS, "groups"}}
    for name in PLACES:
        if isinstance(raw.get(name), str):
            raw[name] = str((service.path.parent / raw[name]).resolve())
    own = raw.get(OWN_SETS)
    if isinstance(own, list):
        raw[OWN_SETS] = [
            str((service.path.parent / name).resolve()) if isinstance(name, str) else name for name in own
        ]
    layers = documents["layers"].value
    return raw | {key: layers[key] for key in SIBLINGS["layers"] if key in layers}


def _codelists(document: Document) -> tuple[dict[str, CodeList], list[Any]]:
    """The valid code lists by id, of equal ids the first, and the errors of the others."""
    if "codelists" not in document.value:
        return {}, [{"type": "missing", "loc": ("codelists",), "input": None}]
    errors: list[Any] = []
    try:
        found = dict(
            enumerate(_CODELISTS.validate_json(json.dumps(document.value["codelists"]), strict=True))
        )
    except ValidationError as error:
        errors = [{**fault, "loc": ("codelists", *fault["loc"])} for fault in _own(error)]
        found = _valid(CodeList, document.entries("codelists"))
    return {codelist.id: codelist for codelist in reversed(found.values())}, errors


def _own(error: ValidationError) -> list[Any]:
    """The errors of values; a list is no fault of its own for being short of entries that are not valid."""
    return [
        fault
        for fault in error.errors()
        if fault["type"] != "too_short" or len(fault["input"]) < fault["ctx"]["min_length"]
    ]


def _parts(
    documents: Mapping[str, Document], codelists: Mapping[str, CodeList], service: Service | None
) -> Parts:
    """What is valid by itself: all of it when there is a service, else what can be saved entry by entry."""
    layers, borders = documents["layers"].entries("layers"), documents["service"].entries("borders")
    gate = documents["service"].value.get("gate")
    names = {
        "authorities": documents["service"].entries("authorities"),
        "groups": documents["layers"].entries("groups"),
        "layers": layers,
        "codelists": documents["codelists"].entries("codelists"),
    }
    return Parts(
        layers=dict(enumerate(map(Draft.of, service.layers))) if service else _drafts(layers),
        codelists=codelists,
        borders=dict(enumerate(service.borders)) if service else _valid(Border, borders),
        rules=service.gate.rules if service else _rules(gate),
        relations=service.gate if service else _relations(gate),
        names={kind: tuple(_ids(entries)) for kind, entries in names.items()},
    )


def _drafts(layers: list[Any]) -> dict[int, Draft]:
    """What can be saved of layers of which some are not valid."""
    drafts = {}
    for place, layer in enumerate(layers):
        if isinstance(layer, dict):
            fields, sources, validity = (_listed(layer.get(key)) for key in ("fields", "sources", "validity"))
            group = layer.get("group")
            drafts[place] = Draft(
                str(layer.get("id")),
                group if isinstance(group, str) else None,
                _valid(Field, fields),
                _valid(Source, sources),
                tuple(str(field.get("name")) if isinstance(field, dict) else "" for field in fields),
                tuple(str(source.get("authority")) for source in sources if isinstance(source, dict)),
                tuple(name for name in validity if isinstance(name, str)),
                _valid(Generalise, [layer.get("generalise", {})]).get(0, Generalise()),
                _valid(Units, [layer.get("units")]).get(0),
                layer.get("geometry") if isinstance(layer.get("geometry"), str) else None,
            )
    return drafts


def _rules(gate: Any) -> dict[str, RuleSetting]:
    """The settings of rules that are valid by themselves."""
    settings = gate.get("rules") if isinstance(gate, dict) else None
    if not isinstance(settings, dict):
        return {}
    names = [str(name) for name in settings]
    return {names[place]: one for place, one in _valid(RuleSetting, list(settings.values())).items()}


def _relations(gate: Any) -> Relations:
    """What holds between features, where all of it is valid by itself."""
    said = {key: gate[key] for key in Relations.model_fields if key in gate} if isinstance(gate, dict) else {}
    return _valid(Relations, [said]).get(0, Relations())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _valid[Model: BaseModel](model: type[Model], entries: list[Any]) -> dict[int, Model]:
    """The entries of a list that are valid by themselves, by their place; the others are told already."""
    found = {}
    for place, entry in enumerate(entries):
        try:
            found[place] = model.model_validate_json(json.dumps(entry), strict=True)
        except ValidationError:
            continue
    return found


def _ids(entries: list[Any]) -> Iterator[tuple[int, str]]:
    for place, entry in enumerate(entries):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            yield place, entry["id"]


def _strangers(documents: Mapping[str, Document]) -> Iterator[Problem]:
    """Top-level keys that nobody reads; of service.yml only the one that belongs into layers.yml."""
    for name, known in SIBLINGS.items():
        for key in documents[name].value:
            if key not in known:
                yield documents[name].problem((key,), *unknown_key(key, known))
    if "groups" in documents["service"].value:
        known = tuple(key for key in known_keys(()) if key != "groups")
        yield documents["service"].problem(("groups",), *unknown_key("groups", known))


def _missing_sets(service: Service, origins: Origins) -> Iterator[Problem]:
    """Files of tile matrix sets that are not there."""
    for i, path in enumerate(service.own_tile_matrix_sets):
        if not path.is_file():
            message = Text(zh=f"没有文件 {path.name!r}", en=f"there is no file {path.name!r}")
            expected = Text(zh="瓦片矩阵集的 JSON 文件", en="the JSON file of a tile matrix set")
            beside = tuple(sorted(one.name for one in path.parent.iterdir())) if path.parent.is_dir() else ()
            yield origins.at((OWN_SETS, i), message, expected, nearest(path.name, beside))


def _unfit_systems(service: Service, origins: Origins) -> Iterator[Problem]:
    """CRSs in which the features of the region cannot be shown."""
    for i, name in enumerate(service.coordinate_reference_systems):
        if (fault := unfit(name, service.region.bbox)) is not None:
            yield origins.at((SYSTEMS, i), *fault)


def _missing_files(service: Service, origins: Origins) -> Iterator[Problem]:
    """The files of sources and the delivery notes that are not there."""
    if not service.data.is_dir():
        message = Text(zh=f"没有文件夹 {service.data}", en=f"there is no folder {service.data}")
        yield origins.at(
            ("data",), message, Text(zh="存放各机构数据的文件夹", en="the folder of the sources")
        )
        return
    named: list[tuple[Key, str]] = [
        (("layers", i, "sources", j, "path"), source.path)
        for i, layer in enumerate(service.layers)
        for j, source in enumerate(layer.sources)
    ]
    for i, authority in enumerate(service.authorities):
        if authority.delivery is not None:
            named.append((("authorities", i, "delivery"), authority.delivery))
    for key, name in named:
        file = service.data / name
        if file.is_file():
            continue
        message = Text(zh=f"没有文件 {name!r}", en=f"there is no file {name!r}")
        expected = Text(zh=f"{service.data} 中的文件", en=f"a file in {service.data}")
        beside = tuple(sorted(entry.name for entry in file.parent.iterdir())) if file.parent.is_dir() else ()
        yield origins.at(key, message, expected, nearest(file.name, beside))


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """By file and line; a fault in a value that several aliases stand for is told once."""
    once: dict[tuple[Any, ...], Problem] = {}
    for problem in problems:
        last = problem.key.rsplit(".", 1)[-1]
        once.setdefault((problem.file, problem.line, last, problem.message, problem.expected), problem)
    return tuple(
        sorted(once.values(), key=lambda problem: (str(problem.file or ""), problem.line, problem.key))
    )
