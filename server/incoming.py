"""A request as WSGI brings it (PEP 3333), behind the entrance: well-formed, and read only as far as it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from werkzeug.datastructures import MIMEAccept, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_accept_header

from config.models import Text
from server.problems import BadRequest, Fault

FORM: Final = "application/x-www-form-urlencoded"
#: Bytes of a form: the longest filter with every character of it encoded, and as much again.
LARGEST: Final = 2**20
#: Parameters of a form: more than any layer has fields.
FIELDS: Final = 1000
_FORM: Final = Text(zh=f"UTF-8 的 {FORM}", en=f"{FORM} in UTF-8")


class Incoming:
    """See above. `path` is decoded, `query` as it came."""

    __slots__ = ("environ", "method", "path", "query")

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ["PATH_INFO"].encode("latin-1").decode()
        self.query: str = environ.get("QUERY_STRING", "")

    def header(self, name: str) -> str | None:
        """A header by its name in WSGI, as ACCEPT_LANGUAGE; None without it."""
        return self.environ.get(f"HTTP_{name}")

    @property
    def accept(self) -> MIMEAccept:
        """The media types that the client takes (RFC 9110 12.5.1)."""
        return _accept(self.header("ACCEPT"))

    def parameters(self) -> MultiDict[str, str]:
        """Those of the address, and of a POST also those of its body, a form (WHATWG URL 5.2).

        RequestEntityTooLarge beyond LARGEST, UnsupportedMediaType when it is no form, BadRequest when it is not
        UTF-8.
        """
        given = parse_qsl(self.query.encode("latin-1").decode(), keep_blank_values=True)
        return MultiDict([*given, *self._posted()] if self.method == "POST" else given)

    def _posted(self) -> list[tuple[str, str]]:
        if self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != FORM:
            raise UnsupportedMediaType
        length = self.environ.get("CONTENT_LENGTH") or "0"
        # Compared by its length first: Python refuses to read numbers of thousands of digits.
        if len(length) > len(str(LARGEST)) or int(length) > LARGEST:
            raise RequestEntityTooLarge
        try:
            body = self.environ["wsgi.input"].read(int(length)).decode()
            pairs = parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
        except ValueError:  # UnicodeDecodeError is one
            message = Text(zh="不是 UTF-8 表单", en="is no form in UTF-8")
            raise BadRequest(Fault("body", message, _FORM)) from None
        if any("\0" in text for pair in pairs for text in pair):
            raise BadRequest(Fault("body", Text(zh="含有空字符", en="holds a NUL"), _FORM))
        return pairs


@lru_cache(maxsize=256)
def _accept(header: str | None) -> MIMEAccept:
    return parse_accept_header(header, MIMEAccept)
