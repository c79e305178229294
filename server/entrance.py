"""What no resource should have to look at: a request that is not well formed is turned away before anything
is looked up.

WSGI hands over PATH_INFO decoded and QUERY_STRING as it came, both as Latin-1 text of bytes (PEP 3333).
Behind the entrance the path is UTF-8 without control characters and dot segments, and the query decodes to
UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import MethodNotAllowed, RequestURITooLarge

from config.models import Text
from server.problems import BadRequest, Fault

_METHODS: Final = ("GET", "HEAD", "OPTIONS")
#: Pages of features are also had by POST, for filters that are too long for an address.
_ITEMS = re.compile(r"(?:/releases/[^/]+)?/collections/[^/]+/items/?")
#: Of path and query together, in bytes: what every client and proxy can carry (RFC 9110 4.1 asks for 8000).
LONGEST: Final = 8000

#: Nothing to decode, nothing to hide: most paths there are.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_@{}-][A-Za-z0-9_@{}.-]*)*/?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")
_HALF_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: A name, an IPv4 or a bracketed IPv6 address, and a port; the answer's links are made of it.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def inspect(environ: Mapping[str, Any]) -> None:
    """Let a well-formed request pass; else raise BadRequest, MethodNotAllowed or RequestURITooLarge."""
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] not in methods(path):
        raise MethodNotAllowed(methods(path))
    if len(path) + len(query) > LONGEST:
        raise RequestURITooLarge
    faults = []
    if not _PLAIN_PATH.fullmatch(path):
        faults += _path_faults(path)
    if query:
        faults += _query_faults(query)
    host = environ.get("HTTP_HOST")
    if host is not None and not _HOST.fullmatch(host):
        faults.append(
            Fault("Host", Text(zh="不是主机名", en="is no host"), Text(zh="主机名[:端口]", en="name[:port]"))
        )
    if faults:
        raise BadRequest(*faults)


def methods(path: str) -> tuple[str, ...]:
    """The methods that a path takes."""
    return (*_METHODS, "POST") if _ITEMS.fullmatch(path) else _METHODS


def _path_faults(path: str) -> list[Fault]:
    if not _is_utf8(path.encode("latin-1")):
        return [Fault("path", _NOT_UTF8, _ENCODED)]
    faults = []
    if _CONTROL.search(path):
        message = Text(zh="含有控制字符", en="holds control characters")
        faults.append(Fault("path", message, Text(zh="可显示的字符", en="printable characters")))
    if _DOTS.search(path):
        message = Text(zh="含有 . 或 .. 路径段", en='holds a segment "." or ".."')
        faults.append(Fault("path", message, Text(zh="规范化的路径", en="a normal path (RFC 3986 6.2.2.3)")))
    return faults


def _query_faults(query: str) -> list[Fault]:
    if _HALF_ENCODED.search(query):
        return [Fault("query", Text(zh="百分号编码有误", en="is encoded wrongly"), _ENCODED)]
    decoded = unquote_to_bytes(query.encode("latin-1"))
    if not _is_utf8(decoded):
        return [Fault("query", _NOT_UTF8, _ENCODED)]
    if b"\0" in decoded:
        return [Fault("query", Text(zh="含有空字符", en="holds a NUL"), Text(zh="文本", en="text"))]
    return []


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_NOT_UTF8 = Text(zh="不是 UTF-8", en="is not UTF-8")
_ENCODED = Text(zh="UTF-8 的百分号编码（RFC 3986）", en="percent-encoded UTF-8 (RFC 3986)")
