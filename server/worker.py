"""What each process of the HTTP server loads: a WSGI callable that answers /healthz from its first moment.

Loading takes about two seconds (numba, the kernels, the release), so it is done beside: until then /readyz
says so, and whoever comes early waits a moment instead of being turned away. Any WSGI server can load it:

    BLUEPRINT_CONFIG=config/service.yml granian --interface wsgi server.worker:application

Rule here: nothing that takes long is imported before the thread that loads it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING, Any, Final

import config
from config.models import Service

if TYPE_CHECKING:
    from server.application import Server

LOGGER = logging.getLogger("blueprint")
#: Seconds that an early request waits.
PATIENCE: Final = 30.0
#: Path -> status, media type and document while the process is loading; None is any other path.
_EARLY: Final[Mapping[str | None, tuple[str, str, Mapping[str, Any]]]] = {
    "/healthz": ("200 OK", "application/json", {"status": "ok"}),
    "/readyz": (
        "503 Service Unavailable",
        "application/json",
        {"status": "loading", "reason": "still loading", "reason_zh": "正在加载"},
    ),
    None: (
        "503 Service Unavailable",
        "application/problem+json",
        {
            "type": "about:blank",
            "title": "Still loading",
            "status": 503,
            "detail": "Try again in a second",
            "i18n": {
                "zh": {"title": "正在加载", "detail": "请稍后再试"},
                "en": {"title": "Still loading", "detail": "Try again in a second"},
            },
        },
    ),
}


class Worker:
    """The WSGI callable of one process."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._server: Server | None = None
        self._warm = False
        self._loaded = Event()
        # One thread stays free, so that /healthz is answered however many wait.
        self._waiting = BoundedSemaphore(max(service.server.threads - 1, 1))
        Thread(target=self._load, name="load", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        server = self._server
        if server is None or (not self._warm and environ.get("PATH_INFO") == "/readyz"):
            return self._early(environ, start_response)
        return server(environ, start_response)

    def _early(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path not in _EARLY and self._waiting.acquire(blocking=False):
            try:
                self._loaded.wait(PATIENCE)
            finally:
                self._waiting.release()
            if self._server:
                return self._server(environ, start_response)
        status, media, document = _EARLY.get(path, _EARLY[None])
        headers = [
            ("Content-Type", media),
            ("Cache-Control", "no-store"),
            ("Access-Control-Allow-Origin", "*"),
        ]
        start_response(status, [*headers, ("Retry-After", "1")] if status.startswith("503") else headers)
        return [json.dumps(document, ensure_ascii=False).encode()]

    def _load(self) -> None:
        try:
            from releases import geometrytext, positions
            from server import health
            from server.application import Server
            from tiles.warm import warm

            server = Server(self._service)
            # Opens the current release, so that the first reader does not wait; what is wrong with it,
            # readers are told.
            health.reason(server.catalogue)
            self._server = server
            self._loaded.set()
            warm()
            positions.warm()
            geometrytext.warm()
            self._warm = True
        except BaseException:
            LOGGER.critical("the server cannot be loaded", exc_info=True)
            # A process that will never answer is worth less than one whose end its supervisor sees.
            os._exit(3)


logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
application = Worker(config.load(Path(os.environ["BLUEPRINT_CONFIG"]), os.environ))
