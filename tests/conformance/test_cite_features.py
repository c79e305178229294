"""OGC CITE's executable test suite for OGC API Features (Parts 1 and 2) against a running server, in about three minutes.

CITE_FEATURES holds the class path of the suite with all it needs. The abstract tests beside this file go further.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import pytest

Cite = Callable[..., list[Any]]
pytestmark = pytest.mark.timeout(700)
#: Where the suite does without an answer: `timeStamp`, which is left out (17-069r4 /req/core/fc-timeStamp says "if"), and
#: boxes of its own, in which nothing of the data lies.
WITHOUT = ("timeStamp", "No features were returned for collection.")


@pytest.fixture(scope="module")
def collections(live: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{live}/collections") as answer:
        return list(json.load(answer)["collections"])


def passed(found: list[Any]) -> int:
    counted = Counter(one.status for one in found)
    print(dict(counted))
    return counted["PASS"]


def test_the_suite_passes(live: str, cite: Cite, collections: list[dict[str, Any]]) -> None:
    """On the first collections up to one of which a feature has no geometry: the suite can only be told a number."""
    first = len([*takewhile(lambda one: not one["nullGeometryCount"], collections)])
    found = cite("CITE_FEATURES", {"iut": f"{live}/", "noofcollections": str(first)}, seconds=600)
    assert first >= 3
    assert [one for one in found if one.status == "FAIL"] == []
    skipped = [one for one in found if one.status == "SKIP"]
    assert [one for one in skipped if not any(word in one.message for word in WITHOUT)] == []
    assert passed(found) >= 500


def test_the_suite_fails_nowhere_but_where_a_feature_has_no_geometry(
    live: str, cite: Cite, collections: list[dict[str, Any]]
) -> None:
    """On all collections, of which some have features without a geometry, which every box matches (/req/core/fc-bbox-response).

    Of these the suite reads a geometry all the same, and in a CRS of latitude and longitude it asks for a box with
    longitude first, which finds nothing but them.
    """
    found = cite("CITE_FEATURES", {"iut": f"{live}/", "noofcollections": "-1"}, seconds=600)
    nowhere = {one["id"] for one in collections if one["nullGeometryCount"]}
    failed = [one for one in found if one.status == "FAIL" and one.subject not in nowhere]
    assert failed == []
    assert passed(found) >= 1500
