"""Real clients: found on the machine, or the test is skipped with a line that says so (never in CI)."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
OPENING = """
import json, sys
from qgis.core import QgsApplication
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], True)
application.initQgis()
messages = []
application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))

def tell(answer):
    print("ANSWER " + json.dumps(answer | {"messages": messages}, ensure_ascii=False))
    sys.stdout.flush()
"""


@pytest.fixture(scope="session")
def qgis(need: Callable[[bool, str], None]) -> str:
    """The Python that QGIS was installed for."""
    probe = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    present = (
        shutil.which(SYSTEM_PYTHON) is not None and subprocess.run(probe, capture_output=True).returncode == 0
    )
    need(present, "QGIS (python3-qgis)")
    return SYSTEM_PYTHON


@pytest.fixture
def ask_qgis(qgis: str, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a script in QGIS, offscreen, with an empty profile; what it passes to `tell`, and QGIS' message log."""

    def ask(script: str, *arguments: str) -> dict[str, Any]:
        environment = {
            "QT_QPA_PLATFORM": "offscreen",
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(tmp_path),
            "XDG_RUNTIME_DIR": str(tmp_path),
        }
        run = subprocess.run(
            [qgis, "-c", OPENING + script, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        lines = [line for line in run.stdout.splitlines() if line.startswith("ANSWER ")]
        assert lines, run.stdout + run.stderr
        answer: dict[str, Any] = json.loads(lines[0].removeprefix("ANSWER "))
        return answer

    return ask
