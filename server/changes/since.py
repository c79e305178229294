"""`since`: the release with which another one is compared."""

from __future__ import annotations

import re
from typing import Final

from config.models import Text
from server.ask import Ask
from server.params import read
from server.problems import Fault, Wrong

_ID: Final = re.compile(r"[0-9a-f]{16}")
_EXPECTED: Final = Text(
    zh="版次的编号，16 位十六进制数，见 /releases",
    en="the id of a release, 16 hexadecimal digits, as /releases lists them",
)


def since(ask: Ask, faults: list[Fault]) -> str:
    """The id that is asked for; what is wrong with it, or that there is none, goes to `faults`."""
    if "since" not in ask.args:
        faults.append(Fault("since", Text(zh="缺少此参数", en="is missing"), _EXPECTED))
    return str(read(ask.args, "since", _id, faults) or "")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Wrong.value(text, _EXPECTED)
    return text
