"""Every error that can reach a client, as one table: its status, its code, and what is said of it.

No path, SQL or traceback is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from werkzeug.exceptions import HTTPException

from config.models import Text
from releases.history import HistoryDamaged
from releases.query import TooCostly
from releases.release import NothingPublished
from releases.selection import SECONDS
from releases.store import NotFound, ReleaseDamaged, ReleaseGone, ReleasePruned
from server.admission import Busy
from server.problems import BadRequest, NotAcceptable, Unavailable
from server.ranges import Unsatisfiable
from styles.fonts import FontMissing
from tiles.columnfile import ColumnFileError
from tiles.grid import OutsideError


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


_HTTP: Final[dict[int, Text]] = {
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
    "signature": Text(zh="签名", en="signature"),
    "file": Text(zh="文件", en="file"),
}


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


def _own(error: Unavailable | Unsatisfiable | ReleasePruned) -> Text:
    return error.message


def _fonts(_: FontMissing) -> Text:
    # Its own message says where the file was looked for, which is for the log.
    return Text(
        zh="字体未安装，请运行 make environment", en="the fonts are not installed: run `make environment`"
    )


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
        Unsatisfiable,
        Kind(416, "range", Text(zh="文件没有这个区间", en="The file has no such range"), _own),
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
    (
        ReleasePruned,
        Kind(410, "pruned", Text(zh="此版次已不再保留", en="This release is no longer kept"), _own),
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


def kind_of(error: Exception) -> Kind:
    """How an error is told."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        title = _HTTP.get(error.code, Text(zh="请求无法完成", en=error.name))
        return Kind(error.code, error.name.lower().replace(" ", "-"), title)
    return next((kind for cls, kind in _KINDS if isinstance(error, cls)), _UNKNOWN)
