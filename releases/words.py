"""What of a text is searched: the tokens that an index holds and that a question is asked in.

Chinese is written without spaces, so every character is a token and a question is a row of them: whatever stands in a
text is found, from one character on. Where words have spaces, words are the tokens. All that tells a character from a
letter is decided here, by Python's Unicode, for index and question alike; SQLite only parts what it is given at spaces.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

#: Characters of scripts without spaces: Han and its radicals, kana, bopomofo, hangul, Yi, planes 2 and 3 as a whole,
#: and the private areas, where old Chinese code pages have rare characters of names.
_ALONE: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48f"
    "\uac00-\ud7af\ue000-\uf8ff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff\U000f0000-\U0010fffd"
)
#: Vowels and subjoined letters of Tibetan, which are marks by Unicode and parts of a syllable to its readers.
_MARKS: Final = "\u0f71-\u0f84\u0f8d-\u0fbc"
_TOKEN: Final = re.compile(f"[{_ALONE}]|(?:[^\\W_{_ALONE}]|[{_MARKS}])+")
#: Anything but space between two such characters keeps them apart: 成渝（中线） does not hold 渝中.
_BREAK: Final = re.compile(f"(?<=[{_ALONE}])\\s*(?:(?:[^\\w\\s{_ALONE}{_MARKS}]|_)\\s*)+(?=[{_ALONE}])")
#: Stands for a break; no letter, so that it is no part of a token.
_APART: Final = "·"
#: What letters may wear, so that Chóngqìng is found as chongqing, and what is not seen: variants of a character's form,
#: joiners, soft hyphens.
_WORN: Final = dict.fromkeys(
    [
        *range(0x0300, 0x0370),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
        *range(0x200B, 0x200E),
        0x00AD,
        0x2060,
        0xFEFF,
    ]
)


def tokens(text: str) -> list[str]:
    """The tokens of a text in their order, without case, accents and width; simplified and traditional stay two."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded).translate(_WORN))
    found: list[str] = []
    for part in _BREAK.split(folded):
        if found:
            found.append(_APART)
        found += _TOKEN.findall(part)
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """What is searched for: texts that hold one of the terms, each a row of tokens, the last of them as a beginning.

    So 渝中 finds 渝中区, "chong" finds Chongqing and "chongqing mun" finds Chongqing Municipality; "qing" finds none
    of them. No term is empty.
    """

    terms: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, *terms: str) -> Words:
        """What some texts ask for; each has a letter, a digit or a character."""
        return cls(tuple(dict.fromkeys(tuple(tokens(term)) for term in terms)))
