"""YAML files become one `Service`, or every fault of theirs is told at once with file, line and key.

PyYAML's loader forgets where a value stood and takes the last of two equal keys, so the files are composed into nodes
first: the nodes give lines and duplicates, pydantic gives the faults of values, `consistency` those between them.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from config.consistency import faults
from config.models import CodeList, Group, Layer, Service, Text
from config.problems import ConfigError, Problem

#: environment variable -> path of keys in service.yml that it overrides
OVERRIDES: dict[str, tuple[str, ...]] = {
    "BLUEPRINT_DATA": ("data",),
    "BLUEPRINT_PUBLISHED": ("published",),
    "BLUEPRINT_CACHE": ("cache",),
    "BLUEPRINT_URL": ("url",),
    "HOST": ("server", "host"),
    "PORT": ("server", "port"),
    "BLUEPRINT_WORKERS": ("server", "workers"),
}
PATHS = ("data", "published", "cache")
SIBLINGS = ("layers", "codelists")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Key = tuple[str | int, ...]


class Document:
    """One YAML file: its values, and the line of every key path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Key, int] = {}
        self.problems: list[Problem] = []
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
            raise ConfigError((_unreadable(path, fault),)) from fault
        self.value: Any = self._construct(node, ()) if node is not None else {}
        if not isinstance(self.value, dict):
            self.problems.append(Problem(path, 1, "", Text(zh="应为键值映射", en="a mapping of keys is expected")))

    def _construct(self, node: yaml.Node, key: Key) -> Any:
        self.lines.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._construct(item, (*key, index)) for index, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return _scalar(node)
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            line = name_node.start_mark.line + 1
            if name in values:
                message = Text(zh=f"键 {name!r} 重复出现", en=f"key {name!r} stands here twice")
                self.problems.append(Problem(self.path, line, dotted((*key, name)), message))
            self.lines[(*key, name)] = line
            values[name] = self._construct(value_node, (*key, name))
        return values

    def line(self, key: Key) -> int:
        """The line of a key, or of the nearest key around it that is in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


def load(path: Path | str, environ: Mapping[str, str] | None = None) -> Service:
    """Read a service.yml and the two files beside it that it names.

    Parameters
    ----------
    path : the service.yml; paths in it are relative to its folder
    environ : environment variables; those of `OVERRIDES` win over the file

    Raises
    ------
    ConfigError : with every problem found, each with its file, line and key
    """
    path = Path(path).resolve()
    service = Document(path)
    if service.problems and not isinstance(service.value, dict):
        raise ConfigError(tuple(service.problems))
    siblings = {name: _sibling(service, name) for name in SIBLINGS}
    raw = dict(service.value)
    raw["layers"] = siblings["layers"].value.get("layers", [])
    raw["groups"] = siblings["layers"].value.get("groups", [])
    raw["codelists"] = _by_id(siblings["codelists"].value.get("codelists", []))
    for name in PATHS:
        if isinstance(raw.get(name), str):
            raw[name] = (path.parent / raw[name]).resolve()
    _override(raw, environ or {})
    files = _Files(service, siblings["layers"], siblings["codelists"])
    problems = [problem for document in (service, *siblings.values()) for problem in document.problems]
    problems += files.strangers()
    try:
        result = Service.model_validate(raw)
    except ValidationError as error:
        problems += [files.problem(tuple(fault["loc"]), fault) for fault in error.errors()]
        raise ConfigError(_sorted(problems)) from error
    problems += [files.inconsistency(fault.key, fault) for fault in faults(result)]
    if problems:
        raise ConfigError(_sorted(problems))
    return result


class _Files:
    """Knows which of the three files a key of the whole configuration came from."""

    def __init__(self, service: Document, layers: Document, codelists: Document) -> None:
        self.service, self.layers, self.codelists = service, layers, codelists

    def place(self, key: Key) -> tuple[Document, Key]:
        if key and key[0] in ("layers", "groups"):
            return self.layers, key
        if key and key[0] == "codelists":
            listed = self.codelists.value.get("codelists", [])
            index = next((i for i, entry in enumerate(listed) if entry.get("id") == key[1]), 0) if len(key) > 1 else 0
            return self.codelists, ("codelists", index, *key[2:])
        return self.service, key

    def problem(self, key: Key, fault: Any) -> Problem:
        document, local = self.place(key)
        name = str(local[-1]) if local else ""
        nearest = None
        if fault["type"] == "extra_forbidden":
            nearest = _nearest(name, _known_keys(key[:-1]))
            message = Text(zh=f"不认识的键 {name!r}", en=f"unknown key {name!r}")
        elif fault["type"] == "missing":
            message = Text(zh=f"缺少键 {name!r}", en=f"key {name!r} is missing")
        else:
            message = Text(zh=f"值 {fault['input']!r} 不合要求", en=f"the value {fault['input']!r} will not do")
        expected = None if fault["type"] in ("extra_forbidden", "missing") else fault["msg"]
        return Problem(document.path, document.line(local), dotted(local), message, expected, nearest)

    def inconsistency(self, key: Key, fault: Any) -> Problem:
        document, local = self.place(key)
        nearest = _nearest(fault.value, fault.known)
        return Problem(document.path, document.line(local), dotted(local), fault.message, fault.expected, nearest)

    def strangers(self) -> list[Problem]:
        """Top-level keys of the two sibling files that nobody reads, and code lists that stand twice."""
        found = []
        for document, known in ((self.layers, ("groups", "layers")), (self.codelists, ("codelists",))):
            for name in document.value:
                if name not in known:
                    message = Text(zh=f"不认识的键 {name!r}", en=f"unknown key {name!r}")
                    line = document.line((name,))
                    found.append(Problem(document.path, line, name, message, ", ".join(known), _nearest(name, known)))
        seen: set[str] = set()
        for index, entry in enumerate(self.codelists.value.get("codelists", [])):
            name = entry.get("id") if isinstance(entry, dict) else None
            if name in seen:
                message = Text(zh=f"代码表 {name!r} 重复定义", en=f"code list {name!r} is defined twice")
                line = self.codelists.line(("codelists", index))
                found.append(Problem(self.codelists.path, line, f"codelists[{index}].id", message))
            seen.add(str(name))
        return found


def dotted(key: Key) -> str:
    """A key path as people write it: layers[3].fields[0].name."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _sibling(service: Document, name: str) -> Document:
    """Read the file that service.yml names under `name`, and take that key away."""
    value = service.value.pop(name, f"{name}.yml")
    if not isinstance(value, str):
        message = Text(zh="应为文件名", en="a file name is expected")
        raise ConfigError((Problem(service.path, service.line((name,)), name, message, f"{name}.yml"),))
    document = Document(service.path.parent / value)
    if document.problems and not isinstance(document.value, dict):
        raise ConfigError(tuple(document.problems))
    return document


def _by_id(entries: Any) -> dict[str, Any]:
    if not isinstance(entries, list):
        return {}
    return {str(entry.get("id", index)): entry for index, entry in enumerate(entries) if isinstance(entry, dict)}


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Put the environment's values in; changes `raw`."""
    for variable, keys in OVERRIDES.items():
        value = environ.get(variable)
        if not value:
            continue
        target = raw
        for key in keys[:-1]:
            target[key] = dict(target.get(key) or {})
            target = target[key]
        target[keys[-1]] = Path(value).resolve() if keys[0] in PATHS else value


def _known_keys(key: Key) -> tuple[str, ...]:
    """The keys that may stand at a place of the configuration."""
    model: Any = Service
    for part in key:
        if isinstance(part, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        if part not in model.model_fields:  # the key of a mapping, such as a code list's id
            continue
        model = _model_in(model.model_fields[str(part)].annotation)
    return tuple(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else ()


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (found := _model_in(inner)) is not None:
            return found
    return None


def _scalar(node: yaml.Node) -> Any:
    return yaml.SafeLoader("").construct_object(node)


def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    return next(iter(difflib.get_close_matches(name, known, 1, 0.6)), None)


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.key)))


def _unreadable(path: Path, fault: Exception) -> Problem:
    mark = getattr(fault, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    reason = getattr(fault, "problem", None) or getattr(fault, "strerror", None) or str(fault)
    return Problem(path, line, "", Text(zh=f"无法读取: {reason}", en=f"cannot be read: {reason}"))


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of the three files ("service", "layers", "codelists"), for editors that check YAML."""
    parts: dict[str, type[BaseModel]] = {"groups": Group, "layers": Layer, "codelists": CodeList}
    if name == "service":
        schema = Service.model_json_schema()
        for key in ("groups", "layers", "codelists"):
            del schema["properties"][key]
            schema["required"].remove(key)
        for key in SIBLINGS:
            schema["properties"][key] = {"type": "string", "description": f"the file that holds the {key}"}
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    definitions: dict[str, Any] = {}
    keys = ("groups", "layers") if name == "layers" else ("codelists",)
    for key in keys:
        part = parts[key].model_json_schema()
        definitions |= part.pop("$defs", {})
        definitions[parts[key].__name__] = part
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "required": list(keys),
        "properties": {
            key: {"type": "array", "items": {"$ref": f"#/$defs/{parts[key].__name__}"}} for key in keys
        },
        "$defs": definitions,
    }
