"""The same definition in OpenAPI 3.1, whose schemas are JSON Schema of draft 2020-12."""

from __future__ import annotations

from typing import Any, Final

VERSION: Final = "3.1.0"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def raised(definition: dict[str, Any]) -> dict[str, Any]:
    """A definition in 3.0 said in 3.1; what it is made of is not changed."""
    told: dict[str, Any] = _raised(definition)
    return {"openapi": VERSION, "info": told["info"], "jsonSchemaDialect": DIALECT} | {
        name: value for name, value in told.items() if name not in ("openapi", "info")
    }


def _raised(part: Any) -> Any:
    """`nullable` becomes a second type (OpenAPI 3.1, 4.8.24); nothing else of 3.0 that we write is said otherwise."""
    if isinstance(part, list):
        return [_raised(one) for one in part]
    if not isinstance(part, dict):
        return part
    told = {name: _raised(value) for name, value in part.items()}
    if told.get("nullable") is True and "type" in told:
        del told["nullable"]
        told["type"] = [told["type"], "null"]
    return told
