"""How the figures of changes are written down."""

from __future__ import annotations

import pytest

from bench.changes import report


@pytest.mark.parametrize(("first", "missed"), [(0.4, False), (1.0, False), (1.01, True)])
def test_a_first_page_that_came_too_late_is_marked(first: float, missed: bool) -> None:
    seconds = {
        "first": first,
        "first, nothing in memory": 2.0,
        "next": 0.01,
        "sequence": 1e-4,
        "versions": 0.1,
    }
    figures = {
        "1,000 zones": {
            "features": 1234,
            "rounds": 2,
            "rows": [{"changes": 1000, "seconds": seconds, "memory": 10**8}],
            "about": {"commit": "abc", "at": "2026-11-24T10:00+00:00", "load": 0.5},
        }
    }
    text = report.text(figures)
    assert f"| 1,234 | 1,000 | {first:.2f}" in text
    assert ("**missed**" in text) == missed
