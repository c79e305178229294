"""The least that a server of tiles can do: send one body, made and compressed before the start, with a tile's headers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
HEADERS = [
    ("Cache-Control", "public, no-cache"),
    ("Vary", "Accept-Encoding"),
    ("Content-Encoding", "gzip"),
    ("ETag", '"0123456789abcdef-0123456789abcdef-gzip"'),
    ("Content-Type", "application/vnd.mapbox-vector-tile"),
    ("Content-Length", str(len(BODY))),
]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Send it."""
    start_response("200 OK", HEADERS)
    return [BODY]
