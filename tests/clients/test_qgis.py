"""QGIS, offscreen, adds layers by the plain address of the service, as its users do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer
address, layer = sys.argv[1:3]
QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], False)
application.initQgis()
messages = []
application.messageLog().messageReceived.connect(lambda text, tag, level: messages.append(f"{tag}: {text}"))
vector = QgsVectorLayer(f"url='{address}' typename='{layer}'", layer, "OAPIF")
answer = {"valid": vector.isValid(), "messages": messages}
if vector.isValid():
    features = list(vector.getFeatures())
    inside = QgsFeatureRequest(QgsRectangle(106.3, 29.4, 106.8, 29.8))
    answer |= {
        "count": len(features),
        "fields": [field.name() for field in vector.fields()],
        "crs": vector.crs().authid(),
        "geometry": vector.wkbType(),
        "names": sorted(str(feature["XZQMC"]) for feature in vector.getFeatures(inside)),
        "broken": sum(not feature.geometry().isGeosValid() for feature in features),
    }
print("ANSWER " + json.dumps(answer, ensure_ascii=False))
sys.stdout.flush()
application.exitQgis()
"""


def ask_qgis(python: str, address: str, layer: str, home: Path) -> dict[str, object]:
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
    }
    run = subprocess.run(
        [python, "-c", SCRIPT, address, layer], env=environment, capture_output=True, text=True, timeout=120
    )
    lines = [line for line in run.stdout.splitlines() if line.startswith("ANSWER ")]
    assert lines, run.stdout + run.stderr
    answer: dict[str, object] = json.loads(lines[0].removeprefix("ANSWER "))
    return answer


def test_qgis_adds_the_counties_from_the_plain_service_address_and_counts_221(
    qgis: str, live: str, tmp_path: Path
) -> None:
    answer = ask_qgis(qgis, live, "xzq_county", tmp_path)
    assert answer["valid"], answer["messages"]
    assert answer["count"] == 221
    assert answer["broken"] == 0
    assert "XZQMC" in answer["fields"]  # type: ignore[operator]
    assert "渝中区" in answer["names"] and "锦江区" not in answer["names"]  # type: ignore[operator]
