"""A YAML file is read as PyYAML would, and every value knows its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.document import Document

# Control characters and surrogates have no place in YAML text; \x85 and the like break lines in it.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.booleans())
def test_values_are_those_of_pyyaml(tmp_path_factory: pytest.TempPathFactory, value: Any, flow: bool) -> None:
    file = tmp_path_factory.mktemp("yaml") / "any.yml"
    file.write_text(yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow), encoding="utf-8")
    document = Document(file)
    assert document.value == value
    assert document.problems == []


def read(folder: Path, text: str) -> Document:
    file = folder / "any.yml"
    file.write_text(text, encoding="utf-8")
    return Document(file)


def test_a_date_stays_the_text_it_is_written_as(tmp_path: Path) -> None:
    assert read(tmp_path, "since: 1951-04-01\n").value == {"since": "1951-04-01"}


def test_a_value_that_is_not_what_its_tag_says_stays_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a: !!int many\nb: !!bool maybe\n").value == {"a": "many", "b": "maybe"}


def test_no_tag_makes_an_object(tmp_path: Path) -> None:
    assert read(tmp_path, "a: !!python/object/apply:os.getcwd []\n").value == {"a": []}


def test_each_key_has_the_line_it_stands_on(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "# comment\na:\n  b:\n    - 1\n    - c: >-\n        long\n        text\nd: {e: 1,\n    f: 2}\n",
    )
    lines = {(): 2, ("a",): 2, ("a", "b"): 3, ("a", "b", 0): 4, ("a", "b", 1): 5, ("a", "b", 1, "c"): 5}
    lines |= {("d", "e"): 8, ("d", "f"): 9}
    assert {key: document.line(key) for key in lines} == lines


def test_what_is_not_there_has_the_line_of_what_is_around_it(tmp_path: Path) -> None:
    document = read(tmp_path, "a:\n  b: 1\nc: 2\n")
    assert document.line(("a", "x", 3, "y")) == 1
    assert document.line(("c", "x")) == 3


def test_an_aliased_value_has_the_line_of_its_anchor(tmp_path: Path) -> None:
    document = read(tmp_path, "a: &x\n  b: 1\nc:\n  - *x\nd: *x\n")
    assert document.line(("c", 0, "b")) == 2
    assert document.line(("d",)) == document.line(("c", 0)) == 1


def test_the_last_of_two_equal_keys_is_told(tmp_path: Path) -> None:
    document = read(tmp_path, "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n")
    (problem,) = document.problems
    assert (problem.line, problem.key) == (5, "b.c")
