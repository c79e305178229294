"""Stock pygeoapi as a WSGI application, and its OpenAPI document: `python -m bench.peer SETTINGS DOCUMENT`.

Its GeoPackage provider loads SpatiaLite, which a Python built without loadable extensions cannot; then, and only then, the
sqlite3 module is replaced by one that can. Everything else is pygeoapi as it comes.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any


def _with_extensions() -> None:
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        import pysqlite3  # type: ignore[import-untyped]

        sys.modules["sqlite3"] = pysqlite3


def __getattr__(name: str) -> Any:
    """`application`, when the HTTP server asks for it."""
    if name != "application":
        raise AttributeError(name)
    _with_extensions()
    from pygeoapi.flask_app import APP

    return APP


def main() -> None:
    """Write the OpenAPI document that pygeoapi reads at its start."""
    settings, document = sys.argv[1:3]
    _with_extensions()
    from pygeoapi.openapi import generate_openapi_document

    os.environ["PYGEOAPI_CONFIG"] = settings
    with open(settings, encoding="utf-8") as file:
        Path(document).write_text(generate_openapi_document(file, "yaml"), "utf-8")


if __name__ == "__main__":
    main()
