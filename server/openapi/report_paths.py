"""Operations on the gate's report: at one address by negotiation, and its files by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.models import Text
from releases.report import names
from server.links import GEOPACKAGE, HTML, JSON, SCHEMA
from server.openapi.operation import Operation

_TITLE: Final = Text(zh="质检报告", en="The report of the gate")
_PAGES: Final = {
    "zh": Text(zh="质检报告（中文）", en="The report in Chinese"),
    "en": Text(zh="质检报告（英文）", en="The report in English"),
}

REPORTS: Final[Mapping[str, Operation]] = {
    "/report": Operation(
        "releases",
        "getReport",
        _TITLE,
        (),
        {JSON: "report", HTML: None, GEOPACKAGE: None},
        f="f-report",
        more=("206", "416"),
    ),
    f"/{names.JSON}": Operation(
        "releases",
        "getReportDocument",
        Text(zh="质检报告（JSON）", en="The report as JSON"),
        (),
        {JSON: "report"},
        f="f-json",
    ),
    **{
        f"/{name}": Operation("releases", f"getReportPage_{lang}", _PAGES[lang], (), {HTML: None}, f="f-page")
        for lang, name in names.PAGES.items()
    },
    f"/{names.GEOPACKAGE}": Operation(
        "releases",
        "getReportPackage",
        Text(zh="检查发现（GeoPackage）", en="The findings as a GeoPackage"),
        (),
        {GEOPACKAGE: None},
        f="f-gpkg",
        more=("206", "416"),
    ),
    "/report.schema.json": Operation(
        "releases",
        "getReportSchema",
        Text(zh="质检报告的 JSON Schema", en="The JSON Schema of reports"),
        (),
        {SCHEMA: None},
        f="f-json",
    ),
}
