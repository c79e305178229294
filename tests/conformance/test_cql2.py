"""The abstract tests of CQL2 (OGC 21-065r2), annex A: a class of tests for each conformance class, a test for each.

They run over HTTP against the standard's own test data (tests/regions/earth), where expected counts are the standard's own
(cql2.json), and all of them in both encodings; the JSON of a text is made by an independent parser. A test of name
`test_is_null` in `TestBasicCql2` is /conf/basic-cql2/is-null. The standard's queryable `geom` is `geometry` here.
"""

from __future__ import annotations

import json as text
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import cql2 as parser
import pytest
import shapely
from pyproj import Geod
from werkzeug.test import Client

import config
from releases import cql2
from releases.publication import publish
from server.application import create_application

EARTH = Path(__file__).parent.parent / "regions" / "earth"
COUNTRIES, PLACES, RIVERS, SAMPLES = (
    "ne_110m_admin_0_countries",
    "ne_110m_populated_places_simple",
    "ne_110m_rivers_lake_centerlines",
    "samples",
)
TABLE = text.loads((Path(__file__).parent / "cql2.json").read_text())
#: What the standard counts wrong in its own data: three names begin with "Ch" (Chișinău, Chicago, Chengdu), one with "Chis".
MISCOUNTED = {
    "ACCENTI(name) LIKE accenti('Ch%')": 3,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('Chiș%'))": 1,
    "ACCENTI(CASEI(name)) LIKE accenti(casei('cHis%'))": 1,
}
COMPARISONS = ("=", "<>", ">", "<", ">=", "<=")
VALUES = {
    "string": "'foo'",
    "boolean": "true",
    "number": "3.14",
    "integer": "1",
    "date": "DATE('2022-04-14')",
}
#: Another of the standard's values: dates and times share a type here.
TIMESTAMP = "TIMESTAMP('2022-04-14T14:48:46Z')"
WORLD = "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
Found = set[Any]


@pytest.fixture(scope="module", name="client")
def the_client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    published = str(tmp_path_factory.mktemp("earth") / "published")
    service = config.load(EARTH / "service.yml", {"BLUEPRINT_PUBLISHED": published})
    outcome = publish(service)
    assert outcome.status == "published", [str(finding) for finding in outcome.findings]
    return Client(create_application(service))


@dataclass(frozen=True)
class Evaluation:
    """The implementation under test, in one encoding; every filter that it was given with success is kept."""

    client: Client
    lang: str
    queryables: dict[str, dict[str, str]]

    def ask(self, source: str, filter: str) -> Any:
        written = filter.replace("geom,", "geometry,").replace("geom)", "geometry)")
        if self.lang == "cql2-json":
            written = text.dumps(parser.parse_text(written).to_json())
        query = {"filter": written, "filter-lang": self.lang, "limit": "1000", "f": "json"}
        return self.client.get(f"/collections/{source}/items", query_string=query)

    def found(self, source: str, filter: str) -> Found:
        """The ids of the items for which a filter is true; the evaluation must be successful."""
        answer = self.ask(source, filter)
        assert answer.status_code == 200, (filter, answer.get_data(as_text=True))
        ids = [feature["id"] for feature in answer.json["features"]]
        assert answer.json["numberMatched"] == len(ids) == len(set(ids))
        return set(ids)

    def of_type(self, *kinds: str) -> list[tuple[str, str]]:
        """(data source, queryable) of these types."""
        return [
            (source, name)
            for source, names in self.queryables.items()
            for name, kind in names.items()
            if kind in kinds
        ]


@pytest.fixture(scope="module", params=["cql2-text", "cql2-json"], name="under")
def under_test(client: Client, request: pytest.FixtureRequest) -> Evaluation:
    queryables = {}
    for source in (COUNTRIES, PLACES, RIVERS, SAMPLES):
        document = client.get(f"/collections/{source}/queryables").json
        assert document is not None
        queryables[source] = {name: kind_of(schema) for name, schema in document["properties"].items()}
    return Evaluation(client, request.param, queryables)


def kind_of(schema: dict[str, str]) -> str:
    if schema.get("format", "").startswith("geometry"):
        return schema["format"]
    return schema.get("format") or schema["type"]


def rows(name: str) -> list[tuple[str, str, int]]:
    return [
        (source, filter, MISCOUNTED.get(filter, count))
        for conformance, source, filter, count in TABLE["predicates"]
        if conformance == name
    ]


class OfClass:
    """What every class tests alike: its table of predicates, and these joined by AND, OR and NOT."""

    name: str

    def test_test_data(self, under: Evaluation) -> None:
        wrong = {
            filter: (len(found), count)
            for source, filter, count in rows(self.name)
            if len(found := under.found(source, filter)) != count
        }
        assert not wrong

    def test_logical(self, under: Evaluation) -> None:
        """Random combinations of four; their sets are known from the sets of each, since null is told by `IS NULL`."""
        chance = random.Random(self.name)
        by_source: dict[str, list[str]] = defaultdict(list)
        for source, filter, _ in rows(self.name):
            by_source[source].append(f"({filter})")
        for source, filters in by_source.items():
            everything = under.found(source, "true")
            for _ in range(10):
                chosen = chance.choices(filters, k=4)
                p1, p2, p3, p4 = chosen
                true = [under.found(source, one) for one in chosen]
                false = [everything - true[i] - unknown(under, source, one) for i, one in enumerate(chosen)]
                joined = f"((NOT {p1} AND {p2}) OR ({p3} and NOT {p4}) or not ({p1} AND {p4}))"
                expected = (false[0] & true[1]) | (true[2] & false[3]) | false[0] | false[3]
                assert under.found(source, joined) == expected, joined


def unknown(under: Evaluation, source: str, filter: str) -> Found:
    """The items for which a filter is neither true nor false."""
    return under.found(source, f"{filter} IS NULL")


class TestBasicCql2(OfClass):
    """/conf/basic-cql2"""

    name = "basic-cql2"

    def test_basic_test(self, under: Evaluation) -> None:
        for kinds in under.queryables.values():
            assert kinds and all(kinds.values())
            assert set(kinds.values()) & {*VALUES}

    def test_comparison(self, under: Evaluation) -> None:
        compared(under, lambda queryable, op, value: f"{queryable} {op} {value}")

    def test_is_null(self, under: Evaluation) -> None:
        for source, kinds in under.queryables.items():
            for name in map(quoted, kinds):
                with_none, with_some = (
                    under.found(source, f"{name} IS NULL"),
                    under.found(source, f"{name} is not null"),
                )
                assert not with_none & with_some
                assert with_none | with_some == under.found(source, "TRUE")

    def test_boolean(self, under: Evaluation) -> None:
        for source in under.queryables:
            assert under.found(source, "true")
            assert not under.found(source, "false")

    def test_logical(self, under: Evaluation) -> None:
        super().test_logical(under)
        wrong = {}
        for p1, p2, p3, p4, count in TABLE["combinations"]:
            joined = f"(NOT ({p2}) AND {p1}) OR ({p3} and {p4}) or not ({p1} OR {p4})"
            if (found := len(under.found(PLACES, joined))) != count:
                wrong[joined] = found, count
        assert not wrong


def quoted(name: str) -> str:
    """A name that may be a word of CQL2, as all may be written."""
    return f'"{name}"'


def compared(under: Evaluation, write: Callable[[str, str, str], str]) -> None:
    for source, name in under.of_type(*VALUES):
        kind = under.queryables[source][name]
        for value in (VALUES[kind], *([TIMESTAMP] if kind == "date" else [])):
            found = {op: under.found(source, write(quoted(name), op, value)) for op in COMPARISONS}
            for one, other in (("=", "<>"), (">", "<="), ("<", ">=")):
                assert not found[one] & found[other]


class TestAdvancedComparisonOperators(OfClass):
    """/conf/advanced-comparison-operators"""

    name = "advanced-comparison-operators"

    def test_like_predicate(self, under: Evaluation) -> None:
        for source, name in under.of_type("string"):
            like = {
                pattern: under.found(source, f"{quoted(name)} like '{pattern}'")
                for pattern in ("%", "_%", "", "%%", r"\\%\\_")
            }
            assert not like["_%"] & like[""]
            assert like["%"] == like["%%"]

    def test_between_predicate(self, under: Evaluation) -> None:
        for source, name in under.of_type("number", "integer"):
            within = under.found(source, f"{quoted(name)} BETWEEN 0 AND 100")
            assert within == under.found(source, f"{quoted(name)} >= 0 AND {quoted(name)} <= 100")
            assert not under.found(source, f"{quoted(name)} between 100.0 and 1.0")

    def test_in_predicate(self, under: Evaluation) -> None:
        lists = {
            "number": "(1, 2, 3)",
            "integer": "(1, 2, 3)",
            "string": "('foo', 'bar')",
            "boolean": "(true)",
            "date": "('2022-04-14', '2022-04-15')",
        }
        for source, name in under.of_type(*lists):
            under.found(source, f"{quoted(name)} IN {lists[under.queryables[source][name]]}")
        times = "('2022-04-14T14:52:56Z', '2022-04-14T15:52:56Z')"
        for source, name in under.of_type("date"):
            under.found(source, f"{quoted(name)} in {times}")


class TestCaseInsensitiveComparison(OfClass):
    """/conf/case-insensitive-comparison"""

    name = "case-insensitive-comparison"

    def test_casei(self, under: Evaluation) -> None:
        for source, name in under.of_type("string"):
            same = under.found(source, f"CASEI({quoted(name)}) = casei('foo')")
            assert not same & under.found(source, f"CASEI({quoted(name)}) <> casei('FOO')")

    def test_casei_like(self, under: Evaluation) -> None:
        for source, name in under.of_type("string"):
            lower = under.found(source, f"CASEI({quoted(name)}) LIKE casei('foo%')")
            assert lower == under.found(source, f"CASEI({quoted(name)}) LIKE casei('FOO%')")

    def test_it_folds_fully_and_null_is_null(self, under: Evaluation) -> None:
        # /req/case-insensitive-comparison/casei-function D and E: a sharp s folds to two.
        assert under.found(SAMPLES, "casei('Straße') = casei('STRASSE')") == under.found(SAMPLES, "true")
        assert under.found(SAMPLES, "casei(text) IS NULL") == under.found(SAMPLES, "text IS NULL") != set()


class TestAccentInsensitiveComparison(OfClass):
    """/conf/accent-insensitive-comparison"""

    name = "accent-insensitive-comparison"

    def test_accenti(self, under: Evaluation) -> None:
        for source, name in under.of_type("string"):
            same = under.found(source, f"ACCENTI({quoted(name)}) = accenti('äöüéáí')")
            assert not same & under.found(source, f"ACCENTI({quoted(name)}) <> accenti('aoueai')")

    def test_accenti_like(self, under: Evaluation) -> None:
        self.alike(under, "ACCENTI({}) LIKE accenti('Ä%')", "ACCENTI({}) LIKE accenti('A%')")

    def test_accenti_casei(self, under: Evaluation) -> None:
        self.alike(
            under, "ACCENTI(CASEI({})) = accenti(casei('ÄÉ'))", "ACCENTI(CASEI({})) = accenti(casei('ae'))"
        )
        assert len(under.found(SAMPLES, "ACCENTI(CASEI(text)) = 'ae'")) == 2

    def test_accenti_casei_like(self, under: Evaluation) -> None:
        self.alike(
            under,
            "ACCENTI(CASEI({})) LIKE accenti(casei('Ä%'))",
            "ACCENTI(CASEI({})) LIKE accenti(casei('a%'))",
        )

    def test_voicing_marks_stay_and_null_is_null(self, under: Evaluation) -> None:
        # /rec/accent-insensitive-comparison/japanese-non-spacing-marks; …/accenti-function D
        assert not under.found(SAMPLES, "accenti('はじめ') = accenti('はしめ')")
        assert under.found(SAMPLES, "accenti(text) IS NULL") == under.found(SAMPLES, "text IS NULL") != set()

    def alike(self, under: Evaluation, one: str, other: str) -> None:
        for source, name in under.of_type("string"):
            assert under.found(source, one.format(quoted(name))) == under.found(
                source, other.format(quoted(name))
            )


class TestBasicSpatialFunctions(OfClass):
    """/conf/basic-spatial-functions"""

    name = "basic-spatial-functions"

    def test_s_intersects(self, under: Evaluation) -> None:
        for source in under.queryables:
            assert under.found(source, "S_INTERSECTS(geom,BBOX(-180,-90,180,90))") == placed(under, source)
            under.found(source, "S_INTERSECTS(geom,POINT(7.02 49.92))")
            outside(under, source, "S_INTERSECTS(geom,POINT(90 180))")
            under.found(
                source,
                "S_INTERSECTS(geom,BBOX(-180,-90,-90,90)) AND S_INTERSECTS(geom,BBOX(90,-90,180,90))",
            )


def placed(under: Evaluation, source: str) -> Found:
    return under.found(source, "geometry IS NOT NULL")


def outside(under: Evaluation, source: str, filter: str) -> None:
    """Refused for a coordinate that is none."""
    answer = under.ask(source, filter)
    assert answer.status_code == 400
    (fault,) = answer.json["errors"]
    assert fault["parameter"] == "filter" and "outside" in fault["i18n"]["en"]["detail"]


class TestBasicSpatialFunctionsPlus(OfClass):
    """/conf/basic-spatial-functions-plus"""

    name = "basic-spatial-functions-plus"

    def test_s_intersects(self, under: Evaluation) -> None:
        for source in under.queryables:
            outside(under, source, "S_INTERSECTS(geom,MULTIPOINT(7.02 49.92, 90 180))")
            for literal in (
                "LINESTRING(-180 -45, 0 -45)",
                "MULTILINESTRING((-180 -45, 0 -45), (0 45, 180 45))",
                "POLYGON((-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50))",
                "MULTIPOLYGON(((-180 -90, -90 -90, -90 90, -180 90, -180 -90), (-120 -50, -100 -50, -100 -40, -120 -40, -120 -50)),((0 0, 10 0, 10 10, 0 10, 0 0)))",
                "GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 10, 0 0)))",
            ):
                under.found(source, f"S_INTERSECTS(geom,{literal})")

    def test_a_dimension_is_known_by_the_coordinates(self, under: Evaluation) -> None:
        # 21-065r2, 8.2: with and without Z, and heights do not matter.
        flat = under.found(COUNTRIES, "S_INTERSECTS(geom,POINT(7.02 49.92))")
        assert flat == under.found(COUNTRIES, "S_INTERSECTS(geom,POINT(7.02 49.92 100))")
        assert flat == under.found(COUNTRIES, "S_INTERSECTS(geom,POINT Z(7.02 49.92 100))")


class TestSpatialFunctions(OfClass):
    """/conf/spatial-functions"""

    name = "spatial-functions"
    literals = ("BBOX(-180,-90,180,90)", WORLD, "LINESTRING(7 50,10 51)", "POINT(7.02 49.92)")

    def test_s_intersects(self, under: Evaluation) -> None:
        for source in under.queryables:
            box, polygon, *_ = self.each(under, source, "S_INTERSECTS", self.literals)
            assert box == polygon == placed(under, source)
            outside(under, source, "S_INTERSECTS(geom,POINT(90 180))")

    def test_s_disjoint(self, under: Evaluation) -> None:
        for source in under.queryables:
            apart = self.each(under, source, "S_DISJOINT", self.literals)
            assert not apart[0] and not apart[1]
            meeting = self.each(under, source, "S_INTERSECTS", self.literals)
            for one, other in zip(apart, meeting, strict=True):
                assert not one & other and one | other == placed(under, source)
            outside(under, source, "S_DISJOINT(geom,POINT(90 180))")

    def test_s_equals(self, under: Evaluation) -> None:
        for source in under.queryables:
            world, line, _ = self.each(under, source, "S_EQUALS", self.literals[1:])
            assert world == line

    def test_s_touches(self, under: Evaluation) -> None:
        for source in under.queryables:
            self.each(under, source, "S_TOUCHES", self.literals[:3])

    def test_s_crosses(self, under: Evaluation) -> None:
        for source in (PLACES, RIVERS):
            self.each(under, source, "S_CROSSES", self.literals[:3])

    def test_s_within(self, under: Evaluation) -> None:
        for source in under.queryables:
            box, polygon, *_ = self.each(
                under, source, "S_WITHIN", (*self.literals[:3], "MULTIPOINT(7 50,10 51)")
            )
            assert box == polygon

    def test_s_contains(self, under: Evaluation) -> None:
        literals = (*self.literals[:3], "MULTIPOINT(7 50,10 51)")
        for source in under.queryables:
            containing = self.each(under, source, "S_CONTAINS", literals)
            assert containing[0] == containing[1]
            for one, other in zip(containing, self.each(under, source, "S_WITHIN", literals), strict=True):
                assert not one & other

    def test_s_overlaps(self, under: Evaluation) -> None:
        for source, literal in (
            (PLACES, "MULTIPOINT(7 50,10 51)"),
            (RIVERS, "LINESTRING(7 50,10 51)"),
            (COUNTRIES, WORLD),
        ):
            self.each(under, source, "S_OVERLAPS", (literal,))

    def each(self, under: Evaluation, source: str, function: str, literals: tuple[str, ...]) -> list[Found]:
        return [under.found(source, f"{function}(geom,{literal})") for literal in literals]


TEMPORAL = ("T_AFTER", "T_BEFORE", "T_DISJOINT", "T_EQUALS", "T_INTERSECTS")
INTERVALS = (
    "T_CONTAINS", "T_DURING", "T_FINISHEDBY", "T_FINISHES", "T_MEETS", "T_METBY", "T_OVERLAPPEDBY",
    "T_OVERLAPS", "T_STARTEDBY", "T_STARTS",
)  # fmt: skip


class TestTemporalFunctions(OfClass):
    """/conf/temporal-functions"""

    name = "temporal-functions"

    def test_temporal_functions_1(self, under: Evaluation) -> None:
        times = (
            "TIMESTAMP('2022-04-24T07:59:57Z')",
            "INTERVAL('2021-01-01T00:00:00Z','2021-12-31T23:59:59Z')",
            "DATE('2022-04-24')",
            "INTERVAL('2021-01-01','2021-12-31')",
        )
        for source, name in under.of_type("date"):
            for time in times:
                found = {one: under.found(source, f"{one}({quoted(name)},{time})") for one in TEMPORAL}
                # Table 6: disjoint is after or before, intersecting is neither.
                assert found["T_DISJOINT"] == found["T_AFTER"] | found["T_BEFORE"]
                assert not found["T_DISJOINT"] & found["T_INTERSECTS"]
                assert found["T_DISJOINT"] | found["T_INTERSECTS"] == under.found(
                    source, f"{quoted(name)} IS NOT NULL"
                )

    def test_temporal_functions_2(self, under: Evaluation) -> None:
        for time in ("'2021-01-01T00:00:00Z','2021-12-31T23:59:59Z'", "'2021-01-01','2021-12-31'"):
            found = {
                one: under.found(PLACES, f"{one}(INTERVAL(start,end),INTERVAL({time}))")
                for one in (*TEMPORAL, *INTERVALS)
            }
            exclusive = [found[one] for one in ("T_AFTER", "T_BEFORE", "T_EQUALS", *INTERVALS)]
            assert not any(one & other for one, other in combinations(exclusive, 2))

    def test_an_instant_is_no_interval(self, under: Evaluation) -> None:
        # 7.6.2: "Using these functions with instants will result in a client error."
        for function in INTERVALS:
            answer = under.ask(PLACES, f"{function}(start,INTERVAL('2021-01-01','2021-12-31'))")
            assert answer.status_code == 400 and "INTERVAL" in answer.json["errors"][0]["expected"]


class TestArrayFunctions:
    """/conf/array-functions: the test data have no array; the standard has no table. Members are in single quotes here, for
    in double ones, as the standard's test has them, they would be properties.
    """

    def test_array_predicates(self, under: Evaluation) -> None:
        expected = {
            "A_CONTAINS": {1, 7},
            "A_CONTAINEDBY": {1, 2, 3, 10, 11},
            "A_EQUALS": {1},
            "A_OVERLAPS": {1, 2, 4, 7, 10, 11},
        }
        assert under.of_type("array") == [(SAMPLES, "tags")]
        for function, ids in expected.items():
            assert under.found(SAMPLES, f"{function}(tags,('foo','bar'))") == ids

    def test_a_set_has_no_order_and_no_member_twice(self, under: Evaluation) -> None:
        assert under.found(SAMPLES, "A_EQUALS(('bar','foo','bar'),tags)") == {1}

    def test_members_of_other_types_are_other_members(self, under: Evaluation) -> None:
        assert not under.found(SAMPLES, "A_OVERLAPS(tags,(1,TRUE,DATE('2012-08-10'),POINT(1 2)))")
        assert under.found(SAMPLES, "A_EQUALS(('a',TRUE,1.0,8),(8,1,'a',true))") == set(range(1, 13))
        assert under.found(SAMPLES, "A_CONTAINS((text,text),('foo','foo'))") == {8}

    def test_logical(self, under: Evaluation) -> None:
        found = under.found(SAMPLES, "NOT A_OVERLAPS(tags,('foo','bar')) OR A_EQUALS(tags,('bar','baz'))")
        assert found == {3, 4, 6, 8, 9, 12}  # and not 5, whose tags are null


class TestPropertyProperty(OfClass):
    """/conf/property-property"""

    name = "property-property"

    def test_comparison_value_property(self, under: Evaluation) -> None:
        compared(under, lambda queryable, op, value: f"{value} {op} {queryable}")

    def test_comparison_property_property(self, under: Evaluation) -> None:
        for source, name in under.of_type(*VALUES):
            self.same(under, source, quoted(name), under.found(source, f"{quoted(name)} IS NOT NULL"))

    def test_comparison_value_value(self, under: Evaluation) -> None:
        for value in (*VALUES.values(), TIMESTAMP):
            self.same(under, PLACES, value, under.found(PLACES, "true"))

    def same(self, under: Evaluation, source: str, one: str, all_of_them: Found) -> None:
        found = {op: under.found(source, f"{one} {op} {one}") for op in COMPARISONS}
        assert not found["<>"] and not found["<"] and not found[">"]
        assert found["="] == found[">="] == found["<="] == all_of_them


class TestFunctions:
    """/conf/functions"""

    def test_functions(self, under: Evaluation) -> None:
        """Each function that is listed, in filters with different operators."""
        listed = under.client.get("/functions").json
        assert listed is not None
        given = {"string": "name", "number": "pop_max", "datetime": '"date"', "geometry": "geometry"}
        conditions = {
            "string": ("{} = 'foo'", "{} LIKE 'f%'", "CASEI({}) IN ('a', 'b')", "{} IS NULL"),
            "number": ("{} > 1", "{} BETWEEN 0 AND 10", "{} + 1 = 2 * {}", "NOT {} <> 3", "{} IN (1, 2)"),
            "integer": ("{} >= 1", "{} % 2 = 1", "{} IS NOT NULL"),
            "geometry": ("S_INTERSECTS({}, BBOX(0,40,10,50))", "S_WITHIN({}, geometry)", "{} IS NULL"),
        }
        assert len(listed["functions"]) >= 9
        for function in listed["functions"]:
            args = ",".join(given[argument["type"][0]] for argument in function["args"])
            for condition in conditions[function["returns"][0]]:
                under.found(PLACES, condition.format(*[f"{function['name']}({args})"] * 2))

    def test_area_and_length_are_those_on_the_ellipsoid(self, under: Evaluation) -> None:
        geod: Any = Geod(ellps="WGS84")
        measures: dict[tuple[str, str], Callable[[Any], float]] = {
            (COUNTRIES, "area"): lambda shape: abs(geod.geometry_area_perimeter(shape)[0]),
            (RIVERS, "length"): geod.geometry_length,
        }
        for (source, function), size in measures.items():
            features = under.ask(source, "true").json["features"]
            sizes = {
                feature["id"]: size(shapely.from_geojson(text.dumps(feature["geometry"])))
                for feature in features
            }
            middle = sorted(sizes.values())[len(sizes) // 2] + 1
            larger = {one for one, found in sizes.items() if found > middle}
            assert under.found(source, f"{function}(geometry) > {middle}") == larger != set()

    def test_a_function_may_stand_in_a_predicate_of_space(self, under: Evaluation) -> None:
        features = under.ask(COUNTRIES, "true").json["features"]
        box = shapely.box(0, 40, 20, 60)
        inside = {
            feature["id"]
            for feature in features
            if shapely.from_geojson(text.dumps(feature["geometry"])).centroid.intersects(box)
        }
        assert under.found(COUNTRIES, "S_INTERSECTS(centroid(geometry), BBOX(0,40,20,60))") == inside != set()

    def test_an_unknown_function_is_told_the_nearest(self, under: Evaluation) -> None:
        answer = under.ask(PLACES, "arae(geometry) > 1")
        assert answer.status_code == 400 and "area" in answer.json["errors"][0]["expected"]


class TestArithmetic(OfClass):
    """/conf/arithmetic"""

    name = "arithmetic"

    def test_arithmetic(self, under: Evaluation) -> None:
        for source, name in under.of_type("number", "integer"):
            name = quoted(name)
            known = under.found(source, f"{name} IS NOT NULL")
            for same in ("{} + 0 = {}", "{} * 1 = {}", "{} - {} = 0", "({} + {}) / 2 = {}", "{} ^ 1 = {}"):
                assert under.found(source, same.format(name, name, name)) == known
            parts = f"({name} div 7) * 7 + {name} % 7 = {name}"
            assert under.found(source, parts) == known
            assert under.found(source, f"{name} / 0 IS NULL") == under.found(source, "true")


class TestCql2Text:
    """/conf/cql2-text; /conf/cql2-text/validate is all of the above with the parameter "cql2-text"."""

    def test_escaping(self, client: Client) -> None:
        under = Evaluation(client, "cql2-text", {})
        for literal, plain in (
            (r"it\'s", "it's"), ("it''s", "it's"), (r"a\tb", "a\tb"), (r"a\nb", "a\nb"), (r"a\rb", "a\rb"),
            (r"back\\slash", "back\\slash"),
        ):  # fmt: skip
            answer = under.ask(SAMPLES, f"text = '{literal}'").json
            assert [feature["properties"]["text"] for feature in answer["features"]] == [plain]

    def test_every_escape_is_the_character_that_it_stands_for(self) -> None:
        for letter, character in zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True):
            assert cql2.parse(f"text = '\\{letter}'").tree["args"][1] == character

    def test_words_are_words_in_any_case(self, client: Client) -> None:
        under = Evaluation(client, "cql2-text", {})
        filter = "NOT name LIKE 'A%' AND pop_max BETWEEN 1 AND 5000000 OR s_intersects(geometry, point(1 2))"
        assert under.found(PLACES, filter) == under.found(PLACES, lowered(filter)) != set()


def lowered(filter: str) -> str:
    return re.sub("NOT|LIKE|AND|BETWEEN|OR", lambda word: word[0].lower(), filter)


class TestCql2Json:
    """/conf/cql2-json; /conf/cql2-json/validate is all of the above with the parameter "cql2-json"."""

    def test_both_encodings_are_one_filter(self, client: Client) -> None:
        one, other = (Evaluation(client, lang, {}) for lang in ("cql2-text", "cql2-json"))
        for _, source, filter, _ in TABLE["predicates"][::7]:
            assert one.found(source, filter) == other.found(source, filter)

    def test_a_fault_is_told_by_its_path(self, client: Client) -> None:
        tree = {"op": "not", "args": [{"op": "=", "args": [{"property": "nane"}, "x"]}]}
        query = {"filter": text.dumps(tree), "filter-lang": "cql2-json"}
        answer = client.get(f"/collections/{PLACES}/items", query_string=query)
        assert answer.status_code == 400 and answer.json is not None
        (fault,) = answer.json["errors"]
        assert "$.args[0].args[0].property" in fault["detail"]
        assert "name" in fault["expected"]
