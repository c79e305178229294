"""Findings as people and programs read them."""

from __future__ import annotations

import json
from typing import Any

import shapely
from hypothesis import given
from hypothesis import strategies as st

from config.models import Text
from releases.faults import inner_point
from releases.findings import Finding, capped, refused

MESSAGE = Text(zh="坏了", en="broken")
WHOLE = Finding("a-rule", MESSAGE, "west", "parcels", "CODE", "P1", 7, (104.5, 30.25))


def test_a_line_names_rule_authority_layer_feature_field_and_place() -> None:
    assert WHOLE.line("en") == "[refuse] a-rule west/parcels P1 CODE (104.5, 30.25): broken"
    assert WHOLE.line("zh").endswith(": 坏了")
    assert str(WHOLE) == WHOLE.line("en")


def test_a_feature_without_an_id_is_found_by_its_row() -> None:
    finding = Finding("a-rule", MESSAGE, "west", "parcels", row=7, severity="warn")
    assert finding.line("en") == "[warn] a-rule west/parcels row 7: broken"
    assert finding.line("zh") == "[warn] a-rule west/parcels 第7行: 坏了"


def test_a_finding_is_a_json_object_with_every_member() -> None:
    document = json.loads(json.dumps(WHOLE.as_json()))
    assert document["message"] == {"zh": "坏了", "en": "broken"}
    assert document["place"] == [104.5, 30.25]
    assert set(Finding("a-rule", MESSAGE).as_json()) == set(document)


def test_only_refusals_refuse() -> None:
    assert not refused([Finding("a", MESSAGE, severity="warn"), Finding("b", MESSAGE, severity="note")])
    assert refused([Finding("a", MESSAGE, severity="warn"), WHOLE])


finding = st.builds(
    Finding,
    rule=st.sampled_from("ab"),
    message=st.just(MESSAGE),
    authority=st.sampled_from(["west", "east", None]),
    layer=st.just("parcels"),
    count=st.sampled_from([1, 1, 1, 5]),
)


@given(st.lists(finding, max_size=60), st.integers(1, 4))
def test_a_cap_shortens_the_list_and_keeps_the_count_of_each_rule(found: list[Any], listed: int) -> None:
    short = capped(found, listed)
    for rule in "ab":
        for authority in ("west", "east", None):
            before = [f for f in found if (f.rule, f.authority) == (rule, authority)]
            after = [f for f in short if (f.rule, f.authority) == (rule, authority)]
            assert sum(f.count for f in after) == sum(f.count for f in before)
            assert len(after) <= listed + 1
    assert capped(short, listed + 1) == short or sum(f.count for f in short) == sum(f.count for f in found)


def test_the_place_of_a_shape_is_where_it_is_wide_and_not_in_a_hair_of_rounding() -> None:
    ends = [(103.240575, 28.812099), (103.2428941, 28.8128238)]
    gap = shapely.Polygon([*ends, (103.2414864, 28.813071)])
    # An edge of 1.7 km goes on where the gap ends, and the vertex there is rounded: a hair of a centimetre.
    hair = shapely.Polygon([*ends, (103.256801, 28.81717)])
    both = shapely.Polygon([ends[0], (103.2414864, 28.813071), ends[1], (103.256801, 28.81717)])
    assert not shapely.covers(gap, shapely.point_on_surface(both))
    assert shapely.covers(gap, shapely.Point(inner_point(both)))
    assert shapely.dwithin(hair, shapely.Point(inner_point(hair)), 1e-9)
    assert inner_point(shapely.Point(104, 30)) == (104, 30)
