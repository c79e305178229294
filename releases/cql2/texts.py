"""What CQL2 does with characters: folding of case and accents, and the patterns of LIKE.

Rule here: a text and the pattern that it is held against are folded by the same function, so that they meet.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from config.models import Text
from releases.cql2.faults import FilterError, fault
from releases.cql2.nodes import Pattern, Wildcard

#: Characters of a pattern: SQLite takes 50,000 bytes, and time goes with its length times that of the text.
LONGEST: Final = 1_000
#: Dakuten and handakuten make another letter of the one before (/rec/…/japanese-non-spacing-marks).
_LETTERS: Final = "\u3099\u309a"


def casei(text: str) -> str:
    """Full case folding of Unicode (/req/case-insensitive-comparison/casei-function E)."""
    return text.casefold()


def accenti(text: str) -> str:
    """The text without non-spacing marks (21-065r2, 7.4, implementation guidance): decomposed, stripped and composed
    again, so that what is left of a character is still one for `_` in a pattern.
    """
    if text.isascii():
        return text
    marked = unicodedata.normalize("NFD", text)
    plain = "".join(one for one in marked if unicodedata.category(one) != "Mn" or one in _LETTERS)
    return unicodedata.normalize("NFC", plain)


FOLDINGS: Final[Mapping[str, Callable[[str], str]]] = {"casei": casei, "accenti": accenti}


def pattern(text: str) -> Pattern:
    r"""The pattern of LIKE: % any characters, _ any one, and \ makes of the next character just that
    (/req/advanced-comparison-operators/like-predicate).
    """
    if len(text) > LONGEST:
        most = Text(zh=f"至多 {LONGEST} 个字符", en=f"at most {LONGEST}")
        raise FilterError(
            fault(f"LIKE 模式有 {len(text)} 个字符", f"the pattern has {len(text)} characters", most)
        )
    parts: list[str | Wildcard] = []
    signs = iter(text)
    for sign in signs:
        if sign == "%" or sign == "_":
            if sign == "%" and parts and parts[-1] == Wildcard("%"):
                continue
            parts.append(Wildcard("%" if sign == "%" else "_"))
            continue
        if sign == "\\":
            escaped = next(signs, None)
            if escaped is None:
                what = Text(zh="\\ 之后有一个字符", en="a character behind \\")
                shown = repr(text[:60])
                raise FilterError(fault(f"LIKE {shown} 以 \\ 结尾", f"LIKE {shown} ends in \\", what))
            sign = escaped
        if parts and isinstance(parts[-1], str):
            parts[-1] += sign
        else:
            parts.append(sign)
    return Pattern(tuple(parts))


def folded(pattern: Pattern, folding: str) -> Pattern:
    """A pattern for texts that are folded: its own texts are, its wildcards stay."""
    fold = FOLDINGS[folding]
    parts = (fold(part) if isinstance(part, str) else part for part in pattern.parts)
    return Pattern(tuple(part for part in parts if part != ""))
