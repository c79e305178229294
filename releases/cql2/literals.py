"""Numbers and times of CQL2 as values: integers where they are whole, times to the millisecond."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from config.models import Text
from releases.cql2.faults import FilterError, fault
from releases.cql2.lexer import EXACT, inexact
from releases.cql2.nodes import Instant, Value

_DAY: Final = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_FRACTION = re.compile(r"\.([0-9]+)")
_INSTANT = Text(
    zh="存在的日期或时刻（RFC 3339），如 2025-01-31 或 2025-01-31T08:00:00Z",
    en="a date or time that exists (RFC 3339), as 2025-01-31 or 2025-01-31T08:00:00Z",
)


def number(value: int | float, shown: str) -> Value:
    """A finite number; one without a fraction is an integer, so that 1.0 and 1 are the same filter."""
    if isinstance(value, int) and abs(value) > EXACT:
        raise FilterError(inexact(str(value), shown, shown))
    if not math.isfinite(value):
        finite = Text(zh="有限的数", en="a finite number")
        raise FilterError(fault(f"{shown}：数太大", f"{shown}: the number is too large", finite))
    whole = abs(value) <= EXACT and value == int(value)
    return Value(int(value) if whole else value, "number")


def instant(text: Any) -> Instant:
    """A full-date or a date-time of RFC 3339; digits behind the millisecond are cut off."""
    try:
        if _DATE.fullmatch(text):
            start = _milliseconds(datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC))
            return Instant(text, start, start + _DAY - 1)
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        # Python 3.12 reads at most six digits of a fraction.
        plain = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text.upper())
        start = _milliseconds(datetime.fromisoformat(plain.replace(" ", "T")).astimezone(UTC))
    except (ValueError, OverflowError, TypeError):
        shown = repr(text)[:60]
        raise FilterError(fault(f"{shown} 不是时间", f"{shown} is no time", _INSTANT)) from None
    moment = (_EPOCH + timedelta(milliseconds=start)).isoformat(timespec="milliseconds")
    return Instant(moment.replace("+00:00", "Z"), start, start)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
