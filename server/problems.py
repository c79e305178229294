"""Everything that can go wrong, as one table from domain errors to HTTP, and the document that says so (RFC
9457).

Domain code raises plain errors; nothing else in this room turns an error into an answer. Both languages are
always in the document, since a log is often read by somebody else than the one who asked. No path, SQL or
traceback ever is.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from config.models import Lang, Text
from releases.history import HistoryDamaged
from releases.query import TooCostly
from releases.release import NothingPublished
from releases.selection import SECONDS
from releases.store import NotFound, ReleaseDamaged, ReleaseGone
from server.admission import Busy
from server.languages import LANGS
from styles.fonts import FontMissing
from tiles.columnfile import ColumnFileError
from tiles.grid import OutsideError

MEDIA = "application/problem+json"
LOGGER = logging.getLogger("blueprint")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: the parameter, what was wrong with it, and what is expected."""

    parameter: str
    message: Text
    expected: Text


class BadRequest(Exception):
    """A request with one or more faults; all of them are told at once."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


class Wrong(ValueError):
    """A value that will not do, before it is known of which parameter: what is wrong with it, and what is
    expected.
    """

    def __init__(self, message: Text, expected: Text) -> None:
        super().__init__(message.en)
        self.message, self.expected = message, expected

    @classmethod
    def value(cls, text: str, expected: Text) -> Wrong:
        """The fault of a value that is not of the expected form at all."""
        shown = repr(text[:60]) if text.isprintable() else ascii(text[:60])
        return cls(Text(zh=f"值 {shown} 不合要求", en=f"the value {shown} will not do"), expected)


class NotAcceptable(Exception):
    """None of the media types that the client accepts is to be had here."""

    def __init__(self, offered: tuple[str, ...]) -> None:
        super().__init__(offered)
        self.offered = offered


class Unavailable(Exception):
    """A part that this resource needs is not on this machine; the text says what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class Missing(NotFound):
    """There is no such style, tile matrix set or file; told like a missing layer."""

    def __init__(self, kind: str, name: str) -> None:
        LookupError.__init__(self, f"no {kind} {name!r}")
        self.kind = kind  # type: ignore[assignment]  # more kinds than a store knows
        self.name = name


class Answer(NamedTuple):
    """A problem, ready to send."""

    status: int
    headers: dict[str, str]
    body: bytes


def _faults(error: BadRequest) -> Text:
    return Text(
        zh="；".join(f"{one.parameter}: {one.message.zh}，应为{one.expected.zh}" for one in error.faults),
        en="; ".join(
            f"{one.parameter}: {one.message.en}, expected {one.expected.en}" for one in error.faults
        ),
    )


def _costly(_: TooCostly) -> Text:
    return Text(
        zh=f"{SECONDS:.0f} 秒内没有完成；请缩小范围或简化过滤条件",
        en=f"it was not done in {SECONDS:.0f} s; ask for less, or with a simpler filter",
    )


def _offered(error: NotAcceptable) -> Text:
    offered = ", ".join(error.offered)
    return Text(zh=f"这里提供的格式: {offered}", en=f"offered here: {offered}")


def _missing(error: NotFound) -> Text:
    noun, name = _NOUNS[error.kind], error.name[:120]
    return Text(zh=f"没有{noun.zh}“{name}”", en=f"there is no {noun.en} {name!r}")


def _unpublished(_: NothingPublished) -> Text:
    return Text(zh="请先运行 blueprint publish", en="run `blueprint publish` first")


def _outside(_: OutsideError) -> Text:
    return Text(
        zh="该地址在瓦片矩阵集、数据范围或图层级别之外",
        en="the address is outside the set, the data's limits or the layer's zooms",
    )


def _own(error: Unavailable) -> Text:
    return error.message


def _fonts(_: FontMissing) -> Text:
    # Its own message says where the file was looked for, which is for the log.
    return Text(
        zh="字体未安装，请运行 make environment", en="the fonts are not installed: run `make environment`"
    )


class Kind(NamedTuple):
    """How an error is answered.

    status : of the answer; from 500 on a number leads from the answer to the log
    code : for programs
    title, detail : for people; without a detail of its own, the title says all that a client should know
    """

    status: int
    code: str
    title: Text
    detail: Callable[[Any], Text] | None = None


#: Error -> how it is told; the first that fits, so that a special case stands before its general one.
_KINDS: tuple[tuple[type[Exception], Kind], ...] = (
    (BadRequest, Kind(400, "bad-request", Text(zh="请求有误", en="The request is not right"), _faults)),
    (TooCostly, Kind(400, "too-costly", Text(zh="查询耗时过长", en="The query takes too long"), _costly)),
    (
        NotAcceptable,
        Kind(406, "not-acceptable", Text(zh="没有可接受的格式", en="No acceptable format"), _offered),
    ),
    (
        NothingPublished,
        Kind(
            503, "nothing-published", Text(zh="尚未发布任何版次", en="Nothing is published yet"), _unpublished
        ),
    ),
    (NotFound, Kind(404, "not-found", Text(zh="没有这个资源", en="There is no such resource"), _missing)),
    (
        OutsideError,
        Kind(404, "outside", Text(zh="瓦片不在范围内", en="The tile is outside the limits"), _outside),
    ),
    (
        Unavailable,
        Kind(503, "unavailable", Text(zh="此功能暂不可用", en="Not available on this machine"), _own),
    ),
    (
        FontMissing,
        Kind(503, "unavailable", Text(zh="此功能暂不可用", en="Not available on this machine"), _fonts),
    ),
    (
        Busy,
        Kind(
            503,
            "busy",
            Text(zh="服务繁忙，请稍后再试", en="Too busy just now: try again in a moment"),
        ),
    ),
    (ReleaseGone, Kind(503, "release-gone", Text(zh="版次数据已不在", en="The release's data are gone"))),
    (ReleaseDamaged, Kind(500, "damaged", Text(zh="版次数据已损坏", en="The release's data are damaged"))),
    (
        HistoryDamaged,
        Kind(500, "damaged", Text(zh="发布记录已损坏", en="The history of releases is damaged")),
    ),
    (ColumnFileError, Kind(500, "damaged", Text(zh="版次数据已损坏", en="The release's data are damaged"))),
    (sqlite3.DatabaseError, Kind(500, "damaged", Text(zh="版次数据无法读取", en="The data cannot be read"))),
)
_UNKNOWN = Kind(500, "internal", Text(zh="服务器内部错误", en="Something went wrong in the server"))
#: What is nobody's mistake and told by /readyz or the set-up anyway: it would fill a log that is waited on.
_EXPECTED = (NothingPublished, Unavailable, Busy)
#: Seconds after which to try again: what is published or repaired takes longer than a queue.
_RETRY = 5
_RETRY_BUSY = 1

_HTTP: dict[int, Text] = {
    400: Text(zh="请求有误", en="The request is not right"),
    404: Text(zh="没有这个资源", en="There is no such resource"),
    405: Text(zh="不支持此方法", en="The method is not allowed"),
    413: Text(zh="请求过大", en="The request is too large"),
    414: Text(zh="地址过长", en="The address is too long"),
    415: Text(zh="不支持请求体的格式", en="The form of the body is not supported"),
    431: Text(zh="请求头过大", en="The headers are too large"),
}
_NOUNS = {
    "release": Text(zh="版次", en="release"),
    "layer": Text(zh="图层", en="collection"),
    "feature": Text(zh="要素", en="feature"),
    "tile matrix set": Text(zh="瓦片矩阵集", en="tile matrix set"),
    "style": Text(zh="样式", en="style"),
    "code list": Text(zh="代码表", en="code list"),
    "file": Text(zh="文件", en="file"),
}


def answer(error: Exception, lang: Lang, path: str) -> Answer:
    """The problem document of an error.

    What is no fault of the client's is logged, under the number that the client sees.
    """
    kind, instance = _kind(error), quote(path)
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
    if isinstance(error, BadRequest):
        body["errors"] = [_fault(fault, lang) for fault in error.faults]
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.valid_methods or ())
    if kind.status == 503:
        headers["Retry-After"] = str(_RETRY_BUSY if isinstance(error, Busy) else _RETRY)
    if kind.status >= 500:
        body["reference"] = secrets.token_hex(4)
        if not isinstance(error, _EXPECTED):
            LOGGER.error("%s %s: %s", body["reference"], instance, error, exc_info=error)
    return Answer(kind.status, headers, orjson.dumps(body))


def _kind(error: Exception) -> Kind:
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        title = _HTTP.get(error.code, Text(zh="请求无法完成", en=error.name))
        return Kind(error.code, error.name.lower().replace(" ", "-"), title)
    return next((kind for cls, kind in _KINDS if isinstance(error, cls)), _UNKNOWN)


def _fault(fault: Fault, lang: Lang) -> dict[str, Any]:
    return {
        "parameter": fault.parameter,
        "detail": fault.message.of(lang),
        "expected": fault.expected.of(lang),
        "i18n": {
            name: {"detail": fault.message.of(name), "expected": fault.expected.of(name)} for name in LANGS
        },
    }
