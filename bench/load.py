"""Load on one server, made by wrk with walk.lua, since a client in Python is slower than the servers measured.

Only where one answer takes longer than a whole measurement may last does Python ask, and wait for it.
"""

from __future__ import annotations

import http.client
import itertools
import math
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.services import PeerMissing

WRK = shutil.which("wrk")
SCRIPT = Path(__file__).with_name("walk.lua")
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
#: Seconds to wait for one answer.
PATIENCE = 120


class Answers(NamedTuple):
    """Answers a second; seconds in which half and 99 of 100 came; bytes of one on the wire, headers included.

    `refused` is the share of answers that were no 2xx, of which none counts as an answer.
    """

    per_second: float
    median: float
    slowest: float
    size: float
    answers: int
    refused: float


class Unable(RuntimeError):
    """The server answered with errors, or not at all; the text is what wrk said."""


def measure(
    server: str, paths: Iterable[str], connections: int, seconds: float, once: bool, coding: str = "gzip"
) -> Answers:
    """Ask for each path again and again for `seconds`, or each `once` for so long at most.

    gzip is accepted, as browsers do, unless `coding` says otherwise. Unable when no answer is a 2xx.
    """
    if WRK is None:
        raise PeerMissing("no load generator: apt-get install wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{path}\n" for path in paths))
        file.flush()
        command = [WRK, "-t1", f"-c{connections}", f"-d{math.ceil(seconds) + 1}s", "--latency"]
        command += [
            "--timeout",
            f"{PATIENCE}s",
            "-s",
            str(SCRIPT),
            "-H",
            f"Accept-Encoding: {coding}",
            server,
        ]
        command += ["--", file.name, "once" if once else "again"]
        program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            text = program.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            # wrk knows whole seconds only; interrupted, it prints what it has.
            program.send_signal(signal.SIGINT)
            text = program.communicate(timeout=PATIENCE)[0]
    return parsed(text)


def wait(
    server: str, paths: Sequence[str], connections: int, seconds: float, coding: str = "identity"
) -> Answers:
    """Ask for the paths in turn, each connection until `seconds` are over and its answer is whole.

    Unable when an answer is refused or does not come.
    """
    taken: list[tuple[float, int]] = []
    began = time.perf_counter()

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=PATIENCE)
        for at in itertools.count(first, connections):
            start = time.perf_counter()
            connection.request("GET", paths[at % len(paths)], headers={"Accept-Encoding": coding})
            answer = connection.getresponse()
            size = len(answer.read())
            if answer.status != 200:
                raise Unable(f"{server}{paths[at % len(paths)]} answered {answer.status}")
            taken.append((time.perf_counter() - start, size))
            if time.perf_counter() - began > seconds:
                break
        connection.close()

    try:
        with ThreadPoolExecutor(connections) as pool:
            list(pool.map(ask, range(connections)))
    except (OSError, http.client.HTTPException) as fault:
        raise Unable(f"{server} did not answer: {fault!r}") from fault
    spent = time.perf_counter() - began
    times = [one for one, _ in taken]
    size = sum(size for _, size in taken) / len(taken)
    return Answers(len(taken) / spent, statistics.median(times), max(times), size, len(taken), 0.0)


def parsed(text: str) -> Answers:
    """What wrk printed as figures."""
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m), ([\d.]+)(B|KB|MB|GB) read", text)
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    refused = int(other[1]) if other else 0
    if total is None or "Socket errors" in text or int(total[1]) <= refused:
        raise Unable(text)
    count = int(total[1])
    read = float(total[4]) * 1024 ** ("B", "KB", "MB", "GB").index(total[5])
    return Answers(
        per_second=(count - refused) / (float(total[2]) * UNITS[total[3]]),
        median=_latency(text, "50%"),
        slowest=_latency(text, "99%"),
        size=read / count,
        answers=count - refused,
        refused=refused / count,
    )


def _latency(text: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", text)
    if found is None:
        raise Unable(text)
    return float(found[1]) * UNITS[found[2]]
