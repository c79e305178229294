"""The document that says what went wrong (RFC 9457).

Both languages are always in it, since a log is often read by somebody else than the one who asked.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson
from werkzeug.exceptions import MethodNotAllowed

from config.models import Lang
from releases.release import NothingPublished
from server import linkformat
from server.admission import Busy
from server.kinds import kind_of
from server.languages import LANGS
from server.problems import BadRequest, Fault, Unavailable
from server.ranges import Unsatisfiable

MEDIA: Final = "application/problem+json"
LOGGER: Final = logging.getLogger("blueprint")

#: What is nobody's mistake and told by /readyz or the set-up anyway: it would fill a log that is waited on.
_EXPECTED: Final = (NothingPublished, Unavailable, Busy)
#: Seconds after which to try again: what is published or repaired takes longer than a queue.
_RETRY: Final = 5
_RETRY_BUSY: Final = 1


class Answer(NamedTuple):
    """A problem, ready to send."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(error: Exception, lang: Lang, path: str, links: Sequence[Mapping[str, Any]] = ()) -> Answer:
    """The problem document of an error.

    `links` lead on. What is no fault of the client's is logged, under the number that the client sees.
    """
    kind, instance = kind_of(error), quote(path)
    detail = kind.detail(error) if kind.detail else kind.title
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": kind.title.of(lang),
        "status": kind.status,
        "detail": detail.of(lang),
        "instance": instance,
        "code": kind.code,
        "i18n": {name: {"title": kind.title.of(name), "detail": detail.of(name)} for name in LANGS},
    }
    headers = {
        "Content-Type": MEDIA,
        "Content-Language": "en" if lang == "en" else "zh-CN",
        "Cache-Control": "no-store",
    }
    if links:
        body["links"] = list(links)
        headers["Link"] = ", ".join(linkformat.value(one["href"], one["rel"]) for one in links)
    if isinstance(error, BadRequest):
        body["errors"] = [_fault(fault, lang) for fault in error.faults]
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.valid_methods or ())
    if isinstance(error, Unsatisfiable):
        headers["Content-Range"] = f"bytes */{error.size}"
    if kind.status == 503:
        headers["Retry-After"] = str(_RETRY_BUSY if isinstance(error, Busy) else _RETRY)
    if kind.status >= 500:
        body["reference"] = secrets.token_hex(4)
        if not isinstance(error, _EXPECTED):
            LOGGER.error("%s %s: %s", body["reference"], instance, error, exc_info=error)
    return Answer(kind.status, headers, orjson.dumps(body))


def _fault(fault: Fault, lang: Lang) -> dict[str, Any]:
    return {
        "parameter": fault.parameter,
        "detail": fault.message.of(lang),
        "expected": fault.expected.of(lang),
        "i18n": {
            name: {"detail": fault.message.of(name), "expected": fault.expected.of(name)} for name in LANGS
        },
    }
