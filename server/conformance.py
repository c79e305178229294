"""What this server conforms to. A class is declared only with the name of the test that proves it.

URIs are those that the standards print. Drafts stand apart, and whoever reads the landing page or the declaration as a
page sees that they are drafts: their texts may still change, and what is done here with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import Response

from config.models import Text
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current

_OGC: Final = "http://www.opengis.net/spec/"
_COMMON: Final = "tests/conformance/test_common.py::"
_FEATURES: Final = "tests/conformance/test_features.py::"
_FILTER: Final = "tests/conformance/test_filter.py::"
_SCHEMAS: Final = "tests/conformance/test_schemas.py::"
_TILES: Final = "tests/conformance/test_tiles.py::"
_SORTING: Final = "tests/conformance/test_sorting.py::"
_SEARCH: Final = "tests/conformance/test_text_search.py::"
_JSON_FG: Final = "tests/conformance/test_json_fg.py::"
_SELECTION: Final = "tests/conformance/test_property_selection.py::"
_ZOOM: Final = "tests/conformance/test_zoom_level.py::"
_SETS: Final = "tests/conformance/test_tile_matrix_sets.py::"
_CQL2: Final = "tests/conformance/test_cql2.py::"

#: Of approved standards: conformance class -> the test, or the class of tests, that proves it.
_APPROVED: Final[Mapping[str, str]] = {
    "ogcapi-common-1/1.0/conf/core": _COMMON + "TestCore",
    "ogcapi-common-1/1.0/conf/landing-page": _COMMON + "TestLandingPage",
    "ogcapi-common-1/1.0/conf/json": _COMMON + "TestJson",
    "ogcapi-common-1/1.0/conf/html": _COMMON + "TestHtml",
    "ogcapi-common-1/1.0/conf/oas30": _COMMON + "TestOas30",
    "ogcapi-common-3/1.0/conf/schemas": _SCHEMAS + "TestSchemas",
    "ogcapi-common-3/1.0/conf/advanced-property-roles": _SCHEMAS + "TestAdvancedPropertyRoles",
    "ogcapi-common-3/1.0/conf/returnables-and-receivables": _SCHEMAS + "TestReturnablesAndReceivables",
    "ogcapi-common-3/1.0/conf/queryables": _SCHEMAS + "TestQueryables",
    "ogcapi-common-3/1.0/conf/sortables": _SORTING + "TestSortables",
    "ogcapi-common-3/1.0/conf/profile-parameter": _SCHEMAS + "TestProfileParameter",
    "ogcapi-common-3/1.0/conf/profile-codelists": _SCHEMAS + "TestProfileCodelists",
    "ogcapi-features-1/1.0/conf/core": _FEATURES + "TestCore",
    "ogcapi-features-1/1.0/conf/oas30": _FEATURES + "TestOas30",
    "ogcapi-features-1/1.0/conf/html": _FEATURES + "TestHtml",
    "ogcapi-features-1/1.0/conf/geojson": _FEATURES + "TestGeojson",
    "ogcapi-features-2/1.0/conf/crs": "tests/conformance/test_crs.py::TestCrs",
    "ogcapi-features-3/1.0/conf/queryables": _FILTER + "TestQueryables",
    "ogcapi-features-3/1.0/conf/queryables-query-parameters": _FILTER + "TestQueryablesQueryParameters",
    "ogcapi-features-3/1.0/conf/filter": _FILTER + "TestFilter",
    "ogcapi-features-3/1.0/conf/features-filter": _FILTER + "TestFeaturesFilter",
    "json-fg-1/1.0/conf/core": _JSON_FG + "TestCore",
    "json-fg-1/1.0/conf/types-schemas": _JSON_FG + "TestTypesSchemas",
    "json-fg-1/1.0/conf/profiles": _JSON_FG + "TestProfiles",
    "json-fg-1/1.0/conf/api": _JSON_FG + "TestApi",
    "cql2/1.0/conf/cql2-text": _CQL2 + "TestCql2Text",
    "cql2/1.0/conf/cql2-json": _CQL2 + "TestCql2Json",
    "cql2/1.0/conf/basic-cql2": _CQL2 + "TestBasicCql2",
    "cql2/1.0/conf/advanced-comparison-operators": _CQL2 + "TestAdvancedComparisonOperators",
    "cql2/1.0/conf/case-insensitive-comparison": _CQL2 + "TestCaseInsensitiveComparison",
    "cql2/1.0/conf/accent-insensitive-comparison": _CQL2 + "TestAccentInsensitiveComparison",
    "cql2/1.0/conf/basic-spatial-functions": _CQL2 + "TestBasicSpatialFunctions",
    "cql2/1.0/conf/basic-spatial-functions-plus": _CQL2 + "TestBasicSpatialFunctionsPlus",
    "cql2/1.0/conf/spatial-functions": _CQL2 + "TestSpatialFunctions",
    "cql2/1.0/conf/temporal-functions": _CQL2 + "TestTemporalFunctions",
    "cql2/1.0/conf/array-functions": _CQL2 + "TestArrayFunctions",
    "cql2/1.0/conf/property-property": _CQL2 + "TestPropertyProperty",
    "cql2/1.0/conf/functions": _CQL2 + "TestFunctions",
    "cql2/1.0/conf/arithmetic": _CQL2 + "TestArithmetic",
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


class Draft(NamedTuple):
    """A standard that is not approved yet: its number, its title, and conformance class -> test as above."""

    number: str
    title: Text
    classes: Mapping[str, str]


#: A draft with no class is not spoken of.
_DRAFTS: Final[tuple[Draft, ...]] = (
    Draft(
        "20-024",
        Text(zh="OGC API 通用标准 第2部分：地理空间数据", en="OGC API - Common - Part 2: Geospatial data"),
        {
            # The draft prints https; servers and clients say http, as for all other parts.
            "ogcapi-common-2/1.0/conf/collections": _COMMON + "TestGeospatialCollections",
            "ogcapi-common-2/1.0/conf/json": _COMMON + "TestGeospatialJson",
            "ogcapi-common-2/1.0/conf/html": _COMMON + "TestGeospatialHtml",
        },
    ),
    Draft(
        "24-019",
        Text(zh="OGC API 要素 第6部分：属性选择", en="OGC API - Features - Part 6: Property Selection"),
        {
            "ogcapi-features-6/1.0/conf/properties": _SELECTION + "TestProperties",
            "ogcapi-features-6/1.0/conf/properties-features": _SELECTION + "TestPropertiesFeatures",
        },
    ),
    Draft(
        "24-020",
        Text(zh="OGC API 要素 第7部分：几何化简", en="OGC API - Features - Part 7: Geometry Simplification"),
        {
            "ogcapi-features-7/1.0/conf/zoom-level": _ZOOM + "TestZoomLevel",
            "ogcapi-features-7/1.0/conf/zoom-level-features": _ZOOM + "TestZoomLevelFeatures",
        },
    ),
    Draft(
        "24-030",
        Text(zh="OGC API 要素 第8部分：排序", en="OGC API - Features - Part 8: Sorting"),
        {
            "ogcapi-features-8/1.0/conf/sortables": _SORTING + "TestSortables",
            "ogcapi-features-8/1.0/conf/sorting": _SORTING + "TestSorting",
            "ogcapi-features-8/1.0/conf/features-sorting": _SORTING + "TestFeaturesSorting",
        },
    ),
    Draft(
        "24-031",
        Text(zh="OGC API 要素 第9部分：文本检索", en="OGC API - Features - Part 9: Text Search"),
        {"ogcapi-features-9/1.0/conf/text-search": _SEARCH + "TestTextSearch"},
    ),
)

#: Whole URI -> proof, drafts included.
CLASSES: Final[Mapping[str, str]] = {
    _OGC + uri: proof
    for classes in (_APPROVED, *(draft.classes for draft in _DRAFTS))
    for uri, proof in classes.items()
}


def drafts(ask: Ask) -> list[dict[str, Any]]:
    """What is declared of standards that are still drafts."""
    return [
        {
            "number": draft.number,
            "title": ask.text(draft.title),
            "conformsTo": [_OGC + uri for uri in draft.classes],
        }
        for draft in _DRAFTS
        if draft.classes
    ]


def conformance() -> Response:
    """The declaration of conformance."""
    ask = current()
    document = {
        "links": alternates(ask, ask.links.conformance, ask.say("符合性声明", "Conformance")),
        "conformsTo": list(CLASSES),
        "drafts": drafts(ask),
    }
    return answer(ask, document, "conformance.html")


ROUTES = (Route("/conformance", conformance),)
