"""How the bench of items asks each server, and what it makes of what it measured: a mistake here is a wrong figure."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bench import results
from bench.items import dialects, figures, harvest, plot, report
from bench.items.asks import Ask
from bench.items.cases import cases
from bench.items.contest import ratio
from bench.items.sample import Sample

SAMPLE = Sample(
    features=12_345,
    ids=["a", "b"],
    middles=[(106.5, 29.5), (107.5, 30.5)],
    counties=["500101", "500102"],
    names=["万州区", "涪陵区", "渝中区"],
    areas=[float(number) for number in range(100)],
)
PEER = dialects.Peer(
    "/items",
    "/items/{id}",
    {"geojson": {"f": "json"}},
    ("XZQDM", "XZQMC", "MJ"),
    {"S_INTERSECTS": "INTERSECTS"},
)


def asked(path: str | None) -> dict[str, str]:
    """The parameters of a path."""
    assert path is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def row(
    case: str, server: str, per_second: float, ratio: float | None = None, temper: str = ""
) -> dict[str, Any]:
    """A case as it was measured."""
    return {
        "case": case,
        "title": case,
        "temper": temper,
        "limit": 10,
        "server": server,
        "per_second": per_second,
        "median": 1 / per_second,
        "refused": 0.0,
        "ratio": ratio,
        "size": 1000,
        "matched": 5,
    }


def parts(**more: Any) -> dict[str, Any]:
    """What a run leaves, with some cases."""
    about = {"commit": "abc", "at": "2026-01-01T00:00", "load": 0.1, "seconds": 1.0}
    listed = [
        row("first-10", "ours", 4000.0, 1.0),
        row("first-10", "tipg", 200.0, 20.0),
        row("first-10", "pygeoapi", 50.0, 80.0),
        row("last-10", "ours", 2500.0, 1.0),
        row("last-10", "tipg", 2.0, 1000.0),
        row("cql-equal", "ours", 900.0, 1.0, "cold"),
        row("cql-equal", "tipg", 100.0, 9.0, "cold"),
    ]
    held = {
        "rows": listed,
        "left out": ["tipg, something: answered 500"],
        "absent": {"pg_featureserv": "not built"},
        "features": 5,
        "rounds": 3,
        "database": "PostgreSQL",
        "versions": {"tipg": "1"},
        "about": about,
    }
    return {"cases": held, "deep": {"rows": [{"limit": 10, "ratio": 2.0}]}, **more}


def test_a_ratio_is_the_median_of_the_ratios_within_a_round() -> None:
    # The machine was ten times slower in the second round: both were, and the ratio does not show it.
    assert ratio([100.0, 10.0, 110.0], [50.0, 5.0, 50.0]) == 2.0
    assert ratio([100.0, 100.0, 100.0], [20.0]) == 5.0
    assert ratio([], [1.0]) is None


def test_a_peer_is_asked_by_offset_in_small_letters_and_its_own_words() -> None:
    ask = Ask(
        10,
        place=90,
        filter="S_INTERSECTS(geometry, POINT(1 2)) AND XZQDM = 'MJX'",
        sort="-MJ",
        form="geojson",
    )
    assert asked(PEER.path(ask)) == {
        "f": "json",
        "limit": "10",
        "offset": "90",
        "filter": "INTERSECTS(geom, POINT(1 2)) AND xzqdm = 'MJX'",
        "sortby": "-mj",
    }


def test_a_peer_searches_words_by_like() -> None:
    found = asked(PEER.path(Ask(10, words=("万州",))))["filter"]
    assert found == "(xzqmc LIKE '%万州%' OR ghfqmc LIKE '%万州%')"


def test_a_peer_says_nothing_to_a_form_that_it_does_not_have() -> None:
    assert PEER.path(Ask(10, form="flatgeobuf")) is None


def test_a_deep_page_of_ours_is_walked_to_once_with_pages_as_long_as_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walked: list[dict[str, str]] = []

    def following(address: str, path: str) -> str:
        walked.append(asked(path))
        return f"/releases/r/items?limit={walked[-1]['limit']}&next=c{len(walked)}"

    monkeypatch.setattr(dialects, "following", following)
    ours = dialects.Ours("http://127.0.0.1", longest=10_000)
    deep = Ask(10, place=1_015_000)
    for _ in range(2):
        assert asked(ours.path(deep)) == {"limit": "10", "next": "c2"}
    assert [(one.get("offset"), one["limit"]) for one in walked] == [("1000000", "10000"), (None, "5000")]


def test_cold_questions_are_all_different_and_hot_ones_always_the_same() -> None:
    chance = random.Random(1)
    for case in cases(SAMPLE):
        if case.cold and case.name != "words":
            assert len({case.cold(chance) for _ in range(500)}) == 500, case.name
    assert [case.hot for case in cases(SAMPLE)] == [case.hot for case in cases(SAMPLE)]


def test_deep_pages_end_with_the_last_feature() -> None:
    deep = [case.hot[0] for case in cases(SAMPLE) if case.name.startswith("last-")]
    assert deep and all(ask.place + ask.limit == SAMPLE.features for ask in deep)


def test_pages_of_a_sample_lie_all_over_the_layer() -> None:
    places = list(range(0, 1_000_000, 10_000))
    for number in range(3):
        first = sorted(harvest.spread(places, number)[:4])
        assert set(first) <= set(places)
        assert first[0] < 400_000 < 600_000 < first[-1]
    assert harvest.spread([0], 5) == [0]


def test_figures_are_reached_or_missed_as_the_measurements_say() -> None:
    found = {one.title: one for one in figures.figures(parts(first={"first": 0.2, "some": 0.3}))}
    assert found["pages of 10, ours by tipg"].verdict == "20.0x reached"
    assert found["pages of 10, ours by pygeoapi"].verdict == "80.0x **missed**"
    assert found["last page of 10 by the first, time"].verdict == "2.00x **missed**"
    assert found["CQL2, attribute equal, cold, ours by tipg"].verdict == "9.0x reached"
    assert found["first byte of the whole layer"].verdict == "200 ms **missed**"
    assert found["pages of 1,000, ours by tipg"].verdict == "not measured"


def test_memory_and_harvest_are_judged_by_their_limits() -> None:
    rates = {"ours, pages of 10,000 by next": 99_999.0, "ours, one answer": 100_000.0, "tipg": 9_000.0}
    rows = [
        {"what": what, "per_second": rate, "ratios": dict.fromkeys(harvest.WAYS, 10.0)}
        for what, rate in rates.items()
    ]
    memory = {"before": 1e8, "resident": 500e6, "own": 3e8, "features": 1, "bytes": 1, "seconds": 1.0}
    found = {one.title: one for one in figures.figures({"harvest": {"rows": rows}, "memory": memory})}
    assert not found["harvest, pages of 10,000 by next"].reached
    assert found["harvest, one answer"].reached
    assert found["harvest, one answer, ours by tipg"].reached
    assert found["memory of a worker in 20 harvests at once"].reached


def test_the_section_has_a_column_for_each_size_and_says_what_was_left_out() -> None:
    text = report.text({200_000: parts(), 1_000_000: parts()})
    assert "| figures to reach | to reach | 200,000 zones | 1,000,000 zones |" in text
    assert "| pages of 10, ours by tipg | >= 20x | 20.0x reached | 20.0x reached |" in text
    assert "| first-10 | 5 | 1,000 | 4,000 | 200 | 50.0 | - | 0.25 | 20.0x | 80.0x | - |" in text
    assert "- left out: tipg, something: answered 500" in text
    assert "- pg_featureserv is absent: not built" in text
    assert results.replaced("# Results\n", "Items", text).count("\n## ") == 1


def test_a_peer_that_matches_other_features_is_told_of() -> None:
    measured = parts()
    measured["cases"]["rows"][1]["matched"] = 6
    assert "- first-10: ours matches 5, tipg 6" in report.text({200_000: measured})


def test_a_server_that_refuses_some_requests_is_told_of() -> None:
    measured = parts()
    measured["cases"]["rows"][-1]["refused"] = 0.25
    assert "- cql-equal cold: tipg refused 25.0% of the requests" in report.text({200_000: measured})


def test_the_plot_has_a_dot_for_each_server_of_a_case() -> None:
    drawn = plot.drawn(parts()["cases"]["rows"], 200_000)
    assert drawn.count("<circle") == len(plot.COLOURS) + 7
