"""The report's four files: for programs, for readers of either language, and for whoever works through the findings in a GIS."""

from __future__ import annotations

from pathlib import Path

from releases.report import geopackage, page
from releases.report.examined import Examined
from releases.report.names import GEOPACKAGE, JSON, PAGES


def write(folder: Path, examined: Examined) -> None:
    """Write the report of a candidate into a folder, which is made if need be; what stands there of an older one is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / JSON).write_bytes(examined.report)
    for lang, text in page.pages(examined).items():
        (folder / PAGES[lang]).write_bytes(text)
    # A file that is there would be written into, not over.
    (folder / GEOPACKAGE).unlink(missing_ok=True)
    geopackage.write(folder / GEOPACKAGE, examined.findings, examined.service.crs)
