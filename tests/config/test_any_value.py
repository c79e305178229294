"""Whatever stands in a configuration, it is read or refused in words: never a crash, never a library's message."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import config
from config.problems import Key

LAKES = Path(__file__).parent.parent / "regions" / "lakes"
FILES = ("service.yml", "layers.yml", "codelists.yml")
CONTENT: dict[str, Any] = {name: yaml.safe_load((LAKES / name).read_text("utf-8")) for name in FILES}

WORDS = st.sampled_from(
    ["", "lakes", "EPSG:4490", "EPSG:99999", "a b", "../x", "http://x", "[", "{zh}", "{en", "湖"]
)
NUMBERS = st.sampled_from([-1, 0, 1, 23, 10**30, 0.5, -1e300, float("inf"), float("nan")])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["zh", "en", "id", "x"]), inner)
    ),
    max_leaves=4,
)


def places(value: Any, key: Key = ()) -> Iterator[Key]:
    """The key of every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield (*key, name)
        yield from places(part, (*key, name))


PLACES = [(name, key) for name in FILES for key in places(CONTENT[name])]


def changed(value: Any, key: Key, new: Any) -> Any:
    """A copy with one value replaced."""
    value = copy.deepcopy(value)
    target = value
    for part in key[:-1]:
        target = target[part]
    target[key[-1]] = new
    return value


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3, unique_by=lambda x: x[0][0])
)
def test_any_value_anywhere_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[str, Key], Any]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = dict(CONTENT)
    for (name, key), new in changes:
        content[name] = changed(content[name], key, new)
    for name, value in content.items():
        text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")
    try:
        config.load(folder / "service.yml")
    except config.ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.file is not None and problem.file.parent == folder
            assert 1 <= problem.line <= len(problem.file.read_text("utf-8").splitlines()) + 1
            told = problem.message.zh + (problem.expected.zh if problem.expected else "")
            assert not re.search(r"[Ii]nput should|[Vv]alid |pydantic|Error", told), told
