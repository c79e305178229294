"""QGIS, offscreen, adds the vector tiles with the shared style, by the two addresses that its dialogue asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

# A layer of vector tiles holds threads of QGIS that do not survive its exit, so the process just ends.
SCRIPT = """
from qgis.core import (QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsMapRendererParallelJob, QgsMapSettings,
    QgsProject, QgsPointXY, QgsRectangle, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
address, highest, style, picture, box, places = sys.argv[1:]
layer = QgsVectorTileLayer(f"type=xyz&url={address}&zmin=0&zmax={highest}&styleUrl={style}", "tiles")
answer = {"valid": layer.isValid(), "style": layer.loadDefaultStyle()[0]}
degrees, metres = (QgsCoordinateReferenceSystem(name) for name in ("EPSG:4326", "EPSG:3857"))
to_metres = QgsCoordinateTransform(degrees, metres, QgsProject.instance())
settings = QgsMapSettings()
settings.setLayers([layer])
settings.setOutputSize(QSize(1000, 800))
settings.setDestinationCrs(metres)
settings.setBackgroundColor(QColor("magenta"))
settings.setExtent(to_metres.transformBoundingBox(QgsRectangle(*json.loads(box))))
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
labels = job.takeLabelingResults().labelsWithinRect(settings.extent())
image.save(picture)
colours = [image.pixelColor(x, y).name() for x in range(0, 1000, 4) for y in range(0, 800, 4)]

def colour(place):
    at = settings.mapToPixel().transform(to_metres.transform(QgsPointXY(*place)))
    return image.pixelColor(round(at.x()), round(at.y())).name()

tell(answer | {
    "errors": [error.message for error in job.errors()],
    "fills": len(layer.renderer().styles()),
    "colours": len(set(colours)),
    "labels": sorted({label.labelText for label in labels}),
    "undrawn": colours.count("#ff00ff"),
    "places": {name: colour(place) for name, place in json.loads(places).items()},
})
import os
os._exit(0)
"""

#: The whole region at zoom 6; the places (lon, lat) lie where nothing covers the ground.
REGION = (97.2, 25.9, 110.3, 34.4)
OUTSIDE, SICHUAN, CHONGQING = (107.5, 34.0), (100.3, 31.6), (109.55, 31.55)


def document(address: str) -> Any:
    with urlopen(address) as answer:
        return json.load(answer)


def as_rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def nearly(left: str, right: str) -> bool:
    """The same colour but for what the faintest layers above add."""
    return all(abs(a - b) <= 3 for a, b in zip(as_rgb(left), as_rgb(right), strict=True))


def test_qgis_draws_the_tiles_in_the_colours_of_the_style(
    ask_qgis: Callable[..., dict[str, Any]], live: str, tmp_path: Path
) -> None:
    tilejson = document(f"{live}/tiles/WebMercatorQuad?f=tilejson")
    # QGIS 3.22 asks in its own language, and drops the fallback from English names to Chinese ones, so labels with it.
    style_address = f"{live}/styles/blueprint?lang=zh"
    style = document(style_address)
    paint = {layer["id"]: layer.get("paint", {}) for layer in style["layers"]}
    _, _, *labels, _ = paint["xzq_province-ground"]["fill-color"]
    ground = {code: colour for (code,), colour in zip(labels[::2], labels[1::2], strict=True)}
    picture = tmp_path / "map.png"
    answer = ask_qgis(
        SCRIPT,
        tilejson["tiles"][0],
        str(tilejson["maxzoom"]),
        style_address,
        str(picture),
        json.dumps(REGION),
        json.dumps({"outside": OUTSIDE, "sichuan": SICHUAN, "chongqing": CHONGQING}),
    )
    assert answer["valid"] and not answer["style"]
    assert not answer["errors"] and not answer["messages"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert answer["undrawn"] == 0, "a tile was not drawn"
    assert answer["fills"] > 50 and answer["colours"] > 500
    assert {"成都", "重庆"} <= set(answer["labels"])
    assert nearly(answer["places"]["outside"], paint["ground"]["background-color"])
    assert nearly(answer["places"]["sichuan"], ground["510000"])
    assert nearly(answer["places"]["chongqing"], ground["500000"])
