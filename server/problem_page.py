"""A problem as a page, for a reader whose browser wants HTML first: what went wrong, and what was asked for, to be put
right.

Made without a release, since that may be what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from config.models import Lang, Service
from server import assets, templates
from server.links import HTML, JSON
from server.problem import MEDIA, Answer

#: More than any page of ours asks for; beyond that the address is nothing that a reader would put right.
_FIELDS: Final = 40
_SAFE: Final = "/:@!$&'()*+,;=~-._"


class Asked(NamedTuple):
    """A parameter as it was asked for, what is wrong with it, and the address without it."""

    name: str
    value: str
    faults: list[Mapping[str, Any]]
    without: str


def wanted(environ: Mapping[str, Any]) -> bool:
    """Whether HTML is liked better than any JSON. What takes everything, as curl does, gets the document."""
    accept = parse_accept_header(environ.get("HTTP_ACCEPT"), MIMEAccept)
    return bool(accept.quality(HTML) > max(accept.quality(MEDIA), accept.quality(JSON)))


def page(told: Answer, environ: Mapping[str, Any], service: Service, lang: Lang) -> Answer:
    """The same answer as a page."""
    document = orjson.loads(told.body)
    # Not by the host that the client wrote, which may be what is wrong.
    base = service.url.rstrip("/") if service.url else quote(environ.get("SCRIPT_NAME", ""))
    # Two slashes at the start would be another host.
    path = environ.get("PATH_INFO", "").lstrip("/").encode("latin-1")
    here = f"{base}/{quote(path, safe=_SAFE)}"
    asked = _asked(environ, document, here)
    names = {one.name for one in asked}
    body = templates.alone(
        "problem.html",
        lang,
        document=document,
        base=base,
        here=here,
        asset=f"{base}/assets/{assets.digest()}",
        service=service,
        asked=asked,
        # What no field of the form shows: a fault of the path, of a header, of a body.
        others=[fault for fault in document.get("errors", ()) if fault["parameter"] not in names],
    )
    headers = told.headers | {"Content-Type": f"{HTML}; charset=utf-8", "Vary": "Accept, Accept-Language"}
    return Answer(told.status, headers, body.encode())


def _asked(environ: Mapping[str, Any], document: Mapping[str, Any], here: str) -> list[Asked]:
    query = environ.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "replace")
    given = parse_qsl(query, keep_blank_values=True)
    if document["status"] != 400 or environ["REQUEST_METHOD"] == "POST" or len(given) > _FIELDS:
        return []
    found = []
    for place, (name, value) in enumerate(given):
        rest = urlencode(given[:place] + given[place + 1 :])
        faults = [fault for fault in document.get("errors", ()) if fault["parameter"] == name]
        found.append(Asked(name, value, faults, here + (f"?{rest}" if rest else "")))
    return found
