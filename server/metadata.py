"""What pygeoapi says about collections, from a `pygeoapi.api.API` object made of a release's manifest.

Used from pygeoapi: the description of collections (title, text, keywords, extent, CRSs, item type), with our store
behind it as a feature provider, so its own items work on the object as well. Its other documents cost more than they
give, and are built directly:

- links: it writes addresses that are not ours (/openapi, /TileMatrixSets, JSON-LD), so `collections.py` puts ours;
- schema and queryables: draft 2019-09, where OGC 23-058r2 7.1 demands 2020-12; field titles replaced by field names;
- conformance: it declares what its plugins could do, not what this server's tests prove;
- OpenAPI: 277 kB for our layers, with references to a server that a closed network does not reach.

A release never changes, so what is said about it is made once for each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from config.models import Lang, Text
from releases import crs
from releases.manifest import PublishedLayer
from releases.release import Release

#: Never seen by a client: pygeoapi cannot be made without an address, and its links are thrown away.
NOWHERE = "http://localhost"
LOCALES: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en-US"}


def collection(release: Release, layer_id: str, lang: Lang) -> dict[str, Any]:
    """The description of one collection without links; the caller may change it."""
    description: dict[str, Any] = orjson.loads(_descriptions(_Wanted(release.id, lang, release))[layer_id])
    return description


def api(release: Release) -> Any:
    """A pygeoapi API object on a release: 18 layers in about 1 ms, once pygeoapi is imported (1 s)."""
    from pygeoapi.api import API

    return API(_configuration(release), {})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a cached description is of; the release comes along without being compared, its id is."""

    release_id: str
    lang: Lang
    release: Release = field(compare=False, repr=False)


@lru_cache(maxsize=16)
def _descriptions(wanted: _Wanted) -> Mapping[str, bytes]:
    from pygeoapi.api import APIRequest, describe_collections

    served = api(wanted.release)
    asked = Request(EnvironBuilder(headers=[("Accept-Language", LOCALES[wanted.lang])]).get_environ())
    _, _, text = describe_collections(served, APIRequest.from_flask(asked, served.locales))
    return {found["id"]: _finished(wanted.release, found) for found in orjson.loads(text)["collections"]}


def _finished(release: Release, found: dict[str, Any]) -> bytes:
    layer = release.manifest.layer(found["id"])
    service = release.manifest.service
    del found["links"]
    # pygeoapi is told of CRS84 alone: the coordinates of others are not made by it.
    found["crs"] = [crs.uri(code) for code in service.coordinate_reference_systems]
    # Stored are its numbers, and longitude comes first there; asked for by this name latitude does (docs/crs.md).
    found["storageCrs"] = crs.uri(service.crs)
    if service.crs_epoch is not None:
        found["storageCrsCoordinateEpoch"] = service.crs_epoch
    if layer.extent is None:
        del found["extent"]["spatial"]
    else:
        # In the order of the CRS's authority (20-024 /req/collections/description-extent).
        corners = crs.authority_order(np.array(layer.extent).reshape(2, 2), service.crs)
        found["extent"]["spatial"]["storageCrsBbox"] = [corners.ravel().tolist()]
    for interval in found["extent"].get("temporal", {}).get("interval", []):
        interval[:] = [text and text.replace("+00:00", "Z") for text in interval]
    if not found["extent"]:
        del found["extent"]
    return orjson.dumps(found)


def _configuration(release: Release) -> dict[str, Any]:
    service = release.manifest.service
    return {
        "server": {"url": NOWHERE, "languages": list(LOCALES.values()), "limits": {}},
        # Must be there. pygeoapi sets up logging with it where nobody has; a worker has, before it gets here.
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": _both(service.title),
                "description": _both(service.description),
                "url": NOWHERE,
            }
        },
        "resources": {layer.id: _resource(release, layer) for layer in release.manifest.layers},
    }


def _resource(release: Release, layer: PublishedLayer) -> dict[str, Any]:
    said = layer.layer
    extents: dict[str, Any] = {
        # One box: GDAL refuses an extent of several. pygeoapi needs one even where no feature has a geometry.
        "spatial": {"bbox": list(layer.extent or (-180, -90, 180, 90)), "crs": crs.uri("OGC:CRS84")}
    }
    if layer.temporal and any(layer.temporal):
        extents["temporal"] = {
            "begin": _moment(layer.temporal[0]),
            "end": _moment(layer.temporal[1], last=True),
        }
    return {
        "type": "collection",
        "title": _both(said.title),
        "description": _both(said.description),
        "keywords": {locale: [word.of(lang) for word in said.keywords] for lang, locale in LOCALES.items()},
        "links": [],
        "extents": extents,
        "providers": [
            {
                "type": "feature",
                "name": "releases.provider.ReleaseProvider",
                "data": str(release.path.parent.parent),
                "id_field": said.id_field.name,
                # No storage_crs: for one in latitude, longitude pygeoapi would swap what is not swapped.
                "crs": [crs.uri("OGC:CRS84")],
                "options": {"layer": layer.id, "release": release.id},
            }
        ],
    }


def _both(text: Text) -> dict[str, str]:
    return {locale: text.of(lang) for lang, locale in LOCALES.items()}


def _moment(text: str | None, last: bool = False) -> datetime | None:
    """An end of the temporal extent is a date-time (17-069r4 7.13): the first moment of a day, or its last second."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if last and len(text) == len("2025-01-31"):
        moment += timedelta(days=1, seconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
