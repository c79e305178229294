"""Which features differ, by digests and ids alone, against sets."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from releases.changes import pairing

IDS = st.lists(st.text(alphabet="ab中𠀀", min_size=1, max_size=3), unique=True, max_size=12)
#: Digests of features by their ids, which they stand in the order of.
DIGESTS = st.lists(st.integers(0, 60), unique=True, max_size=60).map(sorted)


def _leaves(numbers: list[int], alike: bool) -> pairing.Leaves:
    """Digests of some numbers; all of them begin with the same eight bytes when `alike`."""
    found = [hashlib.sha256(b"%d" % number).digest() for number in numbers]
    if alike:
        found = [b"\0" * 8 + one[8:] for one in found]
    return np.frombuffer(b"".join(found), np.uint8).reshape(-1, 32)


@given(DIGESTS, DIGESTS, st.booleans(), st.sampled_from([1, 3, 7, 100]))
def test_what_the_other_side_does_not_have_differs(
    before: list[int], after: list[int], alike: bool, block: int
) -> None:
    found = pairing.differing(_leaves(before, alike), _leaves(after, alike), block)
    assert found[0].tolist() == [i for i, one in enumerate(before, 1) if one not in after]
    assert found[1].tolist() == [i for i, one in enumerate(after, 1) if one not in before]


def test_blocks_are_found_again_however_much_came_between() -> None:
    before = list(range(0, 40_000, 2))
    after = sorted({*before, *range(1, 3001, 2)} - {10, 20_000, *range(30_000, 30_100)})
    found = pairing.differing(_leaves(before, False), _leaves(after, False), 1000)
    assert [before[key - 1] for key in found[0]] == sorted(set(before) - set(after))
    assert [after[key - 1] for key in found[1]] == sorted(set(after) - set(before))


def test_digests_that_begin_alike_are_told_apart() -> None:
    one, other = _leaves([1, 2], alike=True), _leaves([3], alike=True)
    assert [keys.tolist() for keys in pairing.differing(one, other)] == [[1, 2], [1]]
    assert [keys.tolist() for keys in pairing.differing(other, one)] == [[1], [1, 2]]


@given(IDS, IDS)
def test_pairs_stand_in_the_order_of_ids_and_each_id_once(before: list[str], after: list[str]) -> None:
    before, after = sorted(before), sorted(after)
    keys = [np.arange(1, len(ids) + 1, dtype=np.uint32) for ids in (before, after)]
    pairs = pairing.joined(keys[0], pa.array(before, pa.string()), keys[1], pa.array(after, pa.string()))
    expected = [
        (before.index(one) + 1 if one in before else 0, after.index(one) + 1 if one in after else 0)
        for one in sorted({*before, *after})
    ]
    assert list(zip(pairs.before.tolist(), pairs.after.tolist())) == expected


def test_a_number_and_a_text_are_never_the_same_id() -> None:
    keys = np.array([1, 2], np.uint32)
    numbers, texts = pa.array([5, 7]), pa.array(["5", "7"])
    assert [side.tolist() for side in pairing.joined(keys, numbers, keys, texts)] == [
        [1, 2, 0, 0],
        [0, 0, 1, 2],
    ]
    assert [side.tolist() for side in pairing.joined(keys, texts, keys, numbers)] == [
        [0, 0, 1, 2],
        [1, 2, 0, 0],
    ]
