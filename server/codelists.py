"""The code lists: what the codes in the data mean, for whoever reads schemas of the profile "codelist-ref"."""

from __future__ import annotations

from typing import Any

from flask import Response

from config.models import CodeList
from server.alternates import alternates
from server.answer import answer
from server.ask import Ask, Route, current
from server.links import JSON, link
from server.problems import Missing


def codelists() -> Response:
    """All code lists of the release."""
    ask = current()
    title = ask.say("代码表", "Code lists")
    document = {
        "title": title,
        "links": [
            *alternates(ask, ask.links.codelists, title),
            link("up", ask.links.landing(), JSON, ask.say("首页", "The landing page")),
        ],
        "codelists": [
            {
                "id": one.id,
                "title": ask.text(one.title),
                "links": [link("item", ask.links.codelist(one.id), JSON, ask.text(one.title))],
            }
            for one in ask.manifest.service.codelists.values()
        ],
    }
    return answer(ask, document, "codelists.html")


def codelist(codelist_id: str) -> Response:
    """One code list with the fields that use it."""
    ask = current()
    found = ask.manifest.service.codelists.get(codelist_id)
    if found is None:
        raise Missing("code list", codelist_id)
    title = ask.text(found.title)
    links = [
        *alternates(ask, lambda **query: ask.links.codelist(codelist_id, **query), title),
        link("up", ask.links.codelists(), JSON, ask.say("全部代码表", "All code lists")),
    ]
    if found.uri:
        links.append(
            link("canonical", found.uri, title=ask.say("编制机构的原表", "Where its authority has it"))
        )
    document = {"id": found.id, "title": title, "links": links, "codes": _codes(ask, found)}
    return answer(ask, document, "codelist.html", {"uses": _uses(ask, found)})


def _codes(ask: Ask, codelist: CodeList) -> list[dict[str, Any]]:
    return [
        {
            "value": code.value,
            "title": ask.text(code.title),
            **({"description": ask.text(code.description)} if code.description else {}),
        }
        for code in codelist.codes
    ]


def _uses(ask: Ask, codelist: CodeList) -> list[tuple[Any, Any]]:
    return [
        (layer, field)
        for layer in ask.manifest.layers
        for field in layer.layer.fields
        if field.codelist == codelist.id
    ]


ROUTES = (
    Route("/codelists", codelists),
    Route("/codelists/<codelist_id>", codelist),
)
