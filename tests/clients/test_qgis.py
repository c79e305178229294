"""QGIS, offscreen, adds layers by the plain address of the service, as its users do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SCRIPT = """
from qgis.core import QgsFeatureRequest, QgsRectangle, QgsVectorLayer
address, layer = sys.argv[1:]
vector = QgsVectorLayer(f"url='{address}' typename='{layer}'", layer, "OAPIF")
answer = {"valid": vector.isValid()}
if vector.isValid():
    features = list(vector.getFeatures())
    inside = QgsFeatureRequest(QgsRectangle(106.3, 29.4, 106.8, 29.8))
    answer |= {
        "count": len(features),
        "fields": [field.name() for field in vector.fields()],
        "names": sorted(str(feature["XZQMC"]) for feature in vector.getFeatures(inside)),
        "broken": sum(not feature.geometry().isGeosValid() for feature in features),
    }
tell(answer)
application.exitQgis()
"""


def test_qgis_adds_the_counties_from_the_plain_service_address_and_counts_221(
    ask_qgis: Callable[..., dict[str, Any]], live: str
) -> None:
    answer = ask_qgis(SCRIPT, live, "xzq_county")
    assert answer["valid"], answer["messages"]
    assert answer["count"] == 221
    assert answer["broken"] == 0
    assert "XZQMC" in answer["fields"]
    assert "渝中区" in answer["names"] and "锦江区" not in answer["names"]
