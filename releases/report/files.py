"""The report's four files: for programs, for readers of either language, and for whoever works through the findings in a GIS."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from config.models import Lang
from releases.report.examined import Examined

#: The folder of the report in a release; names are those in it, and links from one file to another are by them.
FOLDER: Final = "report"
JSON: Final = "report.json"
GEOPACKAGE: Final = "report.gpkg"
PAGES: Final[dict[Lang, str]] = {"zh": "report.zh.html", "en": "report.en.html"}
NAMES: Final = (JSON, *PAGES.values(), GEOPACKAGE)


def write(folder: Path, examined: Examined) -> None:
    """Write the report of a candidate into a folder, which is made if need be; what stands there of an older one is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).write_bytes(examined.report)
