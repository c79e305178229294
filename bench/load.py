"""Load on one address: how many answers a second, and the median time of one.

wrk (Debian package) makes the load where it is installed, since a Python client is slower than the servers measured;
else one keep-alive connection from Python does, and the result says so.
"""

from __future__ import annotations

import http.client
import re
import shutil
import statistics
import subprocess
import time
from typing import NamedTuple
from urllib.parse import urlsplit

WRK = shutil.which("wrk")
TOOL = "wrk, 1 thread, 4 connections" if WRK else "one keep-alive connection from Python"

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Rate(NamedTuple):
    """Answers a second; median seconds of one answer; bytes of one answer as transferred."""

    per_second: float
    median: float
    size: int


def measure(address: str, seconds: float) -> Rate:
    """Ask `address` again and again for `seconds`; an answer other than 200 is a RuntimeError, not a fast answer."""
    size = _check(address)
    per_second, median = _wrk(address, seconds) if WRK else _python(address, seconds)
    return Rate(per_second, median, size)


def _check(address: str) -> int:
    connection, target = _connect(address)
    connection.request("GET", target, headers={"Accept-Encoding": "identity"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}: {body[:300]!r}")
    return len(body)


def _wrk(address: str, seconds: float) -> tuple[float, float]:
    command = [
        WRK or "wrk",
        "-t1",
        "-c4",
        f"-d{max(1, round(seconds))}s",
        "--latency",
        "--timeout",
        "60s",
        address,
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{address} failed under load:\n{text}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    median = re.search(r"50%\s+([\d.]+)(us|ms|s|m)\b", text)
    if rate is None or median is None:
        raise RuntimeError(f"wrk printed no figures:\n{text}")
    return float(rate[1]), float(median[1]) * UNITS[median[2]]


def _python(address: str, seconds: float) -> tuple[float, float]:
    connection, target = _connect(address)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end or not times:
        connection.request("GET", target)
        connection.getresponse().read()
        times.append(time.perf_counter() - start)
    connection.close()
    return len(times) / sum(times), statistics.median(times)


def _connect(address: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(address)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return http.client.HTTPConnection(parts.netloc, timeout=120), target
