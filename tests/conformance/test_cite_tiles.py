"""OGC CITE's executable test suite for OGC API Tiles against a running server, in about 20 seconds.

No package registry has the suite, so it is run where its jar is: CITE_TILES holds that of the jar with all it needs
(-aio), or a class path. Without it this file is not collected, and the abstract tests beside it, which go further than
the suite, carry the proof. docs/tiles.md says how to build the jar.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from pathlib import Path

MAIN = "org.opengis.cite.ogcapitiles10.TestNGController"
SET = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"


def properties(live: str) -> bytes:
    """What the suite is told: the landing page, and some tiles that hold data."""
    told = {
        "iut": f"{live}/",
        "tilematrixsetdefinitionuri": SET,
        "urltemplatefortiles": f"{live}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        "tilematrix": "6",
        "mintilerow": "25",
        "maxtilerow": "26",
        "mintilecol": "49",
        "maxtilecol": "51",
    }
    # No document type: the one that the suite's guide shows is fetched from a host that is long gone.
    root = Xml.Element("properties", version="1.0")
    for key, value in told.items():
        Xml.SubElement(root, "entry", key=key).text = value
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def results(folder: Path) -> list[tuple[str, str, str]]:
    """Of each test that was run: PASS, FAIL or SKIP, its name and abstract test, and what it says."""
    [report] = folder.rglob("testng-results.xml")
    return [
        (
            test.get("status", ""),
            f"{test.get('name')} ({test.get('description')})",
            (test.findtext("exception/message") or "").strip()[:500],
        )
        for test in Xml.parse(report).getroot().iter("test-method")
        if test.get("is-config") is None
    ]


def test_the_suite_passes(live: str, tmp_path: Path, need: Callable[[bool, str], None]) -> None:
    java = shutil.which("java")
    need(java is not None, "java (17 or newer)")
    asked = tmp_path / "properties.xml"
    asked.write_bytes(properties(live))
    command = [
        str(java),
        "-Djava.awt.headless=true",
        "-cp",
        os.environ["CITE_TILES"],
        MAIN,
        "-o",
        str(tmp_path),
        str(asked),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = results(tmp_path)
    assert [one for one in found if one[0] != "PASS"] == []
    assert len(found) >= 16
