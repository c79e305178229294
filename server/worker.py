"""What each process of the HTTP server loads: the application, its kernels warmed beside the first answers."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Thread

import config
from server.application import Server

logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
os.environ.setdefault("PROJ_NETWORK", "OFF")

application = Server(config.load(Path(os.environ["BLUEPRINT_CONFIG"]), os.environ))


def _warm() -> None:
    """Load kernels and open the release, so that the first reader does not wait for either."""
    from tiles.warm import warm

    warm()
    application.readiness.warm.set()


Thread(target=_warm, name="warm", daemon=True).start()
