"""The routes of this room."""

from __future__ import annotations

from typing import Final

from server.ask import Route
from server.changes import versions
from server.changes.layer import FORMS, changes
from server.changes.overview import overview

ROUTES: Final = (
    Route("/changes", overview, parameters=None),
    Route("/collections/<layer_id>/changes", changes, FORMS, parameters=None),
    *versions.ROUTES,
)
