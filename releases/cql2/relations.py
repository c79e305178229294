"""What each temporal function asks of two times: one table (21-065r2, 7.6, tables 6 and 7; Time Ontology in OWL, 4.2).

A time is from its first instant to its last. An instant has a first and a last millisecond: a date is its whole day.
In a row s, e are the first and last millisecond of a time; l is the last of the instant with which it starts, f the
first of the one with which it ends; 1 and 2 are the operands. Two instants are the same when both their milliseconds
are, so an interval meets the next where it ends on the day, or in the millisecond, with which that one starts.

The standard's table 7 gives T_STARTS and T_STARTEDBY each other's definition; its abstract tests do not, nor does this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Operator -> condition, in the signs that every dialect of SQL shares.
RELATIONS: Final[Mapping[str, str]] = {
    "t_after": "s1 > e2",
    "t_before": "e1 < s2",
    "t_disjoint": "e1 < s2 OR s1 > e2",
    "t_intersects": "e1 >= s2 AND s1 <= e2",
    "t_equals": "s1 = s2 AND e1 = e2",
    "t_contains": "s1 < s2 AND e1 > e2",
    "t_during": "s1 > s2 AND e1 < e2",
    "t_finishes": "s1 > s2 AND e1 = e2",
    "t_finishedBy": "s1 < s2 AND e1 = e2",
    "t_starts": "s1 = s2 AND e1 < e2",
    "t_startedBy": "s1 = s2 AND e1 > e2",
    "t_meets": "f1 = s2 AND e1 = l2",
    "t_metBy": "s1 = f2 AND l1 = e2",
    # Ends behind the start of the other and not just with it.
    "t_overlaps": "s1 < s2 AND (e1 > l2 OR f1 > s2) AND e1 < e2",
    "t_overlappedBy": "s2 < s1 AND (e2 > l1 OR f2 > s1) AND e2 < e1",
}
