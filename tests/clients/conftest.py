"""Real clients: found on the machine, or the test is skipped with a line that says so (never in CI)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SYSTEM_PYTHON = "/usr/bin/python3"


@pytest.fixture(scope="session")
def qgis(need: Callable[[bool, str], None]) -> str:
    """The Python that QGIS was installed for."""
    probe = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    present = (
        shutil.which(SYSTEM_PYTHON) is not None and subprocess.run(probe, capture_output=True).returncode == 0
    )
    need(present, "QGIS (python3-qgis)")
    return SYSTEM_PYTHON


@pytest.fixture(scope="session")
def browser(need: Callable[[bool, str], None]) -> Iterator[Any]:
    """A headless browser that reaches no network but this machine's own."""
    from playwright.sync_api import sync_playwright

    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    need(found is not None, "a browser (chromium)")
    flags = [
        "--no-sandbox",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()
