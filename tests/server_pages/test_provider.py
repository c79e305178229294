"""The store behind pygeoapi's provider contract, as a stock pygeoapi would use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from pygeoapi.api import APIRequest
from pygeoapi.api.itemtypes import get_collection_item, get_collection_items
from pygeoapi.plugin import load_plugin
from pygeoapi.provider.base import (
    ProviderConnectionError,
    ProviderInvalidQueryError,
    ProviderItemNotFoundError,
)
from pygeofilter import ast, values
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from config.models import Service
from releases.provider import ReleaseProvider
from releases.release import Release
from server import metadata

Json = Callable[..., Any]
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def definition(published: Service, layer: str, **options: str) -> dict[str, Any]:
    return {
        "name": "releases.provider.ReleaseProvider",
        "type": "feature",
        "data": str(published.published),
        "id_field": "id",
        "options": {"layer": layer, **options},
    }


@pytest.fixture
def county(published: Service) -> ReleaseProvider:
    return ReleaseProvider(definition(published, "xzq_county"))


def stock(release: Release, query: str) -> Any:
    """pygeoapi's own items of the counties, by its own code."""
    served = metadata.api(release)
    request = Request(EnvironBuilder(path="/", query_string=query).get_environ())
    _, status, text = get_collection_items(
        served, APIRequest.from_flask(request, served.locales), "xzq_county"
    )
    assert status == 200, text
    return orjson.loads(text)


def test_pygeoapi_serves_the_same_features_through_the_provider(release: Release, json: Json) -> None:
    for query in (
        "limit=5",
        "limit=7&offset=0&SJDM=510100",
        "bbox=106.5,29.5,106.6,29.6",
        "datetime=../2020-01-01",
    ):
        ours = json(f"/collections/xzq_county/items?{query.replace('&offset=0', '')}")
        theirs = stock(release, query)
        assert theirs["numberMatched"] == ours["numberMatched"]
        assert [one["id"] for one in theirs["features"]] == [one["id"] for one in ours["features"]][:10]
    served = metadata.api(release)
    request = APIRequest.from_flask(Request(EnvironBuilder().get_environ()), served.locales)
    _, _, text = get_collection_item(served, request, "xzq_county", "510105")
    assert orjson.loads(text)["properties"] == json("/collections/xzq_county/items/510105")["properties"]


def test_offsets_walk_through_all_features(county: ReleaseProvider) -> None:
    walked = [
        one["id"] for start in range(0, 221, 50) for one in county.query(offset=start, limit=50)["features"]
    ]
    assert len(walked) == len(set(walked)) == 221


def test_the_provider_is_loaded_by_its_dotted_name(published: Service) -> None:
    provider = load_plugin("provider", definition(published, "places"))
    assert provider.fields["GID"]["type"] == "integer"
    assert provider.get_schema()[0] == "application/schema+json"
    assert provider.get_domains()[0]["LB"]


def test_hits_are_counted_without_features(county: ReleaseProvider) -> None:
    found = county.query(resulttype="hits")
    assert found["numberMatched"] == 221 and found["features"] == []


def test_chosen_properties_and_no_geometry(county: ReleaseProvider) -> None:
    [one] = county.query(limit=1, select_properties=["XZQMC"], skip_geometry=True)["features"]
    assert one["geometry"] is None and list(one["properties"]) == ["XZQMC"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sortby": [{"property": "NO_SUCH", "order": "+"}]},
        {"q": "，"},
        {"filterq": ast.Equal(ast.Attribute("NO_SUCH"), 1)},
        {"filterq": ast.Relate(ast.Attribute("geometry"), values.Envelope(1, 2, 3, 4), "T*****FF*")},
        {"properties": [("NO_SUCH", "1")]},
        {"properties": [("MJ", "large")]},
        {"properties": [("MJ", "inf")]},
        {"datetime_": "yesterday"},
        {"bbox": [106.0, float("nan"), 107.0, 30.0]},
    ],
)
def test_what_cannot_be_understood_is_an_error_that_pygeoapi_shows(
    county: ReleaseProvider, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ProviderInvalidQueryError) as raised:
        county.query(**wrong)
    assert raised.value.message == raised.value.user_msg


def test_unknown_names_are_told(published: Service, county: ReleaseProvider) -> None:
    with pytest.raises(ProviderItemNotFoundError):
        county.get("nowhere")
    for options in ({"layer": "no_such"}, {"layer": "places", "release": "0" * 16}):
        with pytest.raises(ProviderConnectionError):
            ReleaseProvider({**definition(published, "places"), "options": options})


def test_a_storage_crs_in_which_nothing_is_stored_is_refused(published: Service) -> None:
    with pytest.raises(ProviderConnectionError, match="EPSG:3857, expected OGC:CRS84 or EPSG:4490"):
        ReleaseProvider({**definition(published, "places"), "storage_crs": EPSG + "3857"})


def test_features_leave_in_x_y_where_the_configuration_wants_it(published: Service) -> None:
    stored = {**definition(published, "places"), "storage_crs": EPSG + "4490"}
    for more, east in (({}, 1), ({"always_xy": True}, 0)):
        [one] = ReleaseProvider({**stored, **more}).query(limit=1)["features"]
        assert 97 < one["geometry"]["coordinates"][east] < 111
