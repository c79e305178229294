"""OGC CITE's executable test suite for OGC API Tiles against a running server, in about 20 seconds.

CITE_TILES holds the class path of the suite with all it needs. The abstract tests beside this file go further.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SET = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"


def test_the_suite_passes(live: str, cite: Callable[..., list[Any]]) -> None:
    told = {
        "iut": f"{live}/",
        "tilematrixsetdefinitionuri": SET,
        # Some tiles that hold data.
        "urltemplatefortiles": f"{live}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}",
        "tilematrix": "6",
        "mintilerow": "25",
        "maxtilerow": "26",
        "mintilecol": "49",
        "maxtilecol": "51",
    }
    found = cite("CITE_TILES", told, seconds=170)
    assert [one for one in found if one.status != "PASS"] == []
    assert len(found) >= 16
