"""The gate's report on the release: its sealed files, by negotiation at `/report` and by their names beside it.

The pages lead to each other and to the other files by name, so that they work from a disk too: `/report.json` is what
`report.json` is in the folder of a report.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from releases import seals
from releases.report import document, names
from server import downloads
from server.alternates import alternates
from server.answer import whole
from server.ask import Ask, Route, current
from server.links import GEOPACKAGE, HTML, JSON, SCHEMA, link

FORMS: Final = {"json": JSON, "html": HTML, "gpkg": GEOPACKAGE}
_SCHEMA: Final = {"json": SCHEMA}
#: The media type of a page, which links name without its charset.
_PAGE: Final = "text/html; charset=utf-8"


def report() -> Response:
    """The report in the form and language that are asked for."""
    ask = current()
    name = {"json": names.JSON, "gpkg": names.GEOPACKAGE}.get(ask.form, names.PAGES[ask.lang])
    return _sealed(ask, name)


def file() -> Response:
    """A file of the report by its name."""
    ask = current()
    return _sealed(ask, ask.route.rule.removeprefix("/"))


def schema() -> Response:
    """The JSON Schema of the report."""
    ask = current()
    return whole(
        ask,
        document.SCHEMA.read_bytes(),
        SCHEMA,
        alternates(ask, ask.links.report_schema, _title(ask), _SCHEMA),
    )


def links(ask: Ask) -> list[dict[str, Any]]:
    """Where the report of the release is, for documents that lead to it."""
    return [
        link("related", ask.links.report(f=form), media, f"{_title(ask)} ({form.upper()})")
        for form, media in FORMS.items()
    ]


def _sealed(ask: Ask, name: str) -> Response:
    path = f"{names.FOLDER}/{name}"
    if ask.media == GEOPACKAGE:
        return downloads.sealed(ask, path, ask.release.store.sealed(path), f"report-{ask.release.id}.gpkg")
    found = alternates(ask, ask.links.report, _title(ask), FORMS)
    found.append(link("describedby", ask.links.report_schema(), SCHEMA, ask.say("报告的结构", "Its schema")))
    body = seals.read(ask.release.path, ask.manifest.files, path)
    response = whole(ask, body, _PAGE if ask.media == HTML else JSON, found)
    if name == names.PAGES["zh"]:
        response.headers["Content-Language"] = "zh-CN"
    elif name == names.PAGES["en"]:
        response.headers["Content-Language"] = "en"
    return response


def _title(ask: Ask) -> str:
    return ask.say("质检报告", "Report of the gate")


ROUTES = (
    Route("/report", report, FORMS),
    Route(f"/{names.JSON}", file, {"json": JSON}),
    *(Route(f"/{name}", file, {"html": HTML}) for name in names.PAGES.values()),
    Route(f"/{names.GEOPACKAGE}", file, {"gpkg": GEOPACKAGE}),
    Route("/report.schema.json", schema, _SCHEMA),
)
