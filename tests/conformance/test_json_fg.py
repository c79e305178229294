"""The abstract tests of OGC 21-045r1 (JSON-FG 1.0), annex A: a class of tests for each conformance class, a test for each.

Documents are pages of every collection, and single features, in both profiles and in CRSs of either axis order. Tests of what
no document of ours has (solids, arcs, measures, a time that is an instant and an interval at once) say that none has it.
"""

from __future__ import annotations

import json as text
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyproj
import pytest
import shapely
from jsonschema import Draft202012Validator

CLASSES = "http://www.opengis.net/spec/json-fg-1/1.0/conf/"
PROFILES = "http://www.opengis.net/def/profile/OGC/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRSS = (CRS84, *(f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4490, 3857, 4523)))
SIMPLE = {
    "Point": 0,
    "MultiPoint": 0,
    "LineString": 1,
    "MultiLineString": 1,
    "Polygon": 2,
    "MultiPolygon": 2,
    "GeometryCollection": None,
}
Json = Callable[..., Any]
Get = Callable[..., Any]
Documents = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def names(json: Json) -> list[str]:
    """The ids of all collections."""
    return [one["id"] for one in json("/collections")["collections"]]


@pytest.fixture(scope="module")
def documents(json: Json, names: list[str]) -> Documents:
    """Collection, profile and CRS -> a page of it as a root object."""
    return {
        (name, profile, crs): json(
            # Simplified, since a schema looks at every position.
            f"/collections/{name}/items?profile={profile}&limit=12&zoom-level=5&crs={quote(crs)}",
            Accept="application/geo+json",
        )
        for name in names
        for profile in ("jsonfg", "jsonfg-plus")
        for crs in CRSS
    }


@pytest.fixture(scope="module")
def alone(json: Json, names: list[str]) -> Documents:
    """The same of single features."""
    found = {}
    for name in names:
        first = json(f"/collections/{name}/items?limit=1")["features"][0]["id"]
        for profile in ("jsonfg", "jsonfg-plus"):
            for crs in CRSS[:2]:
                address = f"/collections/{name}/items/{first}?profile={profile}&zoom-level=5&crs={quote(crs)}"
                found[name, profile, crs] = json(address, Accept="application/geo+json")
    return found


@pytest.fixture(scope="module")
def roots(documents: Documents, alone: Documents) -> list[dict[str, Any]]:
    """All documents."""
    return [*documents.values(), *alone.values()]


def features(root: dict[str, Any]) -> list[dict[str, Any]]:
    return list(root["features"]) if root["type"] == "FeatureCollection" else [root]


def shapes(roots: list[dict[str, Any]], member: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each geometry in a member of a feature, with its root."""
    for root in roots:
        for feature in features(root):
            if feature.get(member) is not None:
                yield root, feature[member]


def positions(shape: dict[str, Any]) -> Iterator[list[float]]:
    if "geometries" in shape:
        for part in shape["geometries"]:
            yield from positions(part)
        return
    waiting = [shape["coordinates"]]
    while waiting:
        one = waiting.pop()
        if one and isinstance(one[0], (int, float)):
            yield one
        else:
            waiting.extend(one)


class TestCore:
    def test_schema_valid(self, roots: list[dict[str, Any]]) -> None:
        schema = text.loads((Path(__file__).parent / "jsonfg.json").read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for root in roots:
            faults = list(validator.iter_errors(root))
            assert not faults, [(list(one.absolute_path), one.message[:200]) for one in faults[:5]]

    def test_metadata_geometry_extension(self, roots: list[dict[str, Any]]) -> None:
        assert {shape["type"] for _, shape in shapes(roots, "place")} <= SIMPLE.keys()

    def test_metadata_measures(self, roots: list[dict[str, Any]]) -> None:
        assert not [root for root in roots for one in (root, *features(root)) if "measures" in one]

    def test_metadata_types_schemas(self, roots: list[dict[str, Any]]) -> None:
        for root in roots:
            assert "featureType" in root and CLASSES + "types-schemas" in root["conformsTo"]

    def test_interval_start_end(self, roots: list[dict[str, Any]]) -> None:
        intervals = [
            one["time"]["interval"]
            for root in roots
            for one in features(root)
            if one["time"] and "interval" in one["time"]
        ]
        assert intervals
        for start, end in intervals:
            if ".." not in (start, end):
                # Both days or both moments (/req/core/interval B, C).
                assert len(start) == len(end) == 10 or min(len(start), len(end)) > 10
                assert datetime.fromisoformat(start) <= datetime.fromisoformat(end)

    def test_times_are_those_of_the_temporal_fields(self, json: Json, documents: Documents) -> None:
        for (name, _, _), root in documents.items():
            roles = {
                schema.get("x-ogc-role"): field
                for field, schema in json(f"/collections/{name}/schema")["properties"].items()
            }
            for feature in features(root):
                said, time = feature["properties"], feature["time"]
                if "primary-instant" in roles:
                    value = said[roles["primary-instant"]]
                    assert time == (value and {"date" if len(value) == 10 else "timestamp": value})
                elif "primary-interval-start" in roles:
                    ends = [said[roles[f"primary-interval-{end}"]] for end in ("start", "end")]
                    assert time == ((any(ends) and {"interval": [end or ".." for end in ends]}) or None)
                else:
                    assert time is None

    def test_instant_and_interval_a(self, roots: list[dict[str, Any]]) -> None:
        for root in roots:
            for feature in features(root):
                if feature["time"]:
                    assert len(feature["time"]) == 1
                    for value in feature["time"].values():
                        assert isinstance(value, list) or date.fromisoformat(value[:10])

    test_instant_and_interval_bc = test_instant_and_interval_a
    test_instant_and_interval_de = test_instant_and_interval_a

    def test_coordinate_dimension_geometry(self, roots: list[dict[str, Any]]) -> None:
        found = {len(one) for _, shape in shapes(roots, "geometry") for one in positions(shape)}
        assert found == {2}

    def test_coordinate_dimension_place(self, roots: list[dict[str, Any]]) -> None:
        found = {len(one) for _, shape in shapes(roots, "place") for one in positions(shape)}
        assert found == {2}

    def test_geometry_wgs84(self, roots: list[dict[str, Any]]) -> None:
        for _, shape in shapes(roots, "geometry"):
            for longitude, latitude in positions(shape):
                assert 97 < longitude < 111 and 25.9 < latitude < 35

    def test_geometry_no_jsonfg_extension(self, roots: list[dict[str, Any]]) -> None:
        for _, shape in shapes(roots, "geometry"):
            assert shape.keys() <= {"type", "coordinates", "geometries"}

    def test_valid_geometry(self, roots: list[dict[str, Any]]) -> None:
        for member in ("geometry", "place"):
            found = [shapely.geometry.shape(shape) for _, shape in shapes(roots, member)]
            assert found and shapely.is_valid(found).all()

    def test_place_geometries(self, documents: Documents, alone: Documents) -> None:
        for found in (documents, alone):
            for (_, profile, crs), root in found.items():
                # /req/core/same-crs: the root says it, and nothing else does.
                assert root["coordRefSys"] == crs
                for feature in features(root):
                    assert feature is root or "coordRefSys" not in feature
                    place, geometry = feature["place"], feature["geometry"]
                    assert place is None or crs != CRS84
                    # /req/core/fallback
                    assert place is None or geometry is None or place != geometry
                    assert geometry is None or crs == CRS84 or profile == "jsonfg-plus"

    def test_axis_order(self, documents: Documents) -> None:
        for crs in CRSS[1:]:
            placed = shapes([root for (_, _, one), root in documents.items() if one == crs], "place")
            authority, _, code = crs.removeprefix("http://www.opengis.net/def/crs/").split("/")
            inverse = pyproj.Transformer.from_crs(f"{authority}:{code}", "OGC:CRS84", always_xy=False)
            first, second = zip(*(one for _, shape in placed for one in positions(shape)), strict=True)
            longitude, latitude = inverse.transform(first, second)
            assert len(longitude) > 1000
            assert 97 < min(longitude) < max(longitude) < 111 and 25.9 < min(latitude) < max(latitude) < 35


class TestTypesSchemas:
    def test_feature_type_1(self, alone: Documents) -> None:
        for (name, _, _), root in alone.items():
            assert root["type"] == "Feature" and root["featureType"] == name

    def test_feature_type_2(self, documents: Documents) -> None:
        for (name, _, _), root in documents.items():
            assert root["featureType"] == name

    def test_geometry_dimension(self, documents: Documents) -> None:
        seen = set()
        for root in documents.values():
            said = root.get("geometryDimension")
            seen.add(said)
            for feature in features(root):
                shape = feature["place"] or feature["geometry"]
                assert said is None or shape is None or SIMPLE[shape["type"]] == said
        assert seen == {0, 1, 2, None}

    def test_feature_schemas(self, roots: list[dict[str, Any]], get: Get) -> None:
        for address in {root["featureSchema"] for root in roots}:
            # The class "Schemas" itself is proven elsewhere.
            answer = get(address, Accept="application/schema+json")
            assert answer.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
            Draft202012Validator.check_schema(answer.json)

    def test_properties_are_those_of_the_schema(self, documents: Documents, json: Json) -> None:
        schemas: dict[str, Any] = {}
        for (name, _, _), root in documents.items():
            schema = schemas.setdefault(name, json(f"/collections/{name}/schema"))
            properties = {
                field: one
                for field, one in schema["properties"].items()
                if one.get("x-ogc-role") != "primary-geometry"
            }
            for feature in features(root):
                assert feature["properties"].keys() == properties.keys()

    def test_single_feature_schema(self, documents: Documents) -> None:
        for root in documents.values():
            assert {feature.get("featureType", root["featureType"]) for feature in features(root)} <= {
                root["featureType"]
            }


def linked(answer: Any) -> list[str]:
    """The profiles that an answer's header names."""
    return re.findall(r'<([^>]*)>; rel="profile"', answer.headers["Link"])


@pytest.fixture(scope="module")
def ask(get: Get, names: list[str]) -> Callable[[str], list[Any]]:
    """The answers of a page and of a feature of every collection, asked for with a query."""

    def ask(query: str) -> list[Any]:
        answers = []
        for name in names:
            page = get(
                f"/collections/{name}/items?limit=5&zoom-level=5&{query}", Accept="application/geo+json"
            )
            one = page.json["features"][0]["id"]
            answers += [page, get(f"/collections/{name}/items/{one}?{query}", Accept="application/geo+json")]
        return answers

    return ask


class TestProfiles:
    def test_rfc7946(self, ask: Callable[[str], list[Any]]) -> None:
        for query in ("", "profile=rfc7946", f"profile=rfc7946&crs={quote(CRSS[2])}"):
            for answer in ask(query):
                assert linked(answer) == [PROFILES + "rfc7946"]
                root = answer.json
                assert root["type"] in ("Feature", "FeatureCollection")
                assert not [uri for uri in root.get("conformsTo", ()) if "json-fg" in uri]
                for feature in features(root):
                    assert feature.keys() <= {"type", "id", "geometry", "properties", "links"}

    def test_json_fg(self, ask: Callable[[str], list[Any]]) -> None:
        for answer in ask("profile=jsonfg"):
            assert linked(answer) == [PROFILES + "jsonfg"]
            assert CLASSES + "core" in answer.json["conformsTo"]

    def test_jsonfg_plus(self, ask: Callable[[str], list[Any]]) -> None:
        placed = 0
        for answer in ask(f"profile=jsonfg-plus&crs={quote(CRSS[3])}"):
            assert linked(answer) == [PROFILES + "jsonfg-plus"]
            for feature in features(answer.json):
                assert (feature["place"] is None) == (feature["geometry"] is None)
                placed += feature["place"] is not None
        assert placed

    def test_the_document_links_to_its_profile_as_well(self, ask: Callable[[str], list[Any]]) -> None:
        for profile in ("rfc7946", "jsonfg", "jsonfg-plus"):
            for answer in ask(f"profile={profile}"):
                rels = [one["href"] for one in answer.json["links"] if one["rel"] == "profile"]
                assert rels == [PROFILES + profile]


class TestApi:
    def test_profile_parameter_rfc7946(self, ask: Callable[[str], list[Any]]) -> None:
        for answer in ask("profile=rfc7946"):
            assert answer.headers["Content-Type"] == "application/geo+json"
            assert linked(answer) == [PROFILES + "rfc7946"]
            assert "conformsTo" not in answer.json

    def test_profile_parameter_jsonfg(self, ask: Callable[[str], list[Any]]) -> None:
        for answer in ask("profile=jsonfg"):
            assert answer.headers["Content-Type"] == "application/geo+json"
            assert linked(answer) == [PROFILES + "jsonfg"]
            assert "conformsTo" in answer.json

    def test_rfc7946_is_the_default(self, ask: Callable[[str], list[Any]]) -> None:
        assert {profile for answer in ask("") for profile in linked(answer)} == {PROFILES + "rfc7946"}

    def test_a_profile_has_a_name_and_a_uri_and_the_first_that_fits_counts(self, get: Get) -> None:
        page = "/collections/rivers/items?limit=1&"
        for query, applied in {
            f"profile={quote(PROFILES)}jsonfg": "jsonfg",
            "profile=jsonfg-plus,jsonfg": "jsonfg-plus",
            "profile=rfc7946,jsonfg": "rfc7946",
            "f=jsonfg": "jsonfg",
            "f=jsonfg&profile=rfc7946": "jsonfg",
            "f=jsonfg&profile=rfc7946,jsonfg-plus": "jsonfg-plus",
        }.items():
            assert linked(get(page + query)) == [PROFILES + applied], query
        # A form without profiles leaves the parameter alone (OGC 23-058r2, /rec/profile-parameter/profile-negotiation).
        assert linked(get(page + "f=csv&profile=jsonfg")) == []

    def test_a_profile_that_nobody_knows_is_told(self, get: Get) -> None:
        for query in ("profile=json-fg", "profile=jsonfg,", "profile=jsonfg;plus", "profile=,"):
            answer = get(f"/collections/rivers/items?{query}", 400)
            assert answer.json["errors"][0]["parameter"] == "profile", query
            assert "jsonfg-plus" in answer.json["errors"][0]["expected"]

    def test_a_walk_keeps_its_profile(self, json: Json) -> None:
        pages = [json("/collections/xzq_county/items?limit=100&profile=jsonfg&f=geojson")]
        while following := [one["href"] for one in pages[-1]["links"] if one["rel"] == "next"]:
            pages.append(json(following[0]))
        assert [len(page["features"]) for page in pages] == [100, 100, 21]
        assert all(CLASSES + "core" in page["conformsTo"] for page in pages)
        for one, other in pairwise(pages):
            assert one["featureType"] == other["featureType"]
