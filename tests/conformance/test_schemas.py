"""The abstract tests of OGC 23-058r2 (Common Part 3 = Features Part 5), annex A: a class of tests for each conformance class.

`test_role_id` in `TestSchemas` is /conf/schemas/role-id. The schemas under test are those of every resource that has one,
in both profiles of code lists. A schema is of the logical model: where GeoJSON says null, a feature has no such property.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import Client

from releases.release import Release

Json = Callable[..., Any]
Get = Callable[..., Any]
Linked = Callable[..., list[dict[str, Any]]]
Schemas = Callable[..., Iterator[tuple[str, str, dict[str, Any]]]]
OGC = "http://www.opengis.net/def/rel/ogc/1.0/"
CONF = "http://www.opengis.net/spec/ogcapi-common-3/1.0/conf/"
PROFILE = "http://www.opengis.net/def/profile/OGC/0/"
MEDIA = "application/schema+json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS = ("schema", "queryables", "sortables")
PROFILES = ("codelist-inline", "codelist-ref")
GEOMETRIES = re.compile(
    "geometry-(point|multipoint|linestring|multilinestring|polygon|multipolygon|geometrycollection|any"
    "|point-or-multipoint|linestring-or-multilinestring|polygon-or-multipolygon)"
)
#: Case-sensitive codes of UCUM that are known to be units.
UCUM = {"m", "m2", "deg", "km", "km2", "har", "a", "%", "1"}


@pytest.fixture(scope="module")
def collections(json: Json) -> list[dict[str, Any]]:
    return [json(f"/collections/{one['id']}") for one in json("/collections")["collections"]]


@pytest.fixture(scope="module")
def schemas(json: Json, collections: list[dict[str, Any]]) -> Schemas:
    """Every schema, with the collection's id and the kind of schema."""

    def schemas(*kinds: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for one in collections:
            for kind in kinds or KINDS:
                for profile in PROFILES:
                    yield one["id"], kind, json(f"/collections/{one['id']}/{kind}?profile={profile}")

    return schemas


def with_keyword(schema: dict[str, Any], keyword: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in schema["properties"].items() if keyword in one}


def with_role(schema: dict[str, Any], role: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in schema["properties"].items() if one.get("x-ogc-role") == role}


def link_is(collections: list[dict[str, Any]], linked: Linked, kind: str) -> None:
    """Each collection links to its schema at the address that the standard names, without a query."""
    for one in collections:
        [link] = linked(one, f"{OGC}{kind}", MEDIA)
        assert link["href"] == f"http://localhost/collections/{one['id']}/{kind}"


def resource_is(get: Get, schemas: Schemas, kind: str) -> None:
    """The schema of a collection is there, in its media type, and passes the class of schemas."""
    for name, _, schema in schemas(kind):
        answer = get(f"/collections/{name}/{kind}", Accept=MEDIA)
        assert answer.content_type == MEDIA
        assert answer.json["$id"] == schema["$id"]
        assert schema["additionalProperties"] is False
        Draft202012Validator.check_schema(schema)


class TestSchemas:
    def test_basic_schema_inspection(self, schemas: Schemas, get: Get) -> None:
        known = set(Draft202012Validator.META_SCHEMA["allOf"][0]) and {
            *("$schema", "$id", "title", "description", "type", "properties", "required", "format", "items"),
            *("enum", "const", "oneOf", "pattern", "maxLength", "additionalProperties", "readOnly"),
        }
        for name, _, schema in schemas():
            Draft202012Validator.check_schema(schema)
            assert schema["$schema"] == DIALECT
            assert schema["$id"].startswith("http") and "?" not in schema["$id"]
            assert get(schema["$id"], Accept=MEDIA).content_type == MEDIA
            assert schema["type"] == "object"
            for field, one in schema["properties"].items():
                if "type" in one:
                    assert not str(one.get("format", "")).startswith("geometry-"), (name, field)
                else:
                    assert GEOMETRIES.fullmatch(one["format"]) and "$ref" not in one
                assert "title" in one
                members = (one, one.get("items", {}), *one.get("oneOf", ()))
                assert all(key in known or key.startswith("x-") for member in members for key in member)

    def test_basic_schema_inspection_of_times(self, json: Json, release: Release) -> None:
        for layer in release.manifest.layers:
            properties = json(f"/collections/{layer.id}/schema")["properties"]
            for field in layer.layer.fields:
                assert (properties[field.name].get("format") == "date") == (field.type == "date")

    def test_basic_schema_inspection_of_what_is_only_returned(self, schemas: Schemas) -> None:
        for _, kind, schema in schemas():
            only = {one.get("readOnly", False) for one in schema["properties"].values()}
            assert only == {kind == "schema"}
            assert not with_keyword(schema, "writeOnly")

    def test_additional_keywords(self, schemas: Schemas) -> None:
        for _, _, schema in schemas():
            keywords = {key for one in schema["properties"].values() for key in one if key.startswith("x-")}
            assert all(key.startswith("x-ogc-") for key in keywords)

    def test_role(self, schemas: Schemas) -> None:
        for _, _, schema in schemas():
            assert all(
                isinstance(one["x-ogc-role"], str) for one in with_keyword(schema, "x-ogc-role").values()
            )

    def test_role_id(self, schemas: Schemas, release: Release) -> None:
        for name, _, schema in schemas():
            [(field, one)] = with_role(schema, "id").items()
            assert field == release.manifest.layer(name).layer.id_field.name
            assert one["type"] in ("string", "integer")

    def test_property_seq(self, schemas: Schemas) -> None:
        for _, _, schema in schemas():
            places = [one["x-ogc-propertySeq"] for one in schema["properties"].values()]
            assert all(type(place) is int for place in places)
            assert places == sorted(set(places))

    def test_unit(self, schemas: Schemas) -> None:
        found = 0
        for _, _, schema in schemas():
            for one in with_keyword(schema, "x-ogc-unit").values():
                assert one["type"] in ("number", "integer")
                assert one["x-ogc-unit"] in UCUM
                found += 1
        assert found

    def test_definition(self, schemas: Schemas) -> None:
        assert not [name for name, _, schema in schemas() if with_keyword(schema, "x-ogc-definition")]

    def test_nullvalues(self, schemas: Schemas) -> None:
        assert not [name for name, _, schema in schemas() if with_keyword(schema, "x-ogc-nullValues")]


class TestAdvancedPropertyRoles:
    def test_role_primary_geometry(self, schemas: Schemas) -> None:
        for _, _, schema in schemas("schema", "queryables"):
            [(field, one)] = with_role(schema, "primary-geometry").items()
            assert field == "geometry" and "type" not in one and GEOMETRIES.fullmatch(one["format"])

    def test_role_primary_temporal(self, schemas: Schemas) -> None:
        seen = set()
        for _, _, schema in schemas():
            roles = ("primary-instant", "primary-interval-start", "primary-interval-end", "primary-interval")
            found = {role: with_role(schema, role) for role in roles}
            assert all(len(fields) <= 1 for fields in found.values())
            given = {role for role, fields in found.items() if fields}
            assert given in (set(), {"primary-instant"}, {"primary-interval-start", "primary-interval-end"})
            for role in given:
                [one] = found[role].values()
                assert (one["type"], one["format"]) == ("string", "date")
            seen |= given
        assert seen >= {"primary-interval-start", "primary-interval-end"}

    def test_role_type(self, schemas: Schemas) -> None:
        for _, _, schema in schemas():
            found = with_role(schema, "type")
            assert len(found) <= 1 and all(one["type"] == "string" for one in found.values())


class TestReturnablesAndReceivables:
    def test_get_conformance(self, json: Json) -> None:
        declared = json("/conformance")["conformsTo"]
        assert {f"{CONF}schemas", f"{CONF}returnables-and-receivables"} <= set(declared)

    def test_link(self, collections: list[dict[str, Any]], linked: Linked) -> None:
        link_is(collections, linked, "schema")

    def test_op_and_response(self, get: Get, schemas: Schemas) -> None:
        resource_is(get, schemas, "schema")

    def test_response_1(self, json: Json, schemas: Schemas) -> None:
        """Features are valid, property by property, and have none that the schema does not have; the id is that of role id."""
        for name, _, schema in schemas("schema"):
            properties = {field: one for field, one in schema["properties"].items() if field != "geometry"}
            validator = Draft202012Validator({**schema, "properties": properties})
            [(id_field, id_schema)] = with_role(schema, "id").items()
            kind = schema["properties"]["geometry"]["format"].removeprefix("geometry-")
            features = json(f"/collections/{name}/items?limit=200")["features"]
            for feature in features:
                assert set(feature["properties"]) <= set(properties)
                given = {field: value for field, value in feature["properties"].items() if value is not None}
                assert not list(validator.iter_errors(given)), (name, feature["id"])
                assert feature["properties"][id_field] == feature["id"]
                Draft202012Validator(id_schema).validate(feature["id"])
                assert not feature["geometry"] or kind in ("any", feature["geometry"]["type"].lower())
            alone = json(f"/collections/{name}/items/{features[0]['id']}") if features else {"properties": {}}
            assert set(alone["properties"]) <= set(properties)

    def test_response_2(self, client: Client, collections: list[dict[str, Any]]) -> None:
        # Nothing is written by this API, so there is nothing to receive.
        for one in collections:
            assert client.put(f"/collections/{one['id']}/items/1", json={}).status_code == 405


class TestQueryables:
    def test_get_conformance(self, json: Json) -> None:
        assert {f"{CONF}schemas", f"{CONF}queryables"} <= set(json("/conformance")["conformsTo"])

    def test_link(self, collections: list[dict[str, Any]], linked: Linked) -> None:
        link_is(collections, linked, "queryables")

    def test_op_and_response(self, get: Get, schemas: Schemas) -> None:
        resource_is(get, schemas, "queryables")

    def test_op_and_response_what_is_not_declared_is_refused(self, get: Get, schemas: Schemas) -> None:
        for name, _, schema in schemas("queryables"):
            assert "no_such_property" not in schema["properties"]
            get(f"/collections/{name}/items?filter=no_such_property%20IS%20NULL", 400)


class TestSortables:
    def test_get_conformance(self, json: Json) -> None:
        assert {f"{CONF}schemas", f"{CONF}sortables"} <= set(json("/conformance")["conformsTo"])

    def test_link(self, collections: list[dict[str, Any]], linked: Linked) -> None:
        link_is(collections, linked, "sortables")

    def test_op_and_response(self, get: Get, schemas: Schemas) -> None:
        resource_is(get, schemas, "sortables")
        for _, _, schema in schemas("sortables"):
            types = {one["type"] for one in schema["properties"].values()}
            assert types and not types & {"array", "object"}

    def test_op_and_response_what_is_not_declared_is_refused(self, get: Get, schemas: Schemas) -> None:
        for name, _, schema in schemas("sortables"):
            get(f"/collections/{name}/items?limit=1&sortby={next(iter(schema['properties']))}")
            get(f"/collections/{name}/items?limit=1&sortby=no_such_property", 400)


def allowed(json: Json, kind: str) -> list[str]:
    """The profiles that the definition allows for a kind of schema."""
    document = json("/api")
    shared = document["components"]["parameters"]
    given = document["paths"][f"/collections/{{collectionId}}/{kind}"]["get"]["parameters"]
    [profile] = [one for ref in given if (one := shared[ref["$ref"].rpartition("/")[2]])["name"] == "profile"]
    assert (profile["in"], profile["required"]) == ("query", False)
    assert (profile["style"], profile["explode"]) == ("form", False)
    assert profile["schema"]["type"] == "array"
    return list(profile["schema"]["items"]["enum"])


@pytest.mark.parametrize("kind", KINDS)
class TestProfileParameter:
    def test_get_conformance(self, json: Json, kind: str) -> None:
        assert f"{CONF}profile-parameter" in json("/conformance")["conformsTo"]

    def test_profile_param(self, json: Json, kind: str) -> None:
        names = allowed(json, kind)
        assert set(PROFILES) <= set(names)
        # Names in the register of OGC, which is on no closed network: they are not fetched here.
        assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)

    def test_profile_param_response(self, json: Json, get: Get, kind: str) -> None:
        address = f"/collections/xzq_county/{kind}"
        get(address)
        for name in allowed(json, kind):
            told = get(f"{address}?profile={name}").headers["Link"]
            assert re.search(rf'<{PROFILE}codelist-(inline|ref)>; rel="profile"', told)
            assert get(f"{address}?profile={PROFILE}{name}").json == json(f"{address}?profile={name}")
            [fault] = get(f"{address}?profile={name},no-such-profile", 400).json["errors"]
            assert fault["parameter"] == "profile"
        get(f"{address}?profile=no-such-profile", 400)
        get(f"{address}?profile={','.join(allowed(json, kind))}")


@pytest.mark.parametrize("kind", KINDS)
class TestProfileCodelists:
    def test_get_conformance(self, json: Json, kind: str) -> None:
        assert f"{CONF}profile-codelists" in json("/conformance")["conformsTo"]

    def test_codelists(self, json: Json, get: Get, release: Release, kind: str) -> None:
        for layer in release.manifest.layers:
            address = f"/collections/{layer.id}/{kind}"
            assert get(address).json == json(f"{address}?profile=codelist-inline")
            inline, by_reference = (self.codes(get, f"{address}?profile={name}") for name in PROFILES)
            listed = {field.name: field.codelist for field in layer.layer.fields if field.codelist}
            assert inline.keys() == by_reference.keys() <= listed.keys()
            for field, one in inline.items():
                assert "enum" not in one and "x-ogc-codelistUri" not in one
                assert all({"const", "title"} <= code.keys() for code in one["oneOf"])
                other = by_reference[field]
                assert "oneOf" not in other and other["type"] in ("string", "integer")
                assert other["enum"] == [code["const"] for code in one["oneOf"]]
                assert other["x-ogc-codelistUri"].startswith("http")

    def test_codelists_are_where_a_schema_says(self, json: Json, get: Get, kind: str) -> None:
        inline, by_reference = (
            self.codes(get, f"/collections/xzq_county/{kind}?profile={name}") for name in PROFILES
        )
        for field, one in by_reference.items():
            found = get(one["x-ogc-codelistUri"], Accept="application/json").json
            assert {code["value"]: code["title"] for code in found["codes"]} == {
                str(code["const"]): code["title"] for code in inline[field]["oneOf"]
            }

    @staticmethod
    def codes(get: Get, address: str) -> dict[str, dict[str, Any]]:
        """What says the codes of each field that has some: the property, or its members."""
        answer = get(address, Accept=MEDIA)
        assert answer.content_type == MEDIA
        Draft202012Validator.check_schema(answer.json)
        members = {name: one.get("items", one) for name, one in answer.json["properties"].items()}
        found = {name: one for name, one in members.items() if "oneOf" in one or "enum" in one}
        # All in one way, and the header says in which.
        assert len({"enum" in one for one in found.values()}) <= 1
        told = "codelist-ref" if "profile=codelist-ref" in address else "codelist-inline"
        assert f'<{PROFILE}{told}>; rel="profile"' in answer.headers["Link"]
        return found
