"""The findings in the programs that people work through them with: QGIS and GDAL."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from config.models import Text
from releases.findings import Finding
from releases.report import geopackage

SCRIPT = """
from qgis.core import QgsVectorLayer
path, *names = sys.argv[1:]
answer = {}
for name in names:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    renderer = layer.renderer()
    place = layer.fields().indexOf("status")
    answer[name] = {
        "valid": layer.isValid(),
        "count": layer.featureCount(),
        "categories": {one.value(): one.symbol().color().name() for one in renderer.categories()} if renderer else {},
        "status": layer.editorWidgetSetup(place).type(),
        "edited": layer.startEditing()
        and all(layer.changeAttributeValue(one.id(), place, "fixed") for one in layer.getFeatures())
        and layer.commitChanges(),
    }
    del layer, renderer
tell(answer)
application.exitQgis()
"""
COLOURS = {"refuse": "#9b1c1f", "warn": "#e39b00", "note": "#3d86b8"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A finding of each kind in a file."""
    shapes = (
        shapely.box(104, 30, 104.1, 30.1),
        shapely.LineString([(104, 30), (104.1, 30.1)]),
        shapely.Point(104, 30),
        None,
    )
    said = Text(zh="有误", en="wrong")
    found = [Finding("overlap", said, "east", "zones", geometry=shape) for shape in shapes]
    geopackage.write(tmp_path / "report.gpkg", found, "EPSG:4490")
    return tmp_path / "report.gpkg"


def test_qgis_shows_the_findings_coloured_by_severity_and_writes_down_what_was_mended(
    ask_qgis: Callable[..., dict[str, Any]], package: Path
) -> None:
    names = [sheet.name for sheet in geopackage.SHEETS]
    answer = ask_qgis(SCRIPT, str(package), *names)
    for sheet in geopackage.SHEETS:
        told = answer[sheet.name]
        assert told["valid"] and told["count"] == 1, answer["messages"]
        assert told["categories"] == (COLOURS if sheet.kind else {})
        assert told["status"] == "ValueMap"
        assert told["edited"], answer["messages"]
        columns = pyogrio.raw.read(package, layer=sheet.name, columns=["status"])[3]
        assert columns[0].tolist() == ["fixed"]


def test_gdal_finds_no_fault_with_the_file_and_changes_it_by_sql(
    need: Callable[[bool, str], None], package: Path
) -> None:
    need(shutil.which("ogrinfo") is not None, "GDAL's ogrinfo (gdal-bin)")
    told = subprocess.run(["ogrinfo", "-so", "-al", package], capture_output=True, text=True, check=True)
    assert "Warning" not in told.stdout + told.stderr
    for sheet in geopackage.SHEETS:
        assert f"Layer name: {sheet.name}" in told.stdout
        change = f"UPDATE {sheet.name} SET status = 'fixed'"
        subprocess.run(["ogrinfo", package, "-sql", change], capture_output=True, check=True)
        assert pyogrio.raw.read(package, layer=sheet.name, columns=["status"])[3][0].tolist() == ["fixed"]
