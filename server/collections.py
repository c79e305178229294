"""The collections and each of them (OGC 17-069r4, 7.13 and 7.14; OGC 20-024)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from releases import crs
from releases.manifest import PublishedLayer
from server import downloads, metadata
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current
from server.items.forms import FORMS
from server.links import HTML, JSON, OGC, SCHEMA, link
from server.nature import NATURES


def collections() -> Response:
    """The list of collections, in the order of the configuration."""
    ask = current()
    layers = ask.manifest.layers
    document = {
        "title": ask.text(ask.manifest.service.title),
        "numberMatched": len(layers),
        "numberReturned": len(layers),
        "links": [
            *alternates(ask, ask.links.collections, ask.say("图层列表", "The collections")),
            link("up", ask.links.landing(), JSON, ask.say("首页", "The landing page")),
        ],
        # One list for all (OGC 18-058r1 6.2.3), and what each of them is.
        "crs": [crs.uri(code) for code in ask.manifest.service.coordinate_reference_systems],
        "crsDetails": [_system(ask, code) for code in ask.manifest.service.coordinate_reference_systems],
        "collections": [
            {
                **describe(ask, layer),
                "crs": ["#/crs"],
                "links": [_self(ask, layer), *_links(ask, layer)],
            }
            for layer in layers
        ],
    }
    groups = [
        (group, [layer for layer in layers if layer.layer.group == group.id])
        for group in ask.manifest.service.groups
    ]
    return answer(ask, document, "collections.html", {"groups": groups, "natures": NATURES})


def collection(layer_id: str) -> Response:
    """One collection."""
    ask = current()
    layer = ask.manifest.layer(layer_id)
    title = ask.text(layer.layer.title)
    here = alternates(ask, lambda **query: ask.links.collection(layer_id, **query), title)
    links = [*here, *_links(ask, layer), *downloads.links(ask, layer)]
    document = {**describe(ask, layer), "links": links}
    return answer(ask, document, "collection.html", {"layer": layer, "natures": NATURES})


def describe(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    """What is known of a collection, but for its links: pygeoapi's description and what only a release knows."""
    said = layer.layer
    return {
        **metadata.collection(ask.release, layer.id, ask.lang),
        "titles": {"zh": said.title.zh, "en": said.title.en},
        "attribution": ask.text(layer.attribution),
        "license": layer.licence.id or ask.text(layer.licence.title),
        "group": said.group,
        "geometryType": said.geometry,
        "nature": layer.nature,
        "natureMeaning": ask.text(NATURES[layer.nature].meaning),
        "notices": [ask.text(notice) for notice in layer.notices],
        "featureCount": layer.count,
        "nullGeometryCount": layer.null_geometries,
        # Draft 24-030, /req/sorting/defaultSortOrder-definition: features stand in the order of ids.
        "defaultSortOrder": [said.id_field.name],
        "parts": [_part(ask, part) for part in layer.parts],
        "contentDigest": f"sha256:{layer.digest}",
        "release": ask.release.id,
    }


def _system(ask: Ask, code: str) -> dict[str, Any]:
    """A CRS, for whoever wonders in which order its coordinates stand, and how true they are (in metres)."""
    service = ask.manifest.service
    return {
        "crs": crs.uri(code),
        "code": code,
        "title": crs.title(code),
        "axes": crs.axis_names(code),
        "accuracy": crs.accuracy(code, service.crs, service.region.bbox),
        "decimals": crs.digits(code),
    }


def _part(ask: Ask, part: Any) -> dict[str, Any]:
    authority = next(one for one in ask.manifest.service.authorities if one.id == part.authority)
    return {
        "authority": part.authority,
        "title": ask.text(authority.title),
        "featureCount": part.count,
        "nature": part.nature,
        "note": ask.text(part.note) if part.note else None,
    }


def _self(ask: Ask, layer: PublishedLayer) -> dict[str, Any]:
    return link("self", ask.links.collection(layer.id, f="json"), JSON, ask.text(layer.layer.title))


def _links(ask: Ask, layer: PublishedLayer) -> list[dict[str, Any]]:
    """Where a collection leads. None is a JSON link of rel "data": GDAL would take the collection for a landing page."""
    links, name = ask.links, layer.id
    schema, queryables = ask.say("要素结构", "Schema"), ask.say("可查询字段", "Queryables")
    sortables = ask.say("可排序字段", "Sortables")
    tiles, features = ask.say("矢量瓦片集", "Vector tilesets"), ask.say("要素", "Features")
    found = [
        # One for each media type of features (17-069r4 /req/core/fc-md-items-links), without JSON-FG: it has that of
        # GeoJSON, and GDAL would take it instead, which is ten times the work.
        *(
            link("items", links.items(name, f=f), form.media, f"{features} ({form.title.of(ask.lang)})")
            for f, form in FORMS.items()
            if f != "jsonfg"
        ),
        # Without a query, since they are the schemas' own names too (23-058r2 /req/schemas/json-schema B).
        link(f"{OGC}schema", links.schema(name), SCHEMA, schema),
        link(f"{OGC}schema", links.schema(name, f="html"), HTML, schema),
        link(f"{OGC}queryables", links.queryables(name), SCHEMA, queryables),
        link(f"{OGC}queryables", links.queryables(name, f="html"), HTML, queryables),
        link(f"{OGC}sortables", links.sortables(name), SCHEMA, sortables),
        link(f"{OGC}sortables", links.sortables(name, f="html"), HTML, sortables),
        link(f"{OGC}tilesets-vector", links.tilesets(name, f="json"), JSON, tiles),
        link(f"{OGC}styles", links.styles(f="json"), JSON, ask.say("共享样式", "Shared styles")),
        link("preview", links.map(layer=name), HTML, ask.say("在地图上查看", "On the map")),
        link("up", links.collections(f="json"), JSON, ask.say("全部图层", "All collections")),
    ]
    found += _before(ask, layer)
    if layer.licence.url:
        found.append(link("license", layer.licence.url, HTML, ask.text(layer.licence.title)))
    if not ask.in_release:
        found.append(
            link(
                "memento",
                links.pinned.collection(name),
                JSON,
                ask.say("此版次中的本图层", "In this release for ever"),
            )
        )
    return found


def _before(ask: Ask, layer: PublishedLayer) -> list[dict[str, Any]]:
    """The collection in the release before (RFC 5829 3.3), and what has changed since."""
    parent = ask.manifest.parent
    if parent is None:
        return []
    earlier = replace(ask.links, release=parent.id).pinned.collection(layer.id)
    changes = ask.links.layer_changes(layer.id, parent.id)
    return [
        link("predecessor-version", earlier, JSON, ask.say("此前版次中的本图层", "In the release before")),
        link("related", changes, JSON, ask.say("自此前版次以来的变化", "What changed since")),
    ]


ROUTES = (
    Route("/collections", collections),
    Route("/collections/<layer_id>", collection),
)
