"""What an expression gives for one kind of feature at one zoom, as far as a legend has to know.

A legend shows a class of features, not a feature: an attribute that the class does not fix may have any value, so a test on
it holds, and so does a test on the kind of geometry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class _Any:
    """A value that nobody knows: it passes every test."""


ANY = _Any()


def evaluated(value: Any, known: Mapping[str, Any], zoom: float) -> Any:
    """The value of an expression, `known` being the attributes of the class; ANY when it depends on another one."""
    match value:
        case ["get", str(name)]:
            return known.get(name, ANY)
        case ["zoom"]:
            return zoom
        case ["geometry-type"]:
            return ANY
        case ["literal", inner]:
            return inner
        case ["match", wanted, *branches]:
            return _matched(evaluated(wanted, known, zoom), branches, known, zoom)
        case ["interpolate", _, _, *stops]:
            return _between(
                [(at, evaluated(one, known, zoom)) for at, one in zip(stops[::2], stops[1::2])], zoom
            )
        case ["coalesce", *options]:
            return next(
                (one for option in options if (one := evaluated(option, known, zoom)) is not None), None
            )
        case _:
            return value


def holds(test: Any, known: Mapping[str, Any], zoom: float) -> bool:
    """Whether a filter lets features of a class through, or some of them; None is no filter."""
    match test:
        case None:
            return True
        case ["all", *tests]:
            return all(holds(one, known, zoom) for one in tests)
        case ["any", *tests]:
            return any(holds(one, known, zoom) for one in tests)
        case ["==", left, right]:
            found = evaluated(left, known, zoom)
            return found is ANY or found == evaluated(right, known, zoom)
        case ["!=", left, right]:
            found = evaluated(left, known, zoom)
            return found is ANY or found != evaluated(right, known, zoom)
        case ["match", wanted, *branches]:
            found = evaluated(wanted, known, zoom)
            return found is ANY or bool(_matched(found, branches, known, zoom))
        case _:
            raise ValueError(f"a legend cannot read the filter {test!r}")


def _matched(found: Any, branches: Sequence[Any], known: Mapping[str, Any], zoom: float) -> Any:
    for labels, given in zip(branches[:-1:2], branches[1::2]):
        if found in (labels if isinstance(labels, list) else [labels]):
            return evaluated(given, known, zoom)
    return evaluated(branches[-1], known, zoom)


def _between(stops: Sequence[tuple[float, float]], zoom: float) -> float:
    """Linear between two stops, the outermost value beyond them."""
    below = [stop for stop in stops if stop[0] <= zoom]
    above = [stop for stop in stops if stop[0] > zoom]
    if not below or not above:
        return (below or above)[-1 if below else 0][1]
    (left, low), (right, high) = below[-1], above[0]
    return low + (high - low) * (zoom - left) / (right - left)
