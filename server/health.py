"""Whether the process lives and whether it can answer: the two questions that balancers and supervisors ask.

Answered in front of everything else; `worker.py` answers both while a process is still loading what this file
imports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from config.models import Text
from releases.history import HistoryDamaged
from releases.release import Catalogue, NothingPublished
from releases.store import NotFound, ReleaseDamaged, ReleaseGone

LIVE: Final = "/healthz"
READY: Final = "/readyz"

#: What keeps a process from answering, without a word about where its files are; the first that fits.
_REASONS: dict[type[Exception], Text] = {
    NothingPublished: Text(zh="尚未发布任何版次", en="nothing is published yet"),
    HistoryDamaged: Text(zh="发布记录已损坏", en="the history of releases is damaged"),
    ReleaseDamaged: Text(zh="当前版次已损坏", en="the current release is damaged"),
    ReleaseGone: Text(zh="当前版次的数据已不在", en="the current release's data are gone"),
    NotFound: Text(zh="当前版次不存在", en="the current release is not there"),
    OSError: Text(zh="已发布的数据无法读取", en="published data cannot be read"),
}


def reason(catalogue: Catalogue) -> Text | None:
    """What keeps the process from answering from a release; None when nothing does."""
    try:
        catalogue.current()
    except tuple(_REASONS) as fault:
        return next(text for kind, text in _REASONS.items() if isinstance(fault, kind))
    return None


def answer(path: str, catalogue: Catalogue, start_response: Callable[..., Any]) -> list[bytes]:
    """Answer LIVE with 200, READY with 200 or with 503 and the reason in both languages."""
    why = reason(catalogue) if path == READY else None
    if why is None:
        status, body = "200 OK", {"status": "ready" if path == READY else "ok"}
    else:
        status = "503 Service Unavailable"
        body = {"status": "not ready", "reason": why.en, "reason_zh": why.zh}
    text = orjson.dumps(body)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(text))),
        ("Cache-Control", "no-store"),
    ]
    if why is not None:
        headers.append(("Retry-After", "1"))
    start_response(status, headers)
    return [text]
