"""Names of the report's files; links from one to another are by them, so they stay together."""

from __future__ import annotations

from typing import Final

from config.models import Lang

#: The folder of the report in a release.
FOLDER: Final = "report"
JSON: Final = "report.json"
GEOPACKAGE: Final = "report.gpkg"
PAGES: Final[dict[Lang, str]] = {"zh": "report.zh.html", "en": "report.en.html"}
