"""The tree of RFC 9162 against the definitions that it is given by, which split a list and do not pair it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.proof import merkle
from releases.proof.merkle import Digests, WrongPath
from releases.proof.tree import Tree, write
from releases.store import ReleaseDamaged


def leaves(count: int, seed: int = 0) -> Digests:
    return merkle.digests(merkle.leaf(b"%d %d" % (seed, place)) for place in range(count))


def split(count: int) -> int:
    """The largest power of two below a number."""
    return 1 << (count - 1).bit_length() - 1


def expected_root(some: list[bytes]) -> bytes:
    """RFC 9162 2.1.1 to the letter, of leaves' digests."""
    if not some:
        return hashlib.sha256().digest()
    if len(some) == 1:
        return some[0]
    at = split(len(some))
    return hashlib.sha256(b"\1" + expected_root(some[:at]) + expected_root(some[at:])).digest()


def expected_path(index: int, some: list[bytes]) -> list[bytes]:
    """RFC 9162 2.1.3.1 to the letter."""
    if len(some) == 1:
        return []
    at = split(len(some))
    if index < at:
        return [*expected_path(index, some[:at]), expected_root(some[at:])]
    return [*expected_path(index - at, some[at:]), expected_root(some[:at])]


def rows(some: Digests) -> list[bytes]:
    return [row.tobytes() for row in some]


@pytest.mark.parametrize("count", [*range(40), 63, 64, 65, 255, 256, 257, 1000])
def test_the_root_is_that_of_the_rfc(count: int) -> None:
    assert merkle.root(leaves(count)) == expected_root(rows(leaves(count)))


@given(st.integers(1, 300).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_a_path_is_that_of_the_rfc_and_leads_to_the_root(place: tuple[int, int]) -> None:
    index, size = place
    some = leaves(size)
    levels = list(merkle.levels(some))
    path = [levels[height][beside].tobytes() for height, beside in merkle.siblings(index, size)]
    assert path == expected_path(index, rows(some))
    assert merkle.climb(some[index].tobytes(), index, size, path) == merkle.root(some)


@given(
    st.integers(2, 200).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))),
    st.integers(0, 255),
    st.integers(0, 2**31),
)
def test_no_altered_path_leads_to_the_root(place: tuple[int, int], bit: int, which: int) -> None:
    index, size = place
    some = leaves(size)
    path = expected_path(index, rows(some))
    at = which % len(path)
    altered = bytearray(path[at])
    altered[bit // 8] ^= 1 << bit % 8
    wrong = [*path[:at], bytes(altered), *path[at + 1 :]]
    assert merkle.climb(some[index].tobytes(), index, size, wrong) != merkle.root(some)
    for other in (path[:-1], [*path, path[-1]]):
        with pytest.raises(WrongPath):
            merkle.climb(some[index].tobytes(), index, size, other)


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_a_place_outside_the_tree_has_no_path(index: int) -> None:
    with pytest.raises(WrongPath, match="no leaf"):
        merkle.climb(bytes(32), index, 5, [])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 100])
def test_a_tree_in_a_file_gives_the_same_root_leaves_and_paths(count: int, tmp_path: Path) -> None:
    some = leaves(count)
    write(some, tmp_path / "tree")
    tree = Tree(tmp_path / "tree", count)
    assert tree.root == merkle.root(some)
    assert np.array_equal(tree.leaves(), some)
    for key in range(1, count + 1):
        assert tree.leaf(key) == some[key - 1].tobytes()
        assert tree.path(key) == expected_path(key - 1, rows(some))
    for key in (0, count + 1):
        with pytest.raises(IndexError):
            tree.leaf(key)


@given(st.integers(1, 70), st.sets(st.integers(1, 70)))
def test_a_tree_with_some_leaves_changed_is_the_tree_of_the_changed_leaves(
    tmp_path_factory: pytest.TempPathFactory, count: int, keys: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("trees")
    some, fresh = leaves(count), leaves(count, seed=1)
    write(some, folder / "old")
    changed = {key: fresh[key - 1].tobytes() for key in keys if key <= count}
    root = Tree(folder / "old", count).update(changed, folder / "new")
    expected = some.copy()
    for key in changed:
        expected[key - 1] = fresh[key - 1]
    write(expected, folder / "whole")
    assert (folder / "new").read_bytes() == (folder / "whole").read_bytes()
    assert root == merkle.root(expected)


def test_a_tree_of_another_length_is_damaged(tmp_path: Path) -> None:
    write(leaves(5), tmp_path / "tree")
    with pytest.raises(ReleaseDamaged, match="expected"):
        Tree(tmp_path / "tree", 6)
