"""The JSON Schema of each of the three files, for editors that complete and check YAML as it is written."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from config.codelists import CodeList
from config.layers import Group, Layer
from config.models import Service

DIALECT = "https://json-schema.org/draft/2020-12/schema"
File = Literal["service", "layers", "codelists"]


def json_schema(file: File) -> dict[str, Any]:
    """The schema of service.yml, layers.yml or codelists.yml; what needs two values at once is not in it."""
    if file == "layers":
        return _lists({"groups": Group, "layers": Layer})
    if file == "codelists":
        return _lists({"codelists": CodeList})
    schema = Service.model_json_schema()
    for key in ("groups", "layers", "codelists"):
        del schema["properties"][key]
        schema["required"].remove(key)
    for key in ("layers", "codelists"):
        schema["properties"][key] = {
            "type": "string",
            "default": f"{key}.yml",
            "description": f"The file beside this one that holds the {key}.",
        }
    used = _used(schema)
    schema["$defs"] = {name: part for name, part in schema["$defs"].items() if name in used}
    return {"$schema": DIALECT, **schema}


def _lists(models: dict[str, type[BaseModel]]) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    for model in models.values():
        part = model.model_json_schema()
        definitions |= part.pop("$defs", {})
        definitions[model.__name__] = part
    return {
        "$schema": DIALECT,
        "type": "object",
        "additionalProperties": False,
        "required": list(models),
        "properties": {
            key: {"type": "array", "items": {"$ref": f"#/$defs/{model.__name__}"}}
            for key, model in models.items()
        },
        "$defs": definitions,
    }


def _used(schema: dict[str, Any]) -> set[str]:
    """The names of the definitions that are reached from a schema's properties."""
    found: set[str] = set()
    waiting: list[Any] = [schema["properties"]]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            name = str(part.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in found:
                found.add(name)
                waiting.append(schema["$defs"][name])
    return found
