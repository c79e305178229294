"""CQL2 text as tokens, before it is parsed: what a parser must never see is turned away here.

The parser (cql2-rs) goes back and tries again where brackets do not work out, which doubles its time with each
bracket inside another, and it descends on the processor's stack once for each sign in a row. So brackets and
rows are counted first. It also knows no escapes, no array without members, no exponents in WKT and no name that
begins with a colon; here they are read as the standard has them and written again in a form that it does know.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from typing import Final, NamedTuple

from config.models import Text
from releases.cql2.faults import FilterError, FilterFault, fault
from releases.cql2.places import Spot

#: Characters of a filter; an address holds fewer.
LENGTH: Final = 65_536
#: Two to the depth of each bracket, added up: 40 ms of parsing at worst, 12 brackets one in the other.
BRACKETS: Final = 2**13
#: Signs and operators in a row without a bracket, a comma, AND or OR between them.
ROW: Final = 32
#: What stands for an array without members: NUL, which no text may hold, twice in a list.
EMPTY: Final = ["\0", "\0"]
#: Numbers of a longer exponent or mantissa are left as they are: no coordinate has them.
_EXPONENT: Final = 24
#: The integers that a double holds exactly (RFC 8259 6): the parser keeps no others.
EXACT: Final = 2**53

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:''|\\.|[^'\\])*')
      | (?P<quoted>"(?:""|[^"])*")
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>(?::|[^\W\d])[\w.:]*)
      | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
      | (?P<sign><>|<=|>=|!=|[-=<>+*/%^])""",
    re.VERBOSE | re.DOTALL,
)
#: 21-065r2 /req/cql2-text/escaping; any other backslash is itself, so that LIKE sees those of its wildcards.
_ESCAPES: Final = {
    "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "'": "'", "\\": "\\",
}  # fmt: skip
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
#: Words that stand between operands and lengthen a row.
_OPERATORS: Final = {"not", "div", "like", "in", "between", "is"}
_JUNCTIONS: Final = {"and", "or"}


class Lexed(NamedTuple):
    """A text that is safe to parse, and where its tokens stood in the one that was given.

    Parameters
    ----------
    text : for the parser
    starts : where each token begins in `text`, and in the given one
    spots : names, texts and numbers in their order, and where each begins in the given text
    """

    text: str
    starts: tuple[tuple[int, ...], tuple[int, ...]]
    spots: tuple[Spot, ...]

    def place(self, at: int) -> int:
        """Where a place of `text` was in the given text."""
        ours, given = self.starts
        token = max(bisect_right(ours, at) - 1, 0)
        return given[token] + (at - ours[token]) if ours else 0


def lex(text: str) -> Lexed:
    """Cut a text into tokens; FilterError when it is no CQL2 by its letters or would take too much."""
    if len(text) > LENGTH:
        raise FilterError(too_long(len(text)))
    written: list[str] = []
    starts: list[int] = []
    spots: list[Spot] = []
    cost = depth = row = 0
    # The last token but space: its kind, and the place of what was written for it.
    last, at_last = "", 0
    for at, kind, token in _tokens(text):
        starts.append(at)
        written.append(_rewritten(kind, token, at))
        if kind == "space":
            continue
        if kind == "open":
            depth += 1
            cost += 1 << min(depth, 20)
        elif kind == "close":
            depth -= 1
        if depth < 0 or cost > BRACKETS:
            raise FilterError(_unopened(at) if depth < 0 else _too_deep(at))
        row = _row(row, kind, token.lower())
        if row > ROW:
            raise FilterError(_too_many(at))
        if kind == "open" and last == "name":
            spots[-1], kind = _called(spots[-1]), "call"
        elif kind == "close" and last == "open":
            written[at_last] = "('\0','\0'"
        elif kind in ("name", "quoted", "text", "number"):
            spots.append(_spot(kind, token, at))
        last, at_last = kind, len(written) - 1
    if depth:
        raise FilterError(_unclosed(len(text)))
    ours = tuple(accumulate(map(len, written), initial=0))[:-1]
    return Lexed("".join(written), (ours, tuple(starts)), tuple(spots))


def _spot(kind: str, token: str, at: int) -> Spot:
    if kind == "text":
        return Spot(("text", literal(token)), at)
    if kind == "number":
        return Spot(("number", float(token)), at)
    return Spot(("name", token[1:-1].replace('""', '"') if kind == "quoted" else token), at)


def _called(spot: Spot) -> Spot:
    """A name before a bracket is a function's, if it is not a word between operands."""
    name = str(spot.sign[1]).lower()
    return spot if name in _OPERATORS | _JUNCTIONS else Spot(("call", name), spot.at)


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise FilterError(_no_token(text, at))
        yield at, str(found.lastgroup), found[0]
        at = found.end()


def _row(row: int, kind: str, word: str) -> int:
    """How many signs stand in a row behind this token."""
    if kind in ("open", "close", "comma") or word in _JUNCTIONS:
        return 0
    return row + (kind == "sign" or word in _OPERATORS)


def _rewritten(kind: str, token: str, at: int) -> str:
    if kind in ("text", "quoted") and "\0" in token:
        raise FilterError(_nul(at))
    if kind == "name" and token.startswith(":"):
        return f'"{token}"'
    if kind == "text":
        return "'" + literal(token).replace("'", "''") + "'"
    if kind == "number":
        if token.isdigit() and (len(token) > 17 or int(token) > EXACT):
            raise FilterError(inexact(token, f"第 {at + 1} 个字符", f"character {at + 1}"))
        mantissa, _, exponent = token.lower().partition("e")
        if exponent and abs(int(exponent)) <= _EXPONENT and len(mantissa) <= _EXPONENT:
            return format(Decimal(token), "f")
        return "0" + token if token.startswith(".") else token
    return token


def literal(token: str) -> str:
    """The text that a character literal stands for, its quotes included in the token."""
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[0]) if found[1] else "'", token[1:-1])


def too_long(length: int) -> FilterFault:
    """The fault of a filter of too many characters."""
    return fault(
        f"表达式有 {length} 个字符",
        f"the expression has {length} characters",
        Text(zh=f"至多 {LENGTH} 个字符", en=f"at most {LENGTH}"),
    )


def inexact(number: str, zh: str, en: str) -> FilterFault:
    """The fault of an integer that a double does not hold."""
    return fault(
        f"{zh}：整数 {number[:40]} 无法精确表示",
        f"{en}: the integer {number[:40]} cannot be held exactly",
        Text(zh="绝对值至多 2^53 的整数", en="an integer of at most 2^53"),
    )


def _no_token(text: str, at: int) -> FilterFault:
    rest = text[at : at + 20]
    if rest[0] in "'\"":
        closing = Text(zh=f"结尾的 {rest[0]}", en=f"a closing {rest[0]}")
        return fault(
            f"第 {at + 1} 个字符起的引号没有结束",
            f"character {at + 1}: the quotation is never closed",
            closing,
        )
    shown = repr(rest[0]) if rest[0].isprintable() else ascii(rest[0])
    return fault(
        f"第 {at + 1} 个字符：不认识 {shown}",
        f"character {at + 1}: {shown} means nothing here",
        Text(zh="CQL2 文本", en="CQL2 text"),
    )


def _nul(at: int) -> FilterFault:
    return fault(
        f"第 {at + 1} 个字符起的引号内有空字符",
        f"character {at + 1}: the quotation holds a NUL",
        Text(zh="不含空字符的文字", en="a text without NUL"),
    )


def _unopened(at: int) -> FilterFault:
    return fault(
        f"第 {at + 1} 个字符：没有与此 ) 对应的 (",
        f"character {at + 1}: there is no ( for this )",
        Text(zh="成对的括号", en="brackets in pairs"),
    )


def _unclosed(at: int) -> FilterFault:
    return fault(f"第 {at + 1} 个字符：缺少 )", f"character {at + 1}: a ) is missing", Text(zh=")", en=")"))


def _too_deep(at: int) -> FilterFault:
    return fault(
        f"第 {at + 1} 个字符：括号嵌套过多",
        f"character {at + 1}: too many brackets one in the other",
        Text(zh="至多 12 层括号；更深者用 CQL2 JSON", en="at most 12; deeper ones as CQL2 JSON"),
    )


def _too_many(at: int) -> FilterFault:
    return fault(
        f"第 {at + 1} 个字符：连续的运算符过多",
        f"character {at + 1}: too many operators in a row",
        Text(
            zh=f"至多 {ROW} 个，其间用括号、AND 或 OR 分开", en=f"at most {ROW} between brackets, AND or OR"
        ),
    )
