"""Cursors and limits: what is read, and that a cursor cannot be bent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.query import Query, SortKey, Where
from server.items.asked import whole
from server.items.cursor import Binding
from server.problems import Wrong

MOST = 10_000
finite = st.floats(-1e6, 1e6)


@given(st.integers(1, 10**30))
def test_a_limit_is_read_and_clamped(limit: int) -> None:
    assert whole(str(limit), 1, MOST) == min(limit, MOST)


@given(st.text(max_size=20).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_what_is_no_whole_number_is_no_limit(text: str) -> None:
    with pytest.raises(Wrong):
        whole(text, 1, MOST)


wheres = st.builds(
    Where,
    boxes=st.lists(st.tuples(finite, finite, finite, finite), max_size=2).map(tuple),
    equals=st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=5)), max_size=2).map(tuple),
)
orders = st.lists(st.builds(SortKey, st.sampled_from("abc"), st.booleans()), max_size=2).map(tuple)
queries = st.builds(Query, limit=st.integers(1, 1000), where=wheres, order=orders)


@given(queries, st.integers(0, 2**62))
def test_a_cursor_leads_where_it_was_made_for(query: Query, start: int) -> None:
    binding = Binding("r", "layer", query, None)
    text = binding.cursor(start)
    assert binding.start(text) == start
    assert text.replace("-", "").replace("_", "").replace("=", "").isalnum()


@given(queries, st.integers(0, 2**62), st.integers(0, 23), st.characters(codec="ascii"))
def test_a_cursor_that_was_altered_is_refused(query: Query, start: int, place: int, character: str) -> None:
    binding = Binding("r", "layer", query, None)
    text = binding.cursor(start)
    altered = text[:place] + character + text[place + 1 :]
    if altered == text:
        return
    with pytest.raises(Wrong):
        binding.start(altered)


@given(queries, queries)
def test_a_cursor_is_no_good_for_anything_else(one: Query, other: Query) -> None:
    text = Binding("r", "layer", one, "EPSG:4490").cursor(7)
    for release, layer, query, crs in (
        ("s", "layer", one, "EPSG:4490"),
        ("r", "other", one, "EPSG:4490"),
        ("r", "layer", other, "EPSG:4490"),
        ("r", "layer", one, "EPSG:3857"),
    ):
        if (release, layer, crs, query.where, query.order) == (
            "r",
            "layer",
            "EPSG:4490",
            one.where,
            one.order,
        ):
            continue
        with pytest.raises(Wrong):
            Binding(release, layer, query, crs).start(text)


@given(queries, st.integers(1, 1000))
def test_a_cursor_is_good_for_a_page_of_any_length(query: Query, limit: int) -> None:
    shorter = Query(limit, 5, query.where, query.order)
    assert Binding("r", "layer", shorter).start(Binding("r", "layer", query).cursor(9)) == 9
