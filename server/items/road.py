"""The road of features: plain WSGI beside Flask, whose routing, contexts and signals cost as much as a page of ten.

    request -> asked -> tag (304 here, no data touched) -> view -> coded -> send

Views are those of `ROUTES`, as they are for any other resource. An error is raised, and told by `application.Server`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from config.models import Service
from releases.release import Catalogue
from server.answer import finish, known
from server.ask import Route, asking, make
from server.incoming import Incoming
from server.items.forms import MEDIA
from server.items.item import FORMS, item
from server.items.page import page

ADDRESS: Final = re.compile(
    r"(?:/releases/(?P<release>[^/]+))?/collections/(?P<layer_id>[^/]+)/items(?:/(?P<feature_id>.*[^/]))?/?"
)
PAGE: Final = Route("/collections/<layer_id>/items", page, MEDIA, parameters=None)
ITEM: Final = Route("/collections/<layer_id>/items/<path:feature_id>", item, FORMS, parameters=None)


class ItemsRoad:
    """Answers requests whose decoded path matches ADDRESS."""

    def __init__(self, service: Service, catalogue: Catalogue) -> None:
        self._service = service
        self._catalogue = catalogue

    def answer(
        self, found: re.Match[str], environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Send a page of features or one of them."""
        names = {name: text for name, text in found.groupdict().items() if text is not None}
        release = names.pop("release", None)
        route = ITEM if "feature_id" in names else PAGE
        ask = make(self._service, self._catalogue, route, release, Incoming(environ))
        asking(ask)
        response = known(ask) or route.view(**names)
        sent: Iterable[bytes] = finish(ask, response)(environ, start)
        return sent
