"""What arithmetic means: in doubles, as JSON's numbers are; where there is no finite result there is none at all.

So division by zero is null, and so is what no double can hold: nothing here raises and nothing grows.
`div` cuts the quotient towards zero and `%` is the remainder that it leaves, with the sign of the dividend:
a = (a div b) * b + a % b.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

Number = int | float
#: From here on a double has no fraction.
WHOLE: Final = 2**53


def _quotient(a: float, b: float) -> float:
    # Not trunc(a / b): the division may round up to the next integer, and then the remainder would not fit.
    return float(round((a - math.fmod(a, b)) / b))


_OPERATIONS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    # ValueError of fmod: the divisor is zero. Of pow: there is no real result, as for a root of a negative number.
    "%": math.fmod,
    "div": _quotient,
    "^": math.pow,
}


def operation(name: str) -> Callable[[Number, Number], float | None]:
    """The operation of a name on two numbers; None where it has no finite result."""
    compute = _OPERATIONS[name]

    def computed(one: Number, other: Number) -> float | None:
        try:
            found = compute(float(one), float(other))
        except (ArithmeticError, ValueError):
            return None
        return found if math.isfinite(found) else None

    return computed
