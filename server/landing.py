"""The landing page of the service and of each release (OGC 19-072, 7.2): what this is, how real it is, where to go."""

from __future__ import annotations

from typing import Any

from flask import Response

from server import report
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current
from server.conformance import drafts
from server.links import HTML, JSON, OGC, OPENAPI, OPENAPI31, link
from server.nature import NATURES
from server.proof import signature_links, signed


def landing() -> Response:
    """The landing page of the tree that the client is in."""
    ask = current()
    service = ask.manifest.service
    document = {
        "title": ask.text(service.title),
        "description": ask.text(service.description),
        "attribution": "; ".join(dict.fromkeys(ask.text(layer.attribution) for layer in ask.manifest.layers)),
        "release": {
            "id": ask.release.id,
            "published": ask.release.published_at,
            "root": ask.manifest.root,
            "signature": signed(ask),
            "layers": len(ask.manifest.layers),
            "features": sum(layer.count for layer in ask.manifest.layers),
        },
        "nature": natures(ask),
        "notices": notices(ask),
        "drafts": drafts(ask),
        "links": _links(ask),
    }
    return answer(ask, document, "landing.html", {"natures": NATURES})


def natures(ask: Ask) -> list[dict[str, Any]]:
    """For each nature that occurs: its name, what it means, and the layers that have it."""
    return [
        {
            "nature": nature,
            "title": ask.text(words.title),
            "meaning": ask.text(words.meaning),
            "collections": layers,
        }
        for nature, words in NATURES.items()
        if (layers := [layer.id for layer in ask.manifest.layers if layer.nature == nature])
    ]


def notices(ask: Ask) -> list[str]:
    """What the authorities' delivery notes tell every reader, each once."""
    return list(dict.fromkeys(ask.text(one) for layer in ask.manifest.layers for one in layer.notices))


def _links(ask: Ask) -> list[dict[str, Any]]:
    links, say = ask.links, ask.say
    api, schemes = say("接口定义", "The API definition"), say("瓦片矩阵集", "Tile matrix sets")
    found = [
        *alternates(ask, links.landing, say("首页", "This page")),
        link("service-desc", links.api(f="json"), OPENAPI, f"{api} (OpenAPI 3.0)"),
        link("service-desc", links.api(f="oas31"), OPENAPI31, f"{api} (OpenAPI 3.1)"),
        link("service-doc", links.api(f="html"), HTML, api),
        link("conformance", links.conformance(f="json"), JSON, say("符合性声明", "Conformance")),
        # Common (19-072, 8.1) names the relation by its URI, Features (17-069r4, 7.2) by the short name.
        link(f"{OGC}conformance", links.conformance(f="json"), JSON, say("符合性声明", "Conformance")),
        link("data", links.collections(f="json"), JSON, say("图层", "The collections")),
        link(f"{OGC}data", links.collections(f="json"), JSON, say("图层", "The collections")),
        link("data", links.collections(f="html"), HTML, say("图层（网页）", "The collections (page)")),
        link(
            f"{OGC}tilesets-vector",
            links.tilesets(None, f="json"),
            JSON,
            say("矢量瓦片集", "Vector tilesets"),
        ),
        link(f"{OGC}tiling-schemes", links.tile_matrix_sets(f="json"), JSON, schemes),
        link(f"{OGC}styles", links.styles(f="json"), JSON, say("共享样式", "Shared styles")),
        link("related", links.codelists(f="json"), JSON, say("代码表", "Code lists")),
        # No standard names the relation; this is how implementations do.
        link(f"{OGC}functions", links.functions(f="json"), JSON, say("过滤函数", "Functions of filters")),
        link("preview", links.map(), HTML, say("地图", "The map")),
        link("version-history", links.releases(f="json"), JSON, say("全部版次", "All releases")),
        link(
            "describedby", links.manifest(f="json"), JSON, say("本版次清单", "The manifest of this release")
        ),
        *report.links(ask),
        *signature_links(ask),
    ]
    if ask.in_release:
        found.append(
            link("latest-version", links.current.landing(), JSON, say("当前版次", "The current release"))
        )
    else:
        found.append(
            link("memento", links.pinned.landing(), JSON, say("本版次的固定地址", "This release for ever"))
        )
    return found


ROUTES = (Route("/", landing),)
