"""QGIS's own converter of MapLibre styles, offscreen: what it does not understand it drops, and draws everything alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

PYTHON = "/usr/bin/python3"
SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsMapBoxGlStyleConversionContext, QgsMapBoxGlStyleConverter
from qgis.PyQt.QtGui import QImage
application = QgsApplication([], False)
application.initQgis()
folder = sys.argv[1]
context = QgsMapBoxGlStyleConversionContext()
context.setSprites(QImage(folder + "/sprite.png"), json.load(open(folder + "/sprite.json")))
converter = QgsMapBoxGlStyleConverter()
result = converter.convert(open(folder + "/style.json", encoding="utf-8").read(), context)
answer = {
    "result": int(result),
    "warnings": converter.warnings(),
    "shapes": [style.styleName() for style in converter.renderer().styles()],
    "labels": [style.styleName() for style in converter.labeling().styles()],
}
print("ANSWER " + json.dumps(answer))
sys.stdout.flush()
application.exitQgis()
"""
#: QGIS draws icons in one size and letters in a font of the machine: that loses no information.
HARMLESS = ("icon-size", "is not available on system")


def test_qgis_understands_every_rule_and_filter_of_the_style(
    need: Callable[[bool, str], None], render: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    probe = [PYTHON, "-c", "import qgis.core"]
    present = shutil.which(PYTHON) is not None and subprocess.run(probe, capture_output=True).returncode == 0
    need(present, "QGIS (python3-qgis)")
    from styles.sprites import sprites

    # The Chinese one: `coalesce`, by which an English label falls back on the Chinese name, came to QGIS after 3.22.
    style = render("zh")
    image, index = sprites(1)
    (tmp_path / "style.json").write_text(json.dumps(style), "utf-8")
    (tmp_path / "sprite.png").write_bytes(image)
    (tmp_path / "sprite.json").write_text(json.dumps(index))
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(tmp_path),
    }
    command = [PYTHON, "-c", SCRIPT, str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    lines = [line for line in run.stdout.splitlines() if line.startswith("ANSWER ")]
    assert lines, run.stdout + run.stderr
    answer = json.loads(lines[0].removeprefix("ANSWER "))

    assert answer["result"] == 0
    assert not [said for said in answer["warnings"] if not any(word in said for word in HARMLESS)]
    shown = [one for one in style["layers"] if one.get("layout", {}).get("visibility") != "none"]
    drawn = {*answer["shapes"], *answer["labels"]}
    assert {one["id"] for one in shown if one["type"] != "background"} <= drawn
