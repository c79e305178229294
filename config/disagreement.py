"""A disagreement between two values of a configuration, and what the checks that look for them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.parts import Draft, Parts
from config.problems import Key
from config.values import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """A disagreement: the key, what is wrong, what was expected, the value, and the names that would do."""

    key: Key
    message: Text
    expected: Text | None = None
    value: str = ""
    known: tuple[str, ...] = ()


def each_layer(parts: Parts) -> Iterator[tuple[Key, Draft]]:
    """Each layer with its key."""
    for place, layer in parts.layers.items():
        yield ("layers", place), layer


def repeated(places: Iterable[tuple[Key, str]]) -> Iterator[Fault]:
    """A fault for each name that stands at more than one place, from the second on."""
    seen: set[str] = set()
    for key, name in places:
        if name in seen:
            message = Text(zh=f"{name!r} 重复", en=f"{name!r} is used twice")
            yield Fault(key, message, Text(zh="互不相同的值", en="a value of its own"))
        seen.add(name)


def unknown(key: Key, value: str, known: tuple[str, ...], noun: Text) -> Iterator[Fault]:
    """A fault when a value is none of those known; the noun says of what."""
    if value in known:
        return
    message = Text(zh=f"没有名为 {value!r} 的{noun.zh}", en=f"there is no {noun.en} {value!r}")
    some = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    expected = Text(zh=f"以下之一：{some}", en=f"one of {some}") if known else None
    yield Fault(key, message, expected, value, known)
