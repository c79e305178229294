"""Whatever a client sends, a fault of its own is told with a 4xx problem document in both languages, and never a 5xx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ITEMS = "/collections/xzq_county/items"
TILES = "/collections/xzq_county/tiles/WebMercatorQuad"
NO_RELEASE = "/releases/0000000000000000"

BAD_REQUESTS = [
    # limit
    *(
        f"{ITEMS}?limit={value}"
        for value in ("0", "-1", "", "abc", "1.0", "1e3", "+5", "%2B5", "0x10", " 5", "٣", "5;drop")
    ),
    # bbox
    *(
        f"{ITEMS}?bbox={value}"
        for value in (
            "",
            "1",
            "1,2,3",
            "1,2,3,4,5",
            "1,2,3,4,5,6,7",
            "1,2,3,x",
            "nan,1,2,3",
            "1,2,inf,3",
            "1,2,1e999,3",
            "1,5,3,4",
            "1,2,9,3,4,5",
            "1_0,2,30,4",
            "1,,3,4",
            "1;2;3;4",
            "１,2,3,4",
            "200,1,-200,2",
            "106,29,107,30&bbox=106,29,107,30",
        )
    ),
    # datetime
    *(
        f"{ITEMS}?datetime={value}"
        for value in (
            "",
            "yesterday",
            "2023-02-30",
            "2023-13-01",
            "2023-00-10",
            "0000-01-01",
            "2023-02-29T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T12:60:00Z",
            "2023-01-01T12:00:00",
            "2023-01-01T12:00:00+08:00",
            "2023-01-01 12:00:00Z",
            "2023-1-1",
            "20230101",
            "2023-W01-1",
            "2024-01-01/2023-01-01",
            "2023-01-01/2023-02-30",
            "/",
            "..",
            "../..",
            "2023-01-01/2024-01-01/2025-01-01",
            "0001-01-01T00:00:00%2B23:59",
            "9999-12-31T23:59:59-23:59",
            "2023-01-01T00:00:00%2B99:00",
        )
    ),
    # next
    *(
        f"{ITEMS}?next={value}"
        for value in ("", "x", "AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "%25%25", "中文", "A" * 500)
    ),
    # filters, unknown and repeated parameters
    f"{ITEMS}?nope=1",
    f"{ITEMS}?=1",
    f"{ITEMS}?LIMIT=1",
    f"{ITEMS}?XZQMC=a&XZQMC=b",
    f"{ITEMS}?limit=1&limit=2",
    f"{ITEMS}?f=xml",
    f"{ITEMS}?f=",
    f"{ITEMS}?lang=fr",
    f"{ITEMS}?MJ=big",
    f"{ITEMS}?MJ=nan",
    f"{ITEMS}?XZQMC=a%00b",
    "/collections/places/items?gid=1.5",
    "/collections/places/items?gid=99999999999999999999",
    "/collections/xzqjx/items?JXLX=nonsense",
    "/collections/xzq_county/items/500103?limit=1",
    "/collections?limit=1",
    "/?f=geojson",
    "/conformance?x",
    "/tileMatrixSets?f=mvt",
    f"{TILES}/8/104/202?f=png",
    f"{TILES}/8/104/202?x=1",
    f"{TILES}/8/104/202?f=mvt&f=mvt",
    # encodings
    f"{ITEMS}?XZQMC=%",
    f"{ITEMS}?XZQMC=%zz",
    f"{ITEMS}?XZQMC=%e4%b8",
    f"{ITEMS}?%ff=1",
    "/collections/%00",
    "/collections/%ff%fe",
    "/collections/%e4%b8/items",
    "/collections/xzq_county%0d%0aX-Evil:1/items",
    "/collections/../collections",
    "/collections/./xzq_county",
    "/collections/%2e%2e/%2e%2e/etc/passwd",
    "/assets/../server/worker.py",
    f"{TILES}/8/104/%00",
]

NOT_FOUND = [
    "/nothing",
    "/collections/nothing",
    "/collections/nothing/items",
    "/collections/XZQ_COUNTY",
    "/collections/xzq_county'--/items",
    "/collections/中文",
    "/collections/%25zz",
    "/collections//items",
    f"{ITEMS}/nothing",
    f"{ITEMS}/500103/more",
    f"{ITEMS}/%20500103",
    "/collections/places/items/007",
    "/collections/places/items/%D9%A1",
    "/collections/places/items/99999999999999999999999",
    "/collections/places/items/1e1",
    NO_RELEASE,
    f"{NO_RELEASE}/collections",
    f"{NO_RELEASE}{TILES}/8/104/202",
    "/releases/..%2f..%2fetc",
    "/releases/" + "a" * 500,
    "/tiles/NoSuchSet",
    "/tileMatrixSets/NoSuchSet",
    "/styles/nothing",
    "/assets/nothing.css",
    "/assets/worker.py",
    f"{TILES}/8/104",
    f"{TILES}/8/104/202/1",
    *(
        f"{TILES}/{address}"
        for address in (
            "8/0/0",
            "8/104/99999999999",
            "99/1/1",
            "-1/0/0",
            "8/-104/202",
            "8/104/202.0",
            "8/104/+202",
            "08/104/202",
            "8/٣/202",
            "8/abc/202",
            "8/104/1e2",
            "1/0/1",
            "22/0/0",
            "8/%20104/202",
        )
    ),
    "/tiles/NoSuchSet/8/104/202",
    "/collections/nothing/tiles/WebMercatorQuad/8/104/202",
]

METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW", "get"]


@pytest.mark.parametrize("target", BAD_REQUESTS)
def test_a_malformed_request_is_told_what_was_expected(
    ask: Any, told: Callable[..., Any], target: str
) -> None:
    answer = ask(target)
    assert answer.status in (400, 404), answer.body
    document = told(answer)
    if answer.status == 400:
        assert all(fault["parameter"] and fault["expected"] for fault in document["errors"])


@pytest.mark.parametrize("target", BAD_REQUESTS)
def test_a_malformed_request_is_malformed_in_a_named_release_too(ask: Any, release: Any, target: str) -> None:
    assert ask(f"/releases/{release.id}{target}").status == ask(target).status


@pytest.mark.parametrize("target", NOT_FOUND)
def test_what_is_not_there_is_404(ask: Any, told: Callable[..., Any], target: str) -> None:
    answer = ask(target)
    assert answer.status in (400, 404), answer.body
    told(answer)


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "target", ["/", f"{ITEMS}/510105", f"{TILES}/8/104/202", "/nothing", "/healthz", "/assets/page.css"]
)
def test_other_methods_are_405_and_told_which_are_allowed(
    ask: Any, told: Callable[..., Any], method: str, target: str
) -> None:
    answer = ask(target, method)
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    told(answer)


@pytest.mark.parametrize("target", ["/" + "a" * 9000, f"{ITEMS}?XZQMC={'a' * 9000}", "/" + "../" * 3000])
def test_an_address_that_is_too_long_is_414(ask: Any, told: Callable[..., Any], target: str) -> None:
    answer = ask(target)
    assert answer.status == 414
    told(answer)


@pytest.mark.parametrize(
    "host", ["<script>", "a b", "a/b", "evil.example/", "a:b", "a:999999", "", "用户", "[::1"]
)
def test_a_host_that_is_none_cannot_get_into_links(ask: Any, told: Callable[..., Any], host: str) -> None:
    answer = ask("/", host=host.encode().decode("latin-1"))
    assert answer.status == 400
    assert told(answer)["errors"][0]["parameter"] == "Host"


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "\x00"},
        {"accept": "text/html;q=abc, ;;;,,,"},
        {"accept": "*/*;q=0"},
        {"accept_language": "*"},
        {"accept_language": ";q=,,xx-YY;q=9,zh;q=zero"},
        {"accept_encoding": "gzip;q=x, br;;, *"},
        {"if_none_match": 'W/"'},
        {"if_none_match": '"' * 1000},
        {"if_modified_since": "yesterday"},
        {"range": "bytes=0-10"},
        {"content_type": "\x7f"},
        {"origin": "null"},
        {"x_forwarded_host": "evil.example"},
    ],
)
@pytest.mark.parametrize("target", ["/", f"{ITEMS}?limit=1", f"{TILES}/8/104/202"])
def test_headers_that_make_no_sense_never_break_the_server(
    ask: Any, headers: dict[str, str], target: str
) -> None:
    answer = ask(target, **headers)
    assert answer.status in (200, 400, 406)
    assert b"evil.example" not in answer.body


def test_all_faults_are_told_in_one_answer(ask: Any, told: Callable[..., Any]) -> None:
    answer = ask(f"{ITEMS}?limit=0&bbox=1&datetime=x&nope=1&MJ=big&XZQMC=a&XZQMC=b", accept_language="en")
    parameters = {fault["parameter"] for fault in told(answer)["errors"]}
    assert parameters == {"limit", "bbox", "datetime", "nope", "MJ", "XZQMC"}


def test_a_problem_is_told_in_the_language_asked_for(ask: Any, told: Callable[..., Any]) -> None:
    chinese = told(ask(f"{ITEMS}?limit=0", accept_language="zh-CN,zh;q=0.9,en;q=0.8"))
    english = told(ask(f"{ITEMS}?limit=0&lang=en", accept_language="zh-CN"))
    assert chinese["detail"] == english["i18n"]["zh"]["detail"]
    assert english["detail"] == chinese["i18n"]["en"]["detail"]
    assert "整数" in chinese["detail"] and "integer" in english["detail"]


def test_a_fault_does_not_echo_more_than_a_line(ask: Any) -> None:
    assert len(ask(f"{ITEMS}?limit={'9x' * 3000}").body) < 2000
