"""Real clients: found on the machine, or the test is skipped with a line that says so (never in CI)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import pytest

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
