"""Load of many addresses on one server, made by wrk with walk.lua."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.load import UNITS, WRK
from bench.services import PeerMissing

SCRIPT = Path(__file__).with_name("walk.lua")


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
        command = [
            WRK,
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--latency",
            "--timeout",
            "60s",
        ]
        command += ["-s", str(SCRIPT), "-H", f"Accept-Encoding: {coding}", server]
        command += ["--", file.name, "once" if once else "again"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return parsed(text)


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
