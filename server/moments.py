"""Dates and times as RFC 3339 writes them, and intervals of them (17-069r4, 7.15.4), read into UTC.

Not left to `datetime.fromisoformat`: that also reads week dates, basic forms and times without an offset from
UTC, which no client should come to rely on.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from config.models import Text
from releases.query import Interval
from server.problems import Wrong

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?P<clock>(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.(?P<fraction>[0-9]+))?(?P<zone>[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_SUBSET = re.compile(r'datetime\((?:"(?P<at>[^"/]+)"|(?P<low>"[^"/]+"|\*):(?P<high>"[^"/]+"|\*))\)')
_EXPECTED_SUBSET = Text(
    zh='datetime("时刻") 或 datetime("起":"止")，开放的一端写 *',
    en='datetime("an instant") or datetime("start":"end"), * for an open end',
)
_OPEN: Final = ("", "..")
#: The store keeps milliseconds: this is the last one of a day.
_LAST = timedelta(days=1, milliseconds=-1)
_EXPECTED = Text(
    zh="RFC 3339 日期或时刻，或以 / 分隔的区间，一端可开放写作 ..；+ 号须写作 %2B",
    en="an RFC 3339 date or date-time, or two with / between, one may be .. for open; + is written %2B",
)


def interval(text: str) -> Interval:
    """An instant or an interval as start and end, both included; a date is its whole day in UTC. Wrong when
    neither.
    """
    parts = text.split("/")
    try:
        if len(parts) == 1:
            return _first(text), _last(text)
        start, end = (None if part in _OPEN else part for part in parts)
        if start is None and end is None:
            # The grammar has no interval that is open at both ends: leave the parameter out.
            raise ValueError(text)
        found = start and _first(start), end and _last(end)
    except (ValueError, OverflowError):
        raise Wrong.value(text, _EXPECTED) from None
    if found[0] and found[1] and found[0] > found[1]:
        raise Wrong(Text(zh=f"{text!r} 起止颠倒", en=f"{text!r} ends before it begins"), _EXPECTED)
    return found[0] or None, found[1] or None


def subset(text: str) -> Interval | None:
    """The same as OGC 20-057, 13 writes it, an axis and its part: datetime("2024-01-01":"2024-12-31"), * for an open
    end. None is all time; Wrong for anything else, another axis too.
    """
    found = _SUBSET.fullmatch(text)
    if found is None:
        raise Wrong.value(text, _EXPECTED_SUBSET)
    if found["at"]:
        return interval(found["at"])
    low, high = (".." if found[end] == "*" else found[end].strip('"') for end in ("low", "high"))
    return None if low == high == ".." else interval(f"{low}/{high}")


def is_date(text: str) -> bool:
    """Whether a text is a full-date of RFC 3339 that exists."""
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _first(text: str) -> datetime:
    if _DATE.fullmatch(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return _instant(text)


def _last(text: str) -> datetime:
    if _DATE.fullmatch(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC) + _LAST
    return _instant(text)


def _instant(text: str) -> datetime:
    """A date-time; digits behind the microsecond are cut off."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    fraction = (found["fraction"] or "0")[:6].ljust(6, "0")
    whole = f"{found['day']}T{found['clock']}.{fraction}{found['zone'].upper()}"
    return datetime.fromisoformat(whole).astimezone(UTC)
