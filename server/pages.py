"""All routes that describe what is published: documents for programs, pages for people."""

from __future__ import annotations

from typing import Final

from server import (
    codelists,
    collections,
    conformance,
    functions,
    landing,
    map,
    openapi,
    proof,
    releases,
    report,
    schema,
    styles,
    tile_matrix_sets,
    tilesets,
)
from server.ask import Route
from server.changes import routes as changes

ROUTES: Final[tuple[Route, ...]] = (
    *landing.ROUTES,
    *conformance.ROUTES,
    *openapi.ROUTES,
    *collections.ROUTES,
    *schema.ROUTES,
    *codelists.ROUTES,
    *functions.ROUTES,
    *tile_matrix_sets.ROUTES,
    *tilesets.ROUTES,
    *styles.ROUTES,
    *map.ROUTES,
    *releases.ROUTES,
    *report.ROUTES,
    *changes.ROUTES,
    *proof.ROUTES,
)
