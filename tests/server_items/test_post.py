"""Pages by POST: the same parameters as a form, for filters that are too long for an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

ITEMS = "/collections/xzq_county/items"
FORM = "application/x-www-form-urlencoded"
Linked = Callable[..., list[dict[str, Any]]]


def test_a_form_is_answered_as_its_address_would_be(client: Client) -> None:
    asked = {"filter": "XZQMC LIKE '%江%'", "limit": "5"}
    posted, got = client.post(ITEMS, data=asked), client.get(ITEMS, query_string=asked)
    assert posted.status_code == got.status_code == 200
    assert posted.json["features"] == got.json["features"] != []
    assert posted.headers["Cache-Control"] == "no-store"
    assert "ETag" not in posted.headers


def test_a_filter_too_long_for_an_address_walks_to_its_end(client: Client, linked: Linked) -> None:
    everything = [one["id"] for one in client.get(f"{ITEMS}?limit=1000").json["features"]]
    names = ",".join(f"'{name}'" for name in (*everything[::2], *(f"{i:06}" for i in range(2000))))
    form = {"filter": f"XZQDM IN ({names})", "limit": "20"}
    assert client.get(ITEMS, query_string=form).status_code == 414
    walked: list[Any] = []
    following: dict[str, Any] = {"href": ITEMS, "body": {}}
    while following:
        page = client.post(following["href"], data=form | following["body"])
        assert page.status_code == 200, page.get_data(as_text=True)
        walked += [feature["id"] for feature in page.json["features"]]
        following = next(iter(linked(page.json, "next")), {})
        assert not following or (following["method"], following["merge"]) == ("POST", True)
    assert walked == everything[::2]


@pytest.mark.parametrize(
    "body, media, status",
    [
        (b"limit=1", "application/json", 415),
        (b"limit=1", None, 415),
        (b"limit=1&limit=2", FORM, 400),
        (b"limit=%FF", FORM, 400),
        (b"\xff=1", FORM, 400),
        (b"filter=%00", FORM, 400),
        (b"nothing=1", FORM, 400),
        (b"&".join(b"a%d=1" % i for i in range(2000)), FORM, 400),
        (b"filter=" + b"a" * 2**20, FORM, 413),
        (b"", FORM, 200),
    ],
)
def test_a_body_that_is_no_form_of_ours_is_refused(
    client: Client, body: bytes, media: str | None, status: int
) -> None:
    answer = client.post(ITEMS, data=body, content_type=media)
    assert answer.status_code == status, answer.get_data(as_text=True)
    if status >= 400:
        assert answer.content_type == "application/problem+json"


def test_a_parameter_in_address_and_body_is_given_twice(client: Client) -> None:
    answer = client.post(f"{ITEMS}?limit=1", data={"limit": "2"})
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json["errors"]] == ["limit"]
