"""Schemas for the abstract tests of standards, and what runs the executable suites of OGC CITE.

No package registry has the suites, so each is run where its jars are: a variable holds a class path of them, and without
it the suite's file is not collected and the run says so.
"""

from __future__ import annotations

import json as text
import os
import shutil
import subprocess
import xml.etree.ElementTree as Xml
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft201909Validator


class Suite(NamedTuple):
    """A suite of CITE: the package of its controller, the file that runs it, and the variable with its class path."""

    name: str
    package: str
    file: str
    variable: str


TILES = Suite("ets-ogcapi-tiles10", "org.opengis.cite.ogcapitiles10", "test_cite_tiles.py", "CITE_TILES")
FEATURES = Suite(
    "ets-ogcapi-features10", "org.opengis.cite.ogcapifeatures10", "test_cite_features.py", "CITE_FEATURES"
)
MISSING = [suite for suite in (TILES, FEATURES) if not os.environ.get(suite.variable)]
collect_ignore = [suite.file for suite in MISSING]


class Outcome(NamedTuple):
    """Of one test that was run: PASS, FAIL or SKIP, its name and abstract test, what it was run on, and what it says."""

    status: str
    test: str
    subject: str
    message: str


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for suite in MISSING:
        terminalreporter.line(
            f"OGC CITE {suite.name} not run: no registry has it. With its jar in {suite.variable} it is; the "
            "standards' abstract tests in tests/conformance were run without."
        )


@pytest.fixture
def cite(tmp_path: Path, need: Callable[[bool, str], None]) -> Callable[..., list[Outcome]]:
    """Run a suite, which is told where the landing page is and the like."""

    def run(variable: str, told: Mapping[str, str], seconds: float) -> list[Outcome]:
        [suite] = [one for one in (TILES, FEATURES) if one.variable == variable]
        java = shutil.which("java")
        need(java is not None, "java (17 or newer)")
        asked = tmp_path / "properties.xml"
        # No document type: the one that the suites' guides show is fetched from a host that is long gone.
        root = Xml.Element("properties", version="1.0")
        for key, value in told.items():
            Xml.SubElement(root, "entry", key=key).text = value
        asked.write_bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))
        command = [str(java), "-Djava.awt.headless=true", "-cp", os.environ[suite.variable]]
        command += [f"{suite.package}.TestNGController", "-o", str(tmp_path), str(asked)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        assert ran.returncode == 0, ran.stderr[-2000:]
        [report] = tmp_path.rglob("testng-results.xml")
        return [
            Outcome(
                test.get("status", ""),
                f"{test.get('name')} ({test.get('description')})",
                (test.findtext("params/param[@index='0']/value") or "").strip(),
                (test.findtext("exception/message") or "").strip()[:500],
            )
            for test in Xml.parse(report).getroot().iter("test-method")
            if test.get("is-config") is None
        ]

    return run


@pytest.fixture(scope="session")
def valid() -> Callable[[Any, str], None]:
    """Hold a document against a schema of TMS 2.0 by its name, such as "tileSet"."""
    schemas = text.loads((Path(__file__).parent / "tms.json").read_text())

    def valid(document: Any, name: str) -> None:
        schema = {**schemas, "$ref": f"#/$defs/{name}"}
        faults = list(Draft201909Validator(schema).iter_errors(document))
        assert not faults, [(list(one.absolute_path), one.message) for one in faults[:5]]

    return valid
