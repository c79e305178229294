"""A filter taken apart: nothing is lost, nothing is asked twice, and each part goes where it is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import Layer
from releases import conjuncts, cql2
from releases.cql2.nodes import Call, Column, Node, Shape

PARTS = {
    "attribute": [
        "NAME = 'a'",
        "NOT FLOORS > 3",
        "NAME = 'a' OR FLOORS < 2",
        "LISTED",
        "AREA BETWEEN 1 AND 2",
    ],
    "shape": ["S_INTERSECTS(geometry, BBOX(0,0,1,1))", "S_DISJOINT(POINT(1 1), geometry)"],
    "rest": [
        "NOT S_INTERSECTS(geometry, BBOX(0,0,1,1))",
        "S_WITHIN(POINT(0 0), BBOX(0,0,1,1))",
        "S_WITHIN(CENTROID(geometry), BBOX(0,0,1,1))",
        "S_INTERSECTS(geometry, geometry)",
        "A_CONTAINS(TAGS, ('a'))",
        "FLOORS > 3 OR S_WITHIN(geometry, BBOX(0,0,1,1))",
    ],
}
KIND = {text: kind for kind, texts in PARTS.items() for text in texts}


def read(text: str, layer: Layer) -> cql2.Filter:
    return cql2.check(cql2.parse(text), layer)


def able(node: Node) -> bool:
    return all(isinstance(part, Column) and part.type not in ("geometry", "array") for part in columns(node))


def columns(node: Node) -> list[Node]:
    if isinstance(node, Call):
        return [part for arg in node.args for part in columns(arg)]
    return [node] if isinstance(node, Column | Shape) else []


@given(texts=st.lists(st.sampled_from(sorted(KIND)), min_size=1, max_size=8, unique=True))
def test_each_part_goes_where_it_is_answered_and_all_together_are_the_filter(
    layer: Layer, texts: list[str]
) -> None:
    roots = {text: read(text, layer).root for text in texts}
    filter = read(" AND ".join(f"({text})" for text in texts), layer)
    found = conjuncts.parted(filter, able)

    expected = {kind: {roots[text] for text in texts if KIND[text] == kind} for kind in PARTS}
    assert set(found.attributes) == expected["attribute"] and set(found.shapes) == expected["shape"]
    rest = expected["rest"]
    if found.rest is None:
        assert not rest
    elif len(rest) == 1:
        assert {found.rest.root} == rest
    else:
        assert isinstance(found.rest.root, Call) and found.rest.root.op == "and"
        assert set(found.rest.root.args) == rest
    assert len(found.attributes) + len(found.shapes) + len(rest) == len(set(roots.values()))


@pytest.mark.parametrize("text", PARTS["shape"])
def test_a_shape_is_told_geometry_first(text: str, layer: Layer) -> None:
    (shape,) = conjuncts.parted(read(text, layer), able).shapes
    assert shape.args[0] == Column("", "geometry") and isinstance(shape.args[1], Shape)


def test_what_columns_cannot_answer_is_left_to_the_database(layer: Layer) -> None:
    filter = read("NAME = 'a' AND FLOORS > 3", layer)
    assert conjuncts.parted(filter, lambda node: False) == conjuncts.Conjuncts(rest=filter)
