"""`blueprint serve`: Granian with the processes and threads that the configuration names."""

from __future__ import annotations

import ctypes
import errno
import http.client
import json
import logging
import multiprocessing
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.cli.exits import Exit, Stopped
from server.cli.language import say
from server.cli.setting import service

if TYPE_CHECKING:
    from config.models import Service

#: Seconds that a worker has to end the answers it has begun.
GRACE = 10
#: Seconds between two looks at whether the first worker is ready.
PAUSE = 0.05
#: Settings by their numbers in malloc.h.
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3


@click.command(
    "serve",
    help=say(
        "启动 HTTP 服务，直至收到中断（Ctrl-C）或 SIGTERM。发布新版次后，各工作进程一秒内换用，无须重启。",
        "Answer over HTTP until interrupted (Ctrl-C) or told to end (SIGTERM). All workers pick up a newly published release "
        "within a second, no restart needed.",
    ),
    epilog=say(
        "例：blueprint serve --port 8080   HOST=0.0.0.0 BLUEPRINT_URL=https://example.org blueprint serve",
        "Examples: blueprint serve --port 8080   HOST=0.0.0.0 BLUEPRINT_URL=https://example.org blueprint serve",
    ),
)
@click.option("--host", help=say("监听地址", "Address to listen on") + " [HOST]")
@click.option(
    "--port", help=say("监听端口，0 为任一空闲端口", "Port to listen on, 0 for any free one") + " [PORT]"
)
@click.option("--workers", help=say("工作进程数", "Worker processes") + " [BLUEPRINT_WORKERS]")
@click.pass_obj
def command(config: Path, host: str | None, port: str | None, workers: str | None) -> None:
    """Serve."""
    chosen = service(config, {"HOST": host, "PORT": port, "BLUEPRINT_WORKERS": workers})
    listen = chosen.server
    free = claim(listen.host, listen.port)
    # Forked, so that a worker does not read again what is read already (0.4 s); therefore who announces is a process
    # as well: to fork beside a thread would copy its locks and not the thread.
    fork = multiprocessing.get_context("fork")
    fork.Process(target=_announce, args=(chosen, free, os.getpid()), name="announce", daemon=True).start()
    multiprocessing.set_start_method("fork", force=True)
    # Imported behind the checks: a taken port is told at once.
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    lean()
    # It warns of more threads than processors; ours wait, by intention, and the warning would come at every start.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    Granian(
        "server.worker:application",
        address=listen.host,
        port=free,
        interface=Interfaces.WSGI,
        workers=listen.workers,
        # Beside those that work, those that wait for a tile to be made.
        blocking_threads=listen.threads + chosen.limits.tile_queue,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    ).serve()


def lean() -> None:
    """Have this process and those forked from it give back the memory that they no longer need.

    glibc has an arena for each of a worker's many threads, and each keeps what its largest answer took: twenty walks
    over a million features at once take 165 MB more than none, with two arenas 120 MB in the same time. What is larger
    than a mebibyte is the system's again at once; else glibc would learn to keep that too, as Arrow's own allocator does.
    Another C library has neither setting.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 2**20)


def claim(host: str, port: int) -> int:
    """The port to listen on, free at this moment; Stopped when it is taken, forbidden, or the host is none of ours.

    Granian's workers share a port by SO_REUSEPORT, and so would a second server with the first, unnoticed: each would
    get half of the requests. A socket without that option finds out.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
            return int(probe.getsockname()[1])
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            zh, en = (
                f"端口 {host}:{port} 已被占用，请改用 --port",
                f"{host}:{port} is taken: choose another --port",
            )
        elif fault.errno == errno.EACCES:
            zh, en = f"无权监听 {host}:{port}", f"not allowed to listen on {host}:{port}"
        else:
            zh, en = f"无法监听 {host}:{port}：{fault}", f"cannot listen on {host}:{port}: {fault}"
        raise Stopped(Exit.SYSTEM, zh, en) from fault


def _announce(chosen: Service, port: int, server: int) -> None:
    """Print where the pages are as soon as a worker is ready, and once if only a release is missing.

    Ends with the process `server`, however that ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    host = chosen.server.host
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
    base = (chosen.url or f"http://{f'[{near}]' if ':' in near else near}:{port}").rstrip("/")
    told = False
    while (found := _readiness(near, port)) is None or found["status"] != "ready":
        if os.getppid() != server:
            return
        if found is not None and found["status"] == "not ready" and not told:
            told = True
            why = say(f"服务已启动，但{found['reason_zh']}", f"the server is up, but {found['reason']}")
            hint = say(
                "发布后立即可用：blueprint publish", "it answers as soon as you run: blueprint publish"
            )
            click.secho(f"{why}; {hint}", fg="yellow")
        time.sleep(PAUSE)
    click.secho(say("服务就绪，Ctrl-C 停止", "ready; Ctrl-C stops it"), fg="green")
    click.echo(
        say(f"  地图  {base}/map\n  首页  {base}/", f"  map           {base}/map\n  landing page  {base}/")
    )


def _readiness(host: str, port: int) -> dict[str, str] | None:
    """What /readyz says: `status` is "loading", "not ready" or "ready"; None when nobody answers yet."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        document: dict[str, str] = json.loads(connection.getresponse().read())
        return document
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
