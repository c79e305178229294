"""Values of fields and times as parameters: what is read, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import Code, CodeList, Field, Text
from server import moments, params
from server.problems import Wrong

NAME = Text(zh="名", en="name")
moments_of_time = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))


def field(kind: str, codelist: str | None = None) -> Field:
    return Field.model_validate({"name": "x", "type": kind, "title": NAME, "codelist": codelist})


@given(moments_of_time, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_a_moment_with_any_offset_is_that_moment(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    start, end = moments.interval(written.isoformat())
    assert start == end == written
    assert start is not None and start.utcoffset() == timedelta(0)


@given(st.dates(), st.dates())
def test_two_dates_are_an_interval_of_whole_days(first: object, second: object) -> None:
    text = f"{first}/{second}"
    if str(first) > str(second):
        with pytest.raises(Wrong, match="before it begins"):
            moments.interval(text)
        return
    start, end = moments.interval(text)
    assert start is not None and end is not None
    assert start.isoformat() == f"{first}T00:00:00+00:00"
    assert end.isoformat() == f"{second}T23:59:59.999000+00:00"


@given(st.dates())
def test_an_end_may_be_open(day: object) -> None:
    for open_end in ("..", ""):
        assert moments.interval(f"{day}/{open_end}")[1] is None
        assert moments.interval(f"{open_end}/{day}")[0] is None


@given(st.text(alphabet="0123456789-:TZ+./ ", max_size=30))
def test_a_time_is_read_whole_or_refused(text: str) -> None:
    try:
        start, end = moments.interval(text)
    except Wrong:
        return
    assert start or end
    assert all(one is None or one.tzinfo is UTC for one in (start, end))


@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
def test_only_dates_that_exist_are_dates(year: int, month: int, day: int) -> None:
    try:
        datetime(year, month, day)
        exists = True
    except ValueError:
        exists = False
    assert moments.is_date(f"{year:04}-{month:02}-{day:02}") == exists


@pytest.mark.parametrize(
    "kind, text, value",
    [
        ("string", "", ""),
        ("string", "渝中区", "渝中区"),
        ("string", "1", "1"),
        ("array", "a,b", "a,b"),
        ("integer", "-12", -12),
        ("number", "1e3", 1000.0),
        ("number", ".5", 0.5),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("date", "2024-02-29", "2024-02-29"),
    ],
)
def test_a_value_is_read_as_its_field_says(kind: str, text: str, value: object) -> None:
    assert params.value(text, field(kind), {}) == value


@pytest.mark.parametrize(
    "kind, text",
    [
        ("integer", ""),
        ("integer", "1.0"),
        ("integer", "1_000"),
        ("integer", "１"),
        ("integer", "9" * 19),
        ("number", "nan"),
        ("number", "-inf"),
        ("number", "1e999"),
        ("number", "0x10"),
        ("boolean", "1"),
        ("boolean", "True"),
        ("date", "2023-02-29"),
        ("date", "2023-02-28T00:00:00Z"),
        ("date", ""),
    ],
)
def test_a_value_that_is_none_of_its_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(Wrong):
        params.value(text, field(kind), {})


def test_a_code_must_be_in_its_list() -> None:
    codelists = {
        "kinds": CodeList(
            id="kinds", title=NAME, codes=(Code(value="10", title=NAME), Code(value="20", title=NAME))
        )
    }
    assert params.value("10", field("string", "kinds"), codelists) == "10"
    with pytest.raises(Wrong) as wrong:
        params.value("30", field("string", "kinds"), codelists)
    assert "10, 20" in wrong.value.expected.en
