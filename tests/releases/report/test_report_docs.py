"""docs/report.md names every member, column, layer and file that there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from releases.report import document, geopackage, names
from releases.report.qml import STATES


@pytest.fixture
def named(root: Path) -> set[str]:
    """What stands in code in the documentation."""
    text = re.sub(r"```.*?```", "", (root / "docs" / "report.md").read_text("utf-8"), flags=re.S)
    return set(re.findall(r"`([^`]+)`", text))


def test_every_member_of_the_json_is_told(named: set[str]) -> None:
    schema = json.loads(document.SCHEMA.read_bytes())
    assert set(schema["properties"]) <= named
    assert set(schema["properties"]["findings"]["items"]["properties"]) <= named
    assert set(schema["properties"]["verdict"]["enum"]) <= named


def test_every_file_layer_and_column_is_told(named: set[str]) -> None:
    assert {names.JSON, names.GEOPACKAGE, *names.PAGES.values()} <= named
    assert {sheet.name for sheet in geopackage.SHEETS} <= named
    assert {geopackage.KEY, *geopackage.COLUMNS} <= named
    assert {state for state, _ in STATES} <= named
