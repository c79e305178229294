"""Changes between releases and versions of features in the API definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.models import Text
from server.ask import Ask
from server.changes.layer import FORMS as CHANGES
from server.changes.versions import FORMS as VERSIONS
from server.linkformat import MEDIA as TIMEMAP
from server.links import FLATGEOBUF, HTML, JSON, SEQUENCE
from server.openapi.fragments import listed, query, ref, text
from server.openapi.operation import Operation

_LAYER: Final = "collectionId"
#: What hangs in both trees.
PATHS: Final[Mapping[str, Operation]] = {
    "/changes": Operation(
        "releases",
        "getChanges",
        Text(zh="与另一版次相比各图层的变化", en="What changed in each layer since another release"),
        ("since",),
        {JSON: "overviewOfChanges", HTML: None},
        more=("404", "410"),
    ),
    "/collections/{collectionId}/changes": Operation(
        "releases",
        "getChangesOfCollection",
        Text(zh="一个图层的变化", en="What changed in one layer"),
        (_LAYER, "since", "limit", "changesCursor", "changesBefore"),
        {JSON: "changes", SEQUENCE: None, FLATGEOBUF: None, HTML: None},
        f="f-changes",
        more=("410",),
    ),
}
#: What belongs to no release.
VERSIONS_PATH: Final = "/collections/{collectionId}/items/{featureId}/versions"
VERSIONS_OPERATION: Final = Operation(
    "releases",
    "getVersions",
    Text(zh="一个要素的历次变化", en="The releases in which a feature changed"),
    (_LAYER, "featureId", "versionsCursor"),
    {JSON: "versions", TIMEMAP: None, HTML: None},
    f="f-versions",
)
#: Name of the parameter `f` -> its values.
FORMS: Final = {"f-changes": tuple(CHANGES), "f-versions": tuple(VERSIONS)}


def parameters(ask: Ask) -> dict[str, Any]:
    """The parameters by name."""
    say = ask.say
    since = query(
        "since", say("与之比较的版次", "The release to compare with"), text(pattern="^[0-9a-f]{16}$")
    )
    cursor = say(
        "上一答复链接中的续页标记，其余参数不变", "The cursor of an answer's link, all else unchanged"
    )
    return {
        "since": {**since, "required": True, "example": ask.release.id},
        "changesCursor": query("cursor", cursor, text()),
        "versionsCursor": query("cursor", cursor, text()),
        "changesBefore": query(
            "before",
            say("true：同时给出此前的要素", "true: features as they were before, too"),
            {"type": "boolean", "default": False},
        ),
    }


def schemas(links: dict[str, Any]) -> dict[str, Any]:
    """The schemas by name; `links` is that of a list of links."""
    string, truth, names = text(), {"type": "boolean"}, listed(text())
    kinds = ("added", "changed", "removed")
    kind = text(enum=list(kinds))
    count = {"type": "integer", "minimum": 0}
    counts = _object(dict.fromkeys(kinds, count), kinds)
    fields = _object(dict.fromkeys(kinds, names), kinds)
    identifier = {"oneOf": [string, {"type": "integer"}]}
    change = _object(
        {
            "change": kind,
            "id": identifier,
            "fields": names,
            "geometry": truth,
            "feature": ref("schemas", "feature"),
            "before": ref("schemas", "feature"),
        },
        ("change", "id", "fields", "geometry"),
    )
    version = _object(
        {
            **dict.fromkeys(("release", "published", "act", "since", "pruned"), string),
            "change": kind,
            "fields": names,
            "geometry": truth,
            "links": links,
        },
        ("release", "published", "act"),
    )
    layer = {"id": string, "title": string, "counts": counts, "schema": fields, "links": links}
    pair = {"release": string, "since": string, "counts": counts, "links": links}
    return {
        "overviewOfChanges": _object(
            {**pair, "collections": listed(_object(layer, ("id", "counts")))},
            ("release", "since", "counts", "collections"),
        ),
        "changes": _object(
            {
                **pair,
                "collection": string,
                "schema": fields,
                "numberMatched": count,
                "numberReturned": count,
                "changes": listed(change),
            },
            ("release", "since", "collection", "counts", "numberReturned", "changes"),
        ),
        "versions": _object(
            {"collection": string, "id": string, "links": links, "versions": listed(version)},
            ("collection", "id", "versions"),
        ),
    }


def _object(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}
