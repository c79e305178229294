"""What QGIS asks of the service as a user pans, identifies and filters: boxes and times go to the server, and pages are few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OPENING = """
from qgis.core import QgsFeatureRequest, QgsRectangle, QgsVectorLayer
address, name, options = sys.argv[1:]
layer = QgsVectorLayer(f"url='{address}' typename='{name}' {options}", name, "OAPIF")
answer = {"valid": layer.isValid(), "crs": layer.crs().authid()}

def names(request=None, field="XZQMC"):
    return [str(feature[field]) for feature in layer.getFeatures(request or QgsFeatureRequest())]
"""
CLOSING = """
tell(answer)
application.exitQgis()
"""
ALL = OPENING + """
features = list(layer.getFeatures())
answer |= {"count": layer.featureCount(), "read": len(features), "ids": len({f["BSM"] for f in features})}
""" + CLOSING  # fmt: skip
IDENTIFY = OPENING + """
place = QgsFeatureRequest(QgsRectangle(106.55, 29.55, 106.5501, 29.5501))
answer["names"] = names(place.setFlags(QgsFeatureRequest.ExactIntersect))
""" + CLOSING  # fmt: skip
FILTER = OPENING + """
answer["set"] = layer.setSubsetString("SJDM = '510100' AND MJ > 1000000000")
answer["names"] = names(QgsFeatureRequest().addOrderBy("MJ", False))
answer["times"] = layer.setSubsetString("VALID_TO <= '2030-01-01' AND VALID_TO >= '2020-01-01'")
answer["ended"] = len(names())
""" + CLOSING  # fmt: skip
EXTENT = OPENING + """
box = layer.extent()
answer["extent"] = [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()]
place = QgsRectangle(106.5, 29.5, 106.6, 29.6)
answer["inside"] = [f.geometry().boundingBox().xMinimum() for f in layer.getFeatures(QgsFeatureRequest(place))]
""" + CLOSING  # fmt: skip

Qgis = Callable[..., dict[str, Any]]


def test_qgis_loads_every_zone_in_pages_of_a_thousand(ask_qgis: Qgis, ear: Any) -> None:
    answer = ask_qgis(ALL, ear.address, "ghfq", "pageSize='1000'")
    assert answer["valid"], answer["messages"]
    assert answer["read"] == answer["ids"] == answer["count"] > 2000
    pages = ear.pages
    assert len(pages) == -(-answer["read"] // 1000)
    assert all(page["limit"] == "1000" for page in pages)


def test_qgis_identifies_with_a_box_and_one_small_answer(ask_qgis: Qgis, ear: Any) -> None:
    answer = ask_qgis(IDENTIFY, ear.address, "xzq_county", "restrictToRequestBBOX='1' pageSize='1000'")
    assert answer["names"] == ["渝中区"], answer
    assert len(ear.pages) == 1 and "bbox" in ear.pages[0]


def test_qgis_filters_and_sorts_and_sends_the_times(
    ask_qgis: Qgis, ear: Any, json: Callable[..., Any]
) -> None:
    answer = ask_qgis(FILTER, ear.address, "xzq_county", "pageSize='1000'")
    assert answer["set"] and answer["times"], answer["messages"]
    asked = "/collections/xzq_county/items?filter=SJDM='510100' AND MJ > 1000000000&sortby=-MJ"
    expected = json(asked.replace(" ", "%20").replace(">", "%3E"))["features"]
    assert answer["names"] == [one["properties"]["XZQMC"] for one in expected] and len(expected) > 3
    # Its answer holds too what has no end; QGIS 3.22 takes it for the whole answer.
    assert "datetime" in ear.pages[-1]
    assert (
        answer["ended"]
        == json(f"/collections/xzq_county/items?datetime={ear.pages[-1]['datetime']}")["numberMatched"]
    )


def test_qgis_draws_places_where_they_are_whatever_the_storage_crs(ask_qgis: Qgis, ear: Any) -> None:
    answer = ask_qgis(EXTENT, ear.address, "xzq_county", "restrictToRequestBBOX='1'")
    assert answer["crs"] in ("EPSG:4326", "OGC:CRS84", "EPSG:4490")
    west, south, east, north = answer["extent"]
    assert 97 < west < east < 111 and 25 < south < north < 35
    assert answer["inside"] and all(105 < x < 107 for x in answer["inside"])
