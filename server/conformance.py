"""What this server conforms to. A class is declared only with the name of the test that proves it.

URIs are those that the standards print, and no draft is among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Response

from server.alternates import alternates
from server.answer import answer
from server.ask import Route, current

_OGC = "http://www.opengis.net/spec/"
_PROOFS = "tests/server_pages/test_conformance.py::"
_TILES, _SETS = "tests/conformance/test_tiles.py::", "tests/conformance/test_tile_matrix_sets.py::"

_TESTED: Final = {
    _OGC + uri: _PROOFS + test
    for uri, test in {
        "ogcapi-common-1/1.0/conf/core": "test_common_core",
        "ogcapi-common-1/1.0/conf/landing-page": "test_common_landing_page",
        "ogcapi-common-1/1.0/conf/json": "test_common_json",
        "ogcapi-common-1/1.0/conf/html": "test_common_html",
        "ogcapi-common-1/1.0/conf/oas30": "test_common_oas30",
        "ogcapi-common-3/1.0/conf/schemas": "test_schemas",
        "ogcapi-common-3/1.0/conf/advanced-property-roles": "test_advanced_property_roles",
        "ogcapi-common-3/1.0/conf/returnables-and-receivables": "test_returnables_and_receivables",
        "ogcapi-common-3/1.0/conf/queryables": "test_queryables",
        "ogcapi-common-3/1.0/conf/profile-codelists": "test_profile_codelists",
        "ogcapi-features-1/1.0/conf/core": "test_features_core",
        "ogcapi-features-1/1.0/conf/oas30": "test_features_oas30",
        "ogcapi-features-1/1.0/conf/html": "test_features_html",
        "ogcapi-features-1/1.0/conf/geojson": "test_features_geojson",
        "ogcapi-features-3/1.0/conf/queryables": "test_queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters": "test_queryables_query_parameters",
    }.items()
}
#: Of these standards each abstract test is a test, and a class is proven by a class of tests.
_TESTED_ONE_BY_ONE: Final = {
    "ogcapi-tiles-1/1.0/conf/core": _TILES + "TestCore",
    "ogcapi-tiles-1/1.0/conf/tileset": _TILES + "TestTileset",
    "ogcapi-tiles-1/1.0/conf/tilesets-list": _TILES + "TestTilesetsList",
    "ogcapi-tiles-1/1.0/conf/dataset-tilesets": _TILES + "TestDatasetTilesets",
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": _TILES + "TestGeodataTilesets",
    "ogcapi-tiles-1/1.0/conf/collections-selection": _TILES + "TestCollectionsSelection",
    "ogcapi-tiles-1/1.0/conf/datetime": _TILES + "TestDatetime",
    "ogcapi-tiles-1/1.0/conf/oas30": _TILES + "TestOas30",
    "ogcapi-tiles-1/1.0/conf/mvt": _TILES + "TestMvt",
    "tms/2.0/conf/tilematrixset": _SETS + "TestTileMatrixSet",
    "tms/2.0/conf/json-tilematrixset": _SETS + "TestJsonTileMatrixSet",
    "tms/2.0/conf/tilematrixsetlimits": _SETS + "TestTileMatrixSetLimits",
    "tms/2.0/conf/json-tilematrixsetlimits": _SETS + "TestJsonTileMatrixSetLimits",
    "tms/2.0/conf/tilesetmetadata": _SETS + "TestTilesetMetadata",
    "tms/2.0/conf/json-tilesetmetadata": _SETS + "TestJsonTilesetMetadata",
}
#: Conformance class -> the test, or the class of tests, that proves it.
CLASSES: Final[Mapping[str, str]] = {
    **_TESTED,
    **{_OGC + uri: proof for uri, proof in _TESTED_ONE_BY_ONE.items()},
}


def conformance() -> Response:
    """The declaration of conformance."""
    ask = current()
    document = {
        "links": alternates(ask, ask.links.conformance, ask.say("符合性声明", "Conformance")),
        "conformsTo": list(CLASSES),
    }
    return answer(ask, document, "conformance.html")


ROUTES = (Route("/conformance", conformance),)
