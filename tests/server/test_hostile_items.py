"""Hostile questions to features: each is a 4xx that names the parameter and what is expected, and never a 5xx.

Parameters beside limit, bbox, datetime and next are in test_hostile.py, the language of filters in test_hostile_filters.py.
"""

from __future__ import annotations

from time import monotonic
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import Client

ITEMS = "/collections/xzq_county/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
DIGITS = "9" * 400
BOW_TIE = "POLYGON((106 29,107 30,107 29,106 30,106 29))"

#: Parameter -> values that are none of it, as a client means them (not yet encoded).
WRONG: dict[str, tuple[str, ...]] = {
    "limit": (DIGITS[:-1] + "x", "-" + DIGITS, "NaN", "Infinity", "1;DROP TABLE features", "\u0661"),
    "offset": ("-1", DIGITS, "1.5", "NaN", "inf", "", "0x1"),
    "bbox": (
        "NaN,29,107,30",
        "106,29,Infinity,30",
        "-inf,29,107,30",
        f"{DIGITS},29,107,30",
        f"106,29,1e{DIGITS},30",
        "106,29,0,107,30",
        "106,29,9000,107,30,0",
        "107,30,106,29",
        "1' OR '1'='1,29,107,30",
    ),
    "bbox-crs": (
        "4326",
        "EPSG:4326",
        f"{EPSG}4326 ",
        f"{EPSG}1",
        f"{EPSG}9999999",
        "http://evil.example/",
        "",
    ),
    "crs": ("4490", f"{EPSG}32648", "urn:ogc:def:crs:EPSG::4490", f"{EPSG}4490'--", "../../etc/passwd"),
    "filter-crs": ("4490", f"{EPSG}0", "OGC:CRS84"),
    "datetime": (
        "2024-01-01T00:00:00Z/2023-01-01T00:00:00Z",
        "2023-02-29",
        "2023-04-31T00:00:00Z",
        "../..",
        "/",
        "2024-01-01/2024-02-01/2024-03-01",
        "now",
        DIGITS,
        "2024-01-01' OR 1=1 --",
    ),
    "properties": ("no_such_field", "BSM,no_such_field", "BSM'; --"),
    "exclude-properties": ("no_such_field", "BSM,,MJ,no_such_field"),
    "skipGeometry": ("yes", "TRUE", "1", ""),
    "zoom-level": ("-1", "x", "NaN", "inf", "1,5", ""),
    "sortby": ("no_such_field", "-no_such_field", "geometry", "BSM,,", "BSM;DROP", "--BSM", "BSM,BSM"),
    "profile": ("no-such-profile", "rfc7946,no-such-profile", "http://evil.example/"),
    "next": ("x", "A" * 32, "中文", "AAAA====", "' OR 1=1 --"),
    "f": ("xml", "gml", "../html", "json;drop"),
    "lang": ("fr", "zh-CN", ""),
    "filter-lang": ("sql", "CQL2-TEXT", "cql2"),
    "filter": (
        "1; DROP TABLE features",
        "XZQMC = 'a' UNION SELECT 1",
        "XZQMC = 'a' -- b",
        "MJ > NaN",
        f"MJ > 1e{DIGITS}",
        "S_INTERSECTS(geometry,POLYGON((106 29,107 30)))",
        "S_INTERSECTS(geometry,POLYGON((106 29,107 30,107 29,106 30)))",
        "S_INTERSECTS(geometry,POINT Z(106 29))",
        "S_INTERSECTS(geometry,LINESTRING(106 29,107 30 9))",
        "S_INTERSECTS(geometry,POINT(1e999 29))",
        "S_INTERSECTS(geometry,POINT(1000000 1000000))",
        "T_BEFORE(VALID_FROM,DATE('2024-02-30'))",
        "T_DURING(INTERVAL(VALID_FROM,VALID_TO),INTERVAL('2024-01-01','2023-01-01'))",
        "(" * 5000 + "MJ=1" + ")" * 5000,
    ),
}
EVERY = [(name, value) for name, values in WRONG.items() for value in values]


def asked(**query: str) -> str:
    return f"{ITEMS}?{urlencode(query)}"


@pytest.mark.parametrize(("name", "value"), EVERY, ids=lambda text: repr(text[:24]))
def test_a_wrong_value_is_told_with_its_parameter_and_what_is_expected(
    client: Client, name: str, value: str
) -> None:
    by_get, by_post = client.get(asked(**{name: value})), client.post(ITEMS, data={name: value})
    for answer in (by_get, by_post):
        # An address may be too long before it is wrong.
        assert answer.status_code in ((400, 414) if answer is by_get else (400,)), answer.text[:500]
        document = answer.json
        assert answer.content_type == "application/problem+json"
        if answer.status_code == 400:
            faults = [fault for fault in document["errors"] if fault["parameter"] == name]
            assert faults, document["errors"]
            for lang in ("zh", "en"):
                assert all(fault["i18n"][lang]["detail"] for fault in faults)
                assert all(fault["i18n"][lang]["expected"] for fault in faults)


@pytest.mark.parametrize("name", WRONG)
def test_a_parameter_is_given_once(client: Client, name: str) -> None:
    answer = client.get(f"{ITEMS}?{name}=1&{name}=2")
    assert answer.status_code == 400
    assert name in {fault["parameter"] for fault in answer.json["errors"]}


def test_all_faults_of_all_kinds_are_told_in_one_answer(client: Client) -> None:
    wrong = {
        name: values[0] for name, values in WRONG.items() if name not in ("f", "lang", "next", "filter-crs")
    }
    wrong["filter"] = "MJ = 'big'"
    del wrong["filter-lang"]
    answer = client.post(
        ITEMS, data=wrong | {"no_such_parameter": "1", "MJ": "big"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 400
    told = {fault["parameter"]: fault["detail"] for fault in answer.json["errors"]}
    assert told.keys() >= {*wrong, "no_such_parameter", "MJ"}
    assert all(detail.isascii() for detail in told.values())


def test_a_fault_is_told_in_the_readers_language(client: Client) -> None:
    details = {
        lang: client.get(asked(sortby="no_such_field"), headers={"Accept-Language": lang}).json["errors"][0]
        for lang in ("zh", "en")
    }
    assert details["zh"]["expected"] == details["en"]["i18n"]["zh"]["expected"]
    assert details["en"]["detail"].isascii() and not details["zh"]["detail"].isascii()


@pytest.mark.parametrize(
    "text",
    [
        "XZQMC LIKE '" + "%" * 400 + "'",
        "XZQMC LIKE '" + "%a" * 200 + "%'",
        "XZQMC LIKE '" + "_" * 400 + "%'",
        "CASEI(XZQMC) LIKE CASEI('" + "%江%" * 100 + "')",
        f"S_INTERSECTS(geometry,{BOW_TIE})",
        "S_INTERSECTS(geometry,BBOX(170,-10,-170,10))",
        " OR ".join(["XZQMC LIKE '%a%b%c%d%'"] * 60),
    ],
)
def test_a_costly_filter_is_answered_or_refused_in_a_few_seconds(client: Client, text: str) -> None:
    began = monotonic()
    answer = client.post("/collections/townships/items", data={"filter": text, "limit": "5"})
    assert answer.status_code in (200, 400), answer.text[:300]
    assert monotonic() - began < 15
    if answer.status_code == 400:
        assert "traceback" not in answer.text.lower() and "sqlite" not in answer.text.lower()


@pytest.mark.parametrize("size", [300_000, 1_000_000])
def test_a_filter_of_a_megabyte_is_refused_by_its_bound(client: Client, size: int) -> None:
    text = "XZQDM IN (" + ",".join("'1'" for _ in range(size // 4)) + ")"
    answer = client.post(ITEMS, data={"filter": text})
    assert answer.status_code in (400, 413)
    assert answer.content_type == "application/problem+json"
    assert len(answer.get_data()) < 3000


def test_a_form_beyond_its_bound_is_413(client: Client) -> None:
    answer = client.post(ITEMS, data={"filter": "x" * 3_000_000})
    assert answer.status_code == 413
    assert answer.json["i18n"]["en"]["title"]


@pytest.mark.parametrize("body", [b"filter=%FF", b"\xff\xfe=1", b"filter=%E4%B8", b"q=%00", b"filter=a%00b"])
def test_bytes_that_are_no_text_are_400_in_a_form(client: Client, body: bytes) -> None:
    answer = client.post(ITEMS, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["expected"]


@pytest.mark.parametrize("fragment", ["'", '"', ";--", "/*", "\\", "%", "_", "${x}", "{{7*7}}", "<script>"])
def test_what_means_something_elsewhere_means_nothing_in_a_value(client: Client, fragment: str) -> None:
    for query in (
        {"XZQMC": fragment},
        {"q": f"区{fragment}"},
        {"filter": f"XZQMC = '{fragment.replace(chr(39), chr(39) * 2)}'"},
    ):
        answer = client.get(asked(**query))
        assert answer.status_code in (200, 400), answer.text[:300]
        if answer.status_code == 200 and "q" not in query:
            assert answer.json["numberMatched"] == 0


def test_a_box_across_the_antimeridian_and_one_of_six_numbers_are_right(client: Client) -> None:
    for box in ("170,20,-170,40", "106,29,-100,107,30,9000", "-180,-90,180,90", "106.5,29.5,106.5,29.5"):
        assert client.get(f"{ITEMS}?limit=1&bbox={box}").status_code == 200


def test_a_cursor_is_of_one_question_alone(client: Client) -> None:
    page = client.get(asked(limit="10", sortby="-MJ")).json
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    address = following.removeprefix("http://localhost")
    assert client.get(address).status_code == 200
    cursor = address.partition("next=")[2].partition("&")[0]
    others: list[dict[str, str]] = [
        {},
        {"sortby": "MJ"},
        {"sortby": "-MJ", "bbox": "106,29,107,30"},
        {"sortby": "-MJ", "q": "区"},
        {"sortby": "-MJ", "crs": f"{EPSG}4490"},
    ]
    tree = address.partition("/collections")[0]
    for other in others:
        answer = client.get(f"{tree}{ITEMS}?next={cursor}&limit=10&{urlencode(other)}")
        assert answer.status_code == 400, other
        assert answer.json["errors"][0]["parameter"] == "next"
    changed = cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]
    assert client.get(address.replace(cursor, changed)).status_code == 400
    assert client.get(address.replace(cursor, quote(cursor + "é"))).status_code == 400
