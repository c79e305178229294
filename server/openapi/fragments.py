"""The few forms that parameters and schemas of the API definition have."""

from __future__ import annotations

from typing import Any


def query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter of the query: never required, a list with commas (style and explode as 17-069r4 prints them)."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def path(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter of the path."""
    return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}


def text(**more: Any) -> dict[str, Any]:
    """The schema of a text."""
    return {"type": "string", **more}


def listed(items: dict[str, Any]) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": items}


def ref(kind: str, name: str) -> dict[str, str]:
    """A reference to a shared part of the definition."""
    return {"$ref": f"#/components/{kind}/{name}"}
