"""Only so many tiles are made at once and only so many wait: the others are told to come again, and at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from server import admission
from server.admission import Admission, Busy
from server.application import create_application
from tiles import mvt

TILE = "/collections/xzq_county/tiles/WebMercatorQuad/8/104/203"


def limited(service: Any, threads: int, queue: int) -> Any:
    """The service with so many threads and places, and no tiles on disk."""
    limits = service.limits.model_copy(update={"tile_queue": queue, "tile_disk_mb": 0})
    listen = service.server.model_copy(update={"threads": threads})
    return service.model_copy(update={"limits": limits, "server": listen})


def test_no_more_than_the_slots_are_at_work_and_no_more_than_the_queue_wait() -> None:
    gate, go, lock = Admission(2, 3), threading.Event(), threading.Lock()
    at_work, most = 0, 0

    def work(_: int) -> bool:
        nonlocal at_work, most
        try:
            with gate.admitted():
                with lock:
                    at_work += 1
                    most = max(most, at_work)
                go.wait(10)
                with lock:
                    at_work -= 1
                return True
        except Busy:
            return False

    with ThreadPoolExecutor(20) as threads:
        jobs = [threads.submit(work, at) for at in range(20)]
        while sum(job.done() for job in jobs) < 15:
            threading.Event().wait(0.01)
        assert not any(job.result() for job in jobs if job.done())
        go.set()
        assert sum(job.result() for job in jobs) == 5
    assert most == 2
    with gate.admitted():
        pass


def test_who_waits_too_long_is_refused_and_leaves_his_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "PATIENCE", 0.05)
    gate = Admission(1, 1)
    with gate.admitted():
        for _ in range(3):
            with pytest.raises(Busy), gate.admitted():
                pass
    with gate.admitted():
        pass


def test_a_tile_that_fails_frees_its_slot() -> None:
    gate = Admission(1, 0)
    for _ in range(3):
        with pytest.raises(OSError), gate.admitted():
            raise OSError
    with gate.admitted():
        pass


def test_refusals_are_counted_in_the_log_and_not_written_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    gate = Admission(1, 0)
    with gate.admitted():
        for _ in range(100):
            with pytest.raises(Busy), gate.admitted():
                pass
    assert len([one for one in caplog.records if "overloaded" in one.message]) == 1


def test_under_overload_a_new_tile_is_503_while_kept_ones_and_right_copies_are_served(
    published: Any,
    asker: Any,
    told: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask = asker(create_application(limited(published, threads=2, queue=1)))
    hot = ask(TILE, accept_encoding="gzip")
    go, begun = threading.Event(), threading.Semaphore(0)
    encode = mvt.encode_layer

    def slowly(*args: Any) -> bytes:
        begun.release()
        go.wait(20)
        return encode(*args)

    monkeypatch.setattr(mvt, "encode_layer", slowly)
    cold = [f"/collections/ghfq/tiles/WebMercatorQuad/9/{row}/406" for row in (208, 209)]
    with ThreadPoolExecutor(2) as threads:
        jobs = [threads.submit(ask, target) for target in cold]
        assert begun.acquire(timeout=10)
        # The other waits in the queue; whoever asks for the same tile waits with him, whoever asks for a third
        # is refused.
        for _ in range(200):
            refused = ask("/collections/ghfq/tiles/WebMercatorQuad/9/210/406")
            if refused.status == 503:
                break
            threading.Event().wait(0.01)
        assert refused.status == 503 and refused.headers["Retry-After"] == "1"
        assert told(refused)["code"] == "busy"
        assert "繁忙" in told(refused)["i18n"]["zh"]["title"]
        assert ask(TILE, accept_encoding="gzip").body == hot.body
        assert ask(TILE, accept_encoding="gzip", if_none_match=hot.headers["ETag"]).status == 304
        unseen = ask("/collections/ghfq/tiles/WebMercatorQuad/9/210/406", if_none_match="*")
        assert unseen.status == 304
        go.set()
        assert {job.result().status for job in jobs} == {200}
    assert ask("/collections/ghfq/tiles/WebMercatorQuad/9/210/406").status == 200
    assert "Traceback" not in caplog.text
