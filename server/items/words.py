"""`q`: what features are called (draft OGC 24-031, 6.2, which has it from OGC 20-004r1).

Terms are parted by commas, and one of them will do. A term's words must stand in one text, in this order and next to
each other, the last of them begun; where there are no spaces between words, as in Chinese, any piece of a text will do,
and spaces in the term mean nothing. Case, accents and the width of letters do not count, nor does punctuation but to
keep Chinese apart; simplified and traditional characters are two. What is searched says `releases.search`.
"""

from __future__ import annotations

from typing import Final

from werkzeug.datastructures import MultiDict

from config.models import Text
from releases.manifest import PublishedLayer
from releases.words import Words, tokens
from server.params import read
from server.problems import Fault, Wrong

PARAMETERS = ("q",)
#: How much may be asked at once: more terms than anybody types, and a name longer than any is.
TERMS: Final = 32
LONGEST: Final = 200


def parse(args: MultiDict[str, str], layer: PublishedLayer, faults: list[Fault]) -> Words | None:
    """What is searched for, None without; what is wrong with it goes to `faults`."""
    found: Words | None = read(args, "q", words, faults)
    if "q" in args and layer.search is None:
        message = Text(zh="此图层没有可检索的名称", en="this collection has no names to search")
        faults.append(
            Fault("q", message, Text(zh="其他图层，或 filter", en="another collection, or a filter"))
        )
    return found


def words(text: str) -> Words:
    """The terms of a text; Wrong when one has nothing to search for, or when there are too many or too long ones."""
    terms = text.split(",")
    if len(terms) > TERMS:
        raise Wrong(
            Text(zh=f"有 {len(terms)} 个检索词", en=f"has {len(terms)} terms"),
            Text(zh=f"至多 {TERMS} 个，以逗号分隔", en=f"{TERMS} at most, parted by commas"),
        )
    long = next((place for place, term in enumerate(terms, 1) if len(term) > LONGEST), None)
    if long is not None:
        raise Wrong(
            Text(
                zh=f"第 {long} 个检索词有 {len(terms[long - 1])} 个字符",
                en=f"term {long} has {len(terms[long - 1])} characters",
            ),
            Text(zh=f"至多 {LONGEST} 个字符", en=f"{LONGEST} at most"),
        )
    empty = next((place for place, term in enumerate(terms, 1) if not tokens(term)), None)
    if empty is not None:
        shown = ascii(terms[empty - 1]) if not terms[empty - 1].isprintable() else repr(terms[empty - 1])
        raise Wrong(
            Text(
                zh=f"第 {empty} 个检索词 {shown} 没有可检索的字",
                en=f"term {empty}, {shown}, has nothing to search for",
            ),
            Text(zh="含有文字或数字的检索词", en="terms with letters, digits or characters"),
        )
    return Words.of(*terms)
