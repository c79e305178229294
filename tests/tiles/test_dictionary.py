"""The dictionary of a tile's values gives each its number once, however many there are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tiles import dictionary


@given(st.lists(st.integers(0, 2**40), max_size=600))
@settings(deadline=None)
def test_keys_are_numbered_in_the_order_of_their_first_appearance(keys: list[int]) -> None:
    table = dictionary.empty()
    found = []
    for key in keys:
        table = dictionary.with_room(table, 1)
        found.append(int(dictionary.local(table, key)))
    order = list(dict.fromkeys(keys))
    assert found == [order.index(key) for key in keys]
    assert table.used[: len(order)].tolist() == order and table.count[0] == len(order)


def test_a_dictionary_has_room_for_as_many_as_were_asked_for() -> None:
    table = dictionary.with_room(dictionary.empty(), 5000)
    slots = len(table.slot_key)
    for key in range(5000):
        dictionary.local(table, key * 1024)
    assert table.count[0] == 5000 and len(table.slot_key) == slots
