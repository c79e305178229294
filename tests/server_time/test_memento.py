"""States in time, by the patterns of RFC 7089: each resource is its own timegate, its states lie in the releases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

Ask = Callable[..., Any]
Linked = Callable[[str], Any]
#: Resources of each road: Flask, features, tiles; with and without a query, of a name that must be encoded.
RESOURCES = (
    "/",
    "/collections",
    "/collections/parishes?lang=en&f=json",
    "/collections/parishes/items",
    "/collections/parishes/items?limit=2&use=wood",
    "/collections/parishes/items/N01",
    "/collections/parishes/items?filter=name%20LIKE%20'%25a%25'",
    "/tiles/WebMercatorQuad/6/32/32",
    "/collections/parishes/tiles/WebMercatorQuad/6/32/32?properties=name",
    "/styles/blueprint",
    "/api",
)
MARCH = "Sun, 15 Mar 2026 00:00:00 GMT"


def rels(links: list[Any], rel: str) -> list[Any]:
    return [link for link in links if rel in link.rel]


def pinned(release: str, resource: str) -> str:
    return f"http://localhost/releases/{release}{'' if resource == '/' else resource}"


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_leads_to_its_state_of_a_time(ask: Ask, linked: Linked, years: Any, resource: str) -> None:
    """Pattern 1.1 (4.1.1): 302, a distinct address for each state, the original is its own timegate."""
    led = ask(resource, accept_datetime=MARCH)
    assert led.status_code == 302 and led.data == b""
    assert led.headers["Location"] == pinned(years.third, resource)
    assert led.headers["Vary"].lower() == "accept-datetime"
    assert "Memento-Datetime" not in led.headers, "2.1.1.2: the redirect is no state"
    links = linked(led.headers["Link"])
    [original] = rels(links, "original")
    assert original.rel == {"original", "timegate"} and original.href == f"http://localhost{resource}"
    [timemap] = rels(links, "timemap")
    assert timemap.attributes["type"] == "application/link-format"
    assert timemap.href == f"http://localhost/timemap/link{resource}"

    state = ask(led.headers["Location"], accept_datetime=MARCH)
    assert state.status_code == 200, "a state does not lead on"
    assert state.headers["Memento-Datetime"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    [original] = rels(linked(state.headers["Link"]), "original")
    assert "accept-datetime" not in state.headers["Vary"].lower()
    if not original.href.startswith("../"):
        assert original.href == f"http://localhost{resource}" and original.rel == {"original", "timegate"}


def test_a_tile_says_relative_to_itself_what_it_is_a_state_of(ask: Ask, linked: Linked, years: Any) -> None:
    from urllib.parse import urljoin

    for resource in (one for one in RESOURCES if "/tiles/" in one):
        address = pinned(years.fourth, resource)
        [link] = linked(ask(address).headers["Link"])
        assert urljoin(address, link.href) == f"http://localhost{resource}"
        assert link.rel == {"original", "timegate"}


@pytest.mark.parametrize(
    ("moment", "release"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", "first"),
        ("Thu, 01 Jan 2026 11:59:59 GMT", "first"),
        ("Thu, 01 Jan 2026 12:00:00 GMT", "first"),
        # The second was removed: what there is of that time is the first.
        ("Sun, 01 Feb 2026 12:00:00 GMT", "first"),
        ("Sun, 01 Mar 2026 11:59:59 GMT", "first"),
        ("Sun, 01 Mar 2026 12:00:00 GMT", "third"),
        ("Wed, 01 Apr 2026 12:00:00 GMT", "fourth"),
        ("Fri, 01 May 2026 11:59:59 GMT", "fourth"),
        # Rolled back: from then on the first led again.
        ("Fri, 01 May 2026 12:00:00 GMT", "first"),
        ("Mon, 01 Jun 2026 12:00:00 GMT", "first"),
        ("Fri, 31 Dec 9999 23:59:60 GMT", "first"),
    ],
)
def test_the_release_that_led_then_is_found(ask: Ask, years: Any, moment: str, release: str) -> None:
    """Before the first it is the first, after the last the last (4.5.3)."""
    led = ask("/collections/parishes/items", accept_datetime=moment)
    assert led.headers["Location"] == pinned(getattr(years, release), "/collections/parishes/items")


def test_a_release_without_the_collection_is_no_state_of_it(ask: Ask, years: Any) -> None:
    led = ask("/collections/lakes/items/1", accept_datetime=MARCH)
    assert led.headers["Location"] == pinned(years.first, "/collections/lakes/items/1")
    assert ask(led.headers["Location"]).status_code == 200
    assert ask("/collections/nothing", accept_datetime=MARCH).status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "yesterday",
        "2026-03-15T00:00:00Z",
        "Sun, 15 Mar 2026 00:00:00",
        "Sun, 15 Mar 2026 00:00:00 UTC",
        "Sun, 15 Mar 2026 00:00:00 +0000",
        "Sunday, 15-Mar-26 00:00:00 GMT",
        "Sun Mar 15 00:00:00 2026",
        "Sun, 31 Feb 2026 00:00:00 GMT",
        "Sun, 15 Mar 2026 25:00:00 GMT",
        "Sun, 15 Mar 2026 00:00:61 GMT",
        "Sun, 15 Mar 0000 00:00:00 GMT",
        "Sun, 15 Mär 2026 00:00:00 GMT".encode().decode("latin-1"),
        "Sun, 15 Mar 2026 00:00:00 GMT, Mon, 16 Mar 2026 00:00:00 GMT",
        "Sun, 15 Mar 2026 00:00:00 GMT; x",
        "x" * 5000,
    ],
)
@pytest.mark.parametrize(
    "resource", ["/collections", "/collections/lakes/items", "/tiles/WebMercatorQuad/6/32/32"]
)
def test_what_is_no_date_is_a_bad_request(ask: Ask, resource: str, header: str) -> None:
    """4.5.3: a timegate must answer 400."""
    told = ask(resource, accept_datetime=header)
    assert told.status_code == 400 and told.mimetype == "application/problem+json"
    [fault] = told.json["errors"]
    assert fault["parameter"] == "Accept-Datetime" and "GMT" in fault["expected"]
    assert set(fault["i18n"]) == {"zh", "en"}


def test_what_has_no_states_knows_nothing_of_the_header(ask: Ask, years: Any) -> None:
    for resource in ("/releases", f"/releases/{years.first}/collections", "/healthz"):
        assert ask(resource, accept_datetime="yesterday").status_code == 200
    assert ask("/nowhere", accept_datetime=MARCH).status_code == 404
    form = ask(
        "/collections/lakes/items",
        "POST",
        accept_datetime="yesterday",
        content_type="application/x-www-form-urlencoded",
    )
    assert form.status_code == 200 and "Memento-Datetime" not in form.headers
    assert "timegate" not in form.headers.get("Link", "")


def test_the_header_is_never_answered_from_what_is_kept_for_others(ask: Ask, years: Any) -> None:
    """A cache may keep an answer for others unless Vary says that it depends on the header (2.1.2)."""
    for resource in RESOURCES:
        now = ask(resource)
        assert now.status_code == 200
        assert "accept-datetime" in now.headers["Vary"].lower()
        assert ask(resource, accept_datetime=MARCH).status_code == 302
        assert ask(resource).data == now.data
        same = ask(resource, if_none_match=now.headers["ETag"])
        assert same.status_code == 304 and "accept-datetime" in same.headers["Vary"].lower()
        assert ask(resource, if_none_match=now.headers["ETag"], accept_datetime=MARCH).status_code == 302


def test_head_leads_as_get_does(ask: Ask) -> None:
    for resource in RESOURCES:
        one, other = (ask(resource, method, accept_datetime=MARCH) for method in ("GET", "HEAD"))
        assert (one.status_code, dict(one.headers)) == (other.status_code, dict(other.headers))


def test_a_resource_names_its_states_and_a_state_its_neighbours(ask: Ask, linked: Linked, years: Any) -> None:
    now = linked(ask("/collections/parishes").headers["Link"])
    [itself] = rels(now, "memento")
    assert itself.href == pinned(years.first, "/collections/parishes")
    assert itself.attributes["datetime"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    line = (years.first, years.third, years.fourth)
    times = (
        "Thu, 01 Jan 2026 12:00:00 GMT",
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Wed, 01 Apr 2026 12:00:00 GMT",
    )
    for place, release in enumerate(line):
        for answer in (
            ask(pinned(release, "/collections/parishes")),
            ask(pinned(release, "/collections/parishes/items?limit=1")),
        ):
            links = linked(answer.headers["Link"])
            expected = {"first": 0, "last": 2, "prev": place - 1, "next": place + 1}
            for rel, other in expected.items():
                found = [link for link in rels(links, rel) if "memento" in link.rel]
                if not 0 <= other < 3:
                    assert found == []
                    continue
                [link] = found
                assert link.href.startswith(pinned(line[other], "/collections/parishes"))
                assert link.attributes["datetime"] == times[other]
                assert ask(link.href).headers["Memento-Datetime"] == times[other]


def test_neighbours_are_those_that_have_the_collection(ask: Ask, linked: Linked, years: Any) -> None:
    links = linked(ask(pinned(years.first, "/collections/lakes")).headers["Link"])
    [following] = [link for link in rels(links, "next") if "memento" in link.rel]
    assert following.href == pinned(years.fourth, "/collections/lakes")


def test_a_draft_is_served_for_review_and_is_no_state_of_anything(ask: Ask, years: Any) -> None:
    for resource in RESOURCES:
        answer = ask(pinned(years.draft, resource))
        assert answer.status_code == 200 and answer.headers["Blueprint-Release"] == years.draft
        assert "Memento-Datetime" not in answer.headers and "original" not in answer.headers.get("Link", "")
        assert "immutable" not in answer.headers["Cache-Control"], "more is to be said once it is promoted"
        assert "immutable" in ask(pinned(years.first, resource)).headers["Cache-Control"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_timemap_lists_all_states_in_order(ask: Ask, linked: Linked, years: Any, resource: str) -> None:
    """Section 5: original, timegate, itself, and each memento with its time."""
    answer = ask(f"/timemap/link{resource}", accept="application/link-format")
    assert answer.status_code == 200 and answer.content_type == "application/link-format"
    links = linked(answer.text)
    [original] = rels(links, "original")
    assert original.href == f"http://localhost{resource}" and "timegate" in original.rel
    [itself] = rels(links, "self")
    assert itself.href == f"http://localhost/timemap/link{resource}"
    assert itself.attributes == {
        "type": "application/link-format",
        "from": "Thu, 01 Jan 2026 12:00:00 GMT",
        "until": "Wed, 01 Apr 2026 12:00:00 GMT",
    }
    states = rels(links, "memento")
    assert [state.href for state in states] == [
        pinned(release, resource) for release in (years.first, years.third, years.fourth)
    ]
    assert "first" in states[0].rel and "last" in states[-1].rel and states[1].rel == {"memento"}
    for state in states:
        found = ask(state.href)
        assert found.status_code == 200
        assert found.headers["Memento-Datetime"] == state.attributes["datetime"]


def test_a_timemap_is_had_as_json_too(ask: Ask, years: Any) -> None:
    document = ask("/timemap/json/collections/lakes?lang=en").json
    assert (
        document["original_uri"] == document["timegate_uri"] == "http://localhost/collections/lakes?lang=en"
    )
    assert document["mementos"]["list"] == [
        {"datetime": f"2026-0{month}-01T12:00:00Z", "uri": pinned(release, "/collections/lakes?lang=en")}
        for month, release in ((1, years.first), (4, years.fourth))
    ]
    assert document["mementos"]["first"] == document["mementos"]["list"][0]
    assert document["mementos"]["last"] == document["mementos"]["list"][-1]
    assert document["timemap_uri"] == {
        "json_format": "http://localhost/timemap/json/collections/lakes?lang=en"
    }


@pytest.mark.parametrize(
    "target",
    [
        "/collections/parishes?limit=1",
        "/http://localhost/collections/parishes?limit=1",
        "/http:/localhost/collections/parishes?limit=1",  # as a proxy leaves it that merges slashes
        "/https://localhost/collections/parishes?limit=1",
    ],
)
def test_a_timegate_takes_a_whole_address_too(ask: Ask, years: Any, target: str) -> None:
    led = ask(f"/timegate{target}", accept_datetime=MARCH)
    assert led.status_code == 302
    assert led.headers["Location"] == pinned(years.third, "/collections/parishes?limit=1")
    assert "accept-datetime" in led.headers["Vary"].lower()
    now = ask(f"/timegate{target}")
    assert now.headers["Location"] == pinned(years.first, "/collections/parishes?limit=1")
    state = f"/http://localhost/releases/{years.fourth}/collections/parishes?limit=1"
    assert ask(f"/timegate{state}", accept_datetime=MARCH).headers["Location"] == led.headers["Location"]
    assert ask(f"/timegate{target}", accept_datetime="yesterday").status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "/nowhere",
        "/releases",
        "/http://elsewhere.example/collections",
        "/collections/nothing",
        "/http:/",
        "/timemap/link/",
    ],
)
@pytest.mark.parametrize("way", ["/timegate", "/timemap/link", "/timemap/json"])
def test_what_is_no_resource_of_ours_has_no_states(ask: Ask, way: str, target: str) -> None:
    told = ask(way + target)
    assert told.status_code == 404 and told.mimetype == "application/problem+json"


def test_a_removed_release_says_what_took_its_place(ask: Ask, linked: Linked, years: Any) -> None:
    for resource in RESOURCES:
        told = ask(pinned(years.second, resource), accept="application/json")
        assert told.status_code == 410
        assert years.second in told.json["detail"] and years.third in told.json["detail"]
        path = resource.partition("?")[0]
        links = {rel: link.href for link in linked(told.headers["Link"]) for rel in link.rel}
        assert links == {
            "successor-version": pinned(years.third, path),
            "latest-version": f"http://localhost{path}",
        }
        assert {link["rel"]: link["href"] for link in told.json["links"]} == links
    page = ask(pinned(years.second, "/collections"), accept="text/html")
    assert page.status_code == 410 and pinned(years.third, "/collections") in page.text


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_tag_leads_to_the_release_that_has_it(ask: Ask, years: Any, resource: str) -> None:
    below = "" if resource == "/" else resource
    led = ask(f"/releases/{quote('年初版')}{below}")
    assert led.status_code == 307 and led.headers["Location"] == pinned(years.first, resource)
    assert "no-cache" in led.headers["Cache-Control"]
    assert ask(led.headers["Location"]).status_code == 200
