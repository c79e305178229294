"""Clients and schemas for the abstract tests of standards, and a word on the suite of OGC CITE, which is not in a registry."""

from __future__ import annotations

import json as text
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator

#: The suite's jar, or a class path of it and what it needs; docs/tiles.md says how to get one.
CITE = "CITE_TILES"
collect_ignore = [] if os.environ.get(CITE) else ["test_cite_tiles.py"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CITE not in os.environ:
        terminalreporter.line(
            f"OGC CITE ets-ogcapi-tiles10 not run: no registry has it. With its jar in {CITE} it is; the standards' "
            "abstract tests in tests/conformance were run without."
        )


@pytest.fixture(scope="session")
def valid() -> Callable[[Any, str], None]:
    """Hold a document against a schema of TMS 2.0 by its name, such as "tileSet"."""
    schemas = text.loads((Path(__file__).parent / "tms.json").read_text())

    def valid(document: Any, name: str) -> None:
        schema = {**schemas, "$ref": f"#/$defs/{name}"}
        faults = list(Draft201909Validator(schema).iter_errors(document))
        assert not faults, [(list(one.absolute_path), one.message) for one in faults[:5]]

    return valid
