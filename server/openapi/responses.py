"""Answers of the API definition that several operations share: those that are no success, by status, and pages of features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Text
from server.ask import Ask
from server.items import forms
from server.links import GEOJSON, HTML
from server.openapi.fragments import ref
from server.problem import MEDIA

#: Status -> name of the shared answer, and what it says.
_SAID: Final[Mapping[str, tuple[str, Text]]] = {
    "204": ("Empty", Text(zh="瓦片内没有要素", en="The tile is within the limits and empty")),
    "304": ("NotModified", Text(zh="客户端的副本仍然有效", en="The client's copy is still right")),
    "400": ("Invalid", Text(zh="参数有误，逐条列出", en="Parameters are wrong; every fault is listed")),
    "404": ("NotFound", Text(zh="没有这个资源", en="There is no such resource")),
    "406": ("NotAcceptable", Text(zh="没有可接受的格式", en="No acceptable form")),
    "410": ("Gone", Text(zh="该版次已被清理", en="The release is not kept any more")),
    "413": ("TooLarge", Text(zh="表单过大", en="The form is too large")),
    "414": (
        "TooLong",
        Text(zh="地址过长；改用 POST", en="The address is too long: use POST where there is one"),
    ),
    "415": ("NoForm", Text(zh="请求体不是表单", en="The body is not a form")),
    "416": ("NoSuchRange", Text(zh="文件没有这个区间", en="The file has no such range")),
    "500": ("ServerError", Text(zh="服务器出错", en="Something went wrong in the server")),
    "503": ("Unavailable", Text(zh="暂不可用，稍后再试", en="Not available now: try again later")),
}
_BODILESS: Final = ("204", "304")
#: Names of the answers of a page of features, and of the parts of a file that is asked for by ranges.
FEATURES: Final = "Features"
PARTS: Final = "Parts"
STATUSES: Final[Mapping[str, str]] = {"206": PARTS, **{status: name for status, (name, _) in _SAID.items()}}


def responses(ask: Ask) -> dict[str, Any]:
    """The shared answers by name; all problems are told alike (RFC 9457)."""
    # A browser, which likes HTML best, gets the same as a page.
    problem = {"content": {MEDIA: {"schema": ref("schemas", "problem")}, HTML: {}}}
    return {
        **{
            name: {"description": ask.text(said), **({} if status in _BODILESS else problem)}
            for status, (name, said) in _SAID.items()
        },
        FEATURES: {
            "description": ask.say(
                "要素的一页，或整个图层的文件", "A page of features, or the file of all of them"
            ),
            "content": {
                media: {"schema": ref("schemas", "features")} if media == GEOJSON else {}
                for media in forms.MEDIA.values()
            },
        },
        PARTS: {"description": ask.say("文件的所求区间", "The ranges of a file that were asked for")},
    }
