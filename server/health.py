"""Whether the process is alive, and whether it can answer: two questions that balancers ask (no release needed)."""

from __future__ import annotations

from threading import Event
from typing import Any

import orjson
from flask import Response

from releases.history import HistoryDamaged
from releases.release import Catalogue
from releases.store import NotFound, ReleaseDamaged, ReleaseGone


class Readiness:
    """Why a worker is not ready yet, if so: its kernels are still being loaded, or no release can be opened."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.warm = Event()

    def reasons(self) -> list[str]:
        """The reasons, none when all is well."""
        found = [] if self.warm.is_set() else ["kernels are being loaded"]
        try:
            self._catalogue.current()
        except (NotFound, ReleaseGone, ReleaseDamaged, HistoryDamaged) as fault:
            found.append({NotFound: "nothing is published"}.get(type(fault).__mro__[1], "the release cannot be opened"))
        return found


def healthz() -> Response:
    """The process answers."""
    return _answer(200, {"status": "ok"})


def readyz(readiness: Readiness) -> Response:
    """The process answers from a release, or says why not."""
    reasons = readiness.reasons()
    return _answer(503, {"status": "not ready", "reasons": reasons}) if reasons else _answer(200, {"status": "ready"})


def _answer(status: int, body: dict[str, Any]) -> Response:
    response = Response(orjson.dumps(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
